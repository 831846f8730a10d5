"""People: who they are to the server, and what an operator may do where somebody cannot sign in.

No page sets a password: a new passphrase takes two operators, is shown to the second once, and serves to sign in once.
"""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.actor import Actor
from accounts.admin.names import login_of, name_of
from accounts.admin.pages import OrganisationFilter, TenantRowsPage
from accounts.models import Reissue, Session, SharedKey, User
from accounts.selectors import address_index
from accounts.services import (
    backoff_clear,
    reissue_approve,
    reissue_decline,
    reissue_request,
    user_sign_out,
)
from accounts.services.factors import factors_count
from accounts.services.sign_in_limits import pauses_of
from sealpost.crypto.kdf import SECRET
from vault.admin.moves import Move, Once
from vault.admin.pages import NOTHING, Panel, badge


def _paused_until(row: User) -> datetime | None:
    index = bytes(row.login_index or b"")
    until = pauses_of([index]).get(index) if index else None
    return datetime.fromtimestamp(until, UTC) if until else None


def _reissue_open(row: User) -> Reissue | None:
    asked = Reissue.objects.filter(user=row, state=Reissue.State.REQUESTED, expires_at__gt=timezone.now())
    return asked.first()


def _place(row: User, operator: str) -> dict[str, Any]:
    return {"tenant_id": row.tenant_id, "user_id": row.id, "by": Actor(operator)}


def _clear(row: User, operator: str) -> str:
    backoff_clear(**_place(row, operator))
    return "The pause after wrong passwords is over; the next try counts as the first."


def _sign_out(row: User, operator: str) -> str:
    return f"Signed out: {user_sign_out(**_place(row, operator))} sessions ended."


def _ask(row: User, operator: str) -> str:
    reissue_request(**_place(row, operator))
    return "A new passphrase is asked for. Another operator has to approve it within a day."


def _approve(row: User, operator: str) -> Once:
    issued = reissue_approve(**_place(row, operator))
    return Once(
        "New passphrase", f"For {issued.login}. It is shown this once: pass it on by another way than this system. "
        "It serves to sign in once, and an own password is chosen then.", issued.passphrase,
    )  # fmt: skip


def _decline(row: User, operator: str) -> str:
    reissue_decline(**_place(row, operator))
    return "Declined. Nothing was changed for this person."


def _may_ask(row: User) -> bool:
    there = row.state == User.State.ACTIVE and row.role != User.Role.DEPOSITOR
    return there and _reissue_open(row) is None


def _asked_here(row: User) -> bool:
    asked = _reissue_open(row)
    return asked is not None and asked.by_operators


_MOVES = [
    Move(
        "clear",
        "End the pause",
        "Wrong passwords pause a login, for 15 minutes at most. This ends the pause at once.",
        _clear,
        possible=lambda row: _paused_until(row) is not None,
    ),
    Move(
        "sign-out",
        "Sign out everywhere",
        "Every session of this person ends with its next request. Drafts and uploads are kept.",
        _sign_out,
        possible=lambda row: row.state == User.State.ACTIVE,
    ),
    Move(
        "reissue",
        "Ask for a new passphrase",
        "For somebody who has forgotten theirs, in an organisation without two admins who could help. Another operator "
        "has to approve it within a day. Until then nothing changes.",
        _ask,
        possible=_may_ask,
    ),
    Move(
        "approve",
        "Approve the new passphrase",
        "You know by another way that it is this person who asks. Their sessions, keys and second factor end, "
        "and their documents stay. The passphrase is shown to you, once.",
        _approve,
        possible=_asked_here,
        harm=True,
    ),
    Move(
        "decline",
        "Decline the new passphrase",
        "Nothing changes for this person.",
        _decline,
        possible=lambda row: _reissue_open(row) is not None,
    ),
]


class PersonPage(TenantRowsPage):
    codes = ("people", "person")
    title = "People"
    list_display = ["signs_in_as", "called", "organisation", "role", "condition", "signed_in_at", "created_at"]
    list_display_links = ["signs_in_as"]
    list_filter = [OrganisationFilter, "state", "role"]
    ordering = ["-created_at", "id"]
    search_fields = ["id"]
    search_help_text = "A whole login"
    moves = _MOVES

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return (queryset.filter(login_index=address_index(search_term)) if search_term else queryset), False

    def name_of(self, row: User) -> str:
        return login_of(row)

    @admin.display(description="login")
    def signs_in_as(self, row: User) -> str:
        return login_of(row)

    @admin.display(description="name")
    def called(self, row: User) -> str:
        return name_of(row)

    @admin.display(description="state", ordering="state")
    def condition(self, row: User) -> Any:
        return badge(row.state)

    def facts(self, row: User) -> list[tuple[str, Any]]:
        key = (
            SharedKey.objects.filter(user=row, retired_at=None)
            .defer("wrapped_shared_key", "wrapped_login_keys")
            .first()
        )
        factor = bool(factors_count(row))
        live = Session.objects.filter(user=row, ended_at=None, expires_at__gt=timezone.now()).count()
        return [
            ("Name", name_of(row)),
            ("Organisation", self.organisation(row)),
            ("Role", row.role),
            ("State", self.condition(row)),
            ("Id", row.id),
            ("Made", row.created_at),
            ("Last sign-in", row.signed_in_at or NOTHING),
            ("Removed", row.removed_at or NOTHING),
            ("Paused after wrong passwords", _paused_until(row) or "no"),
            ("Live sessions", live),
            ("Second factor", "yes" if factor else "no"),
            ("Signs in by", _means(key)),
        ]

    def panels(self, row: User) -> list[Panel]:
        rows = [
            (one.created_at, badge(one.state), _who(one.requested_by, one), _who(one.decided_by, one), one.expires_at)
            for one in Reissue.objects.filter(user=row).order_by("-created_at")[:20]
        ]
        return [Panel("New passphrases", ["Asked", "State", "Asked by", "Decided by", "Expires"], rows)]


def _means(key: SharedKey | None) -> str:
    if key is None:
        return "nothing yet"
    if key.suite == SECRET.suite:
        return "the secret of a partner system"
    return "an issued passphrase, once" if key.issued else "an own password"


def _who(name: str, row: Reissue) -> str:
    if not name:
        return NOTHING
    return f"operator {name}" if row.by_operators and "-" not in name else "an admin"
