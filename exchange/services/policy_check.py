"""What a message may be by the rules of everybody concerned, and whose rule it is that stands against it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.errors import PolicyRefused
from accounts.models import Tenant
from accounts.rules import Policy, Ruling, Terms, effective_policy, rulings_of, type_admitted
from accounts.selectors import terms_between
from exchange.steps.kinds import kind_words, type_by_name

CONNECTION, PARTNER, OUTSIDER = "connection", "partner", "outsider"
_WHOSE = {
    "platform": "this server's own policy",
    "organisation": "your organisation's policy",
    CONNECTION: "the terms agreed on with {name}",
    PARTNER: "the policy of {name}",
    OUTSIDER: "the policy of the organisation that this goes to",
}
_WHO = {
    "platform": "One of your organisation's admins can set another for it.",
    "organisation": "One of your organisation's admins can change it.",
    CONNECTION: "An admin of either organisation can change them.",
    PARTNER: "One of their admins can change it.",
    OUTSIDER: "Ask who gave you the link.",
}

_SENTENCES = {
    "type_refused": "{kind} are refused by {whose}. Nothing was delivered. {who}",
    "not_scanned": "A document could not be scanned, and {whose} holds such messages. Nothing was delivered. {who}",
    "infected": "A document contains malware, so it was destroyed and nothing was delivered, as {whose} wants. {who}",
}


@dataclass(frozen=True, slots=True)
class Objection:
    """The rule that stands against something, whose it is, and of which tenant where not the sender's."""

    policy: str
    set_by: str
    tenant: UUID | None = None
    media_type: str = ""

    def whose(self, name: str = "") -> str:
        """The rule's owner in words; `name` is a partner's."""
        return _WHOSE[self.set_by].format(name=name or "a recipient's organisation")

    def who(self) -> str:
        """Who can change it, as a sentence."""
        return _WHO[self.set_by]


@dataclass(frozen=True, slots=True)
class Party:
    """One whose rules are asked: the sender's organisation, a connection, or a recipient's organisation."""

    rules: Policy | Terms
    tenant: Tenant | None = None
    ruling: Ruling | None = None  # the sender's own, which tells what is the platform's
    outsider: bool = False

    def objection(self, member: str, media_type: str = "") -> Objection:
        """That this party's rule objects."""
        if self.ruling:
            set_by = OUTSIDER if self.outsider else self.ruling.set_by(member)
        else:
            set_by = CONNECTION if isinstance(self.rules, Terms) else PARTNER
        return Objection(member, set_by, self.tenant.id if self.tenant else None, media_type)


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody whose rules a message is under, the sender first."""

    every: tuple[Party, ...]

    @property
    def effective(self) -> Policy:
        """What holds for all of them together."""
        sender, *others = (party.rules for party in self.every)
        assert isinstance(sender, Policy)
        policies = [one for one in others if isinstance(one, Policy)]
        return effective_policy(sender, policies, [one for one in others if isinstance(one, Terms)])

    def first(self, member: str, objects: Callable[[Any], bool]) -> Objection | None:
        """The first whose value of a member objects."""
        values = ((party, getattr(party.rules, member, None)) for party in self.every)
        found = next((party for party, value in values if value is not None and objects(value)), None)
        return found.objection(member) if found else None

    def type_objection(self, types: Iterable[str]) -> Objection | None:
        """The first who does not let one of a document's types through, that of its name or that of its content."""
        types = list(types)
        for party in self.every:
            refused, allowed = party.rules.types_refused, party.rules.types_allowed
            for media_type in types:
                if not type_admitted(media_type, allowed=(), refused=refused):
                    return party.objection("types_refused", media_type)
                if not type_admitted(media_type, allowed=allowed, refused=()):
                    return party.objection("types_allowed", media_type)
        return None

    def name(self, objection: Objection) -> str:
        """The name of the organisation that objects, where it is not the sender's own."""
        return next((one.tenant.name for one in self.every if one.tenant and one.tenant.id == objection.tenant), "")

    def refuse(self, objection: Objection, said: str, *, done: str = "sent", **members: Any) -> None:
        """PolicyRefused in few words: `said` goes on with whose rule it is, and with what was not done."""
        set_by = "organisation" if objection.set_by == OUTSIDER else objection.set_by
        sentence = f"{said} by {objection.whose(self.name(objection))}. Nothing was {done}. {objection.who()}"
        raise PolicyRefused(sentence, policy=objection.policy, set_by=set_by, **members)


def parties_of(tenant: Tenant, recipients: Iterable[Tenant] = (), *, outsider: bool = False) -> Parties:
    """Who has a say in what goes from one tenant to others, connections included; three queries, however many."""
    others = {one.id: one for one in recipients if one.id != tenant.id}
    rulings = rulings_of([tenant.id, *others])
    sender, terms = rulings[tenant.id], terms_between(sender_id=tenant.id, recipient_ids=others)
    agreed = [Party(one, others[tenant_id]) for tenant_id, both in terms.items() for one in both]
    partners = [Party(rulings[one.id].policy, one) for one in others.values()]
    return Parties((Party(sender.policy, None, sender, outsider), *agreed, *partners))


def name_check(parties: Parties, name: str) -> None:
    """PolicyRefused where a document's name announces a type that somebody does not let through."""
    announced = type_by_name(name)
    if announced and (objection := parties.type_objection([announced])):
        parties.refuse(objection, f"{kind_words(announced)} are refused")


def days_check(parties: Parties, days: int, *, done: str = "sent") -> None:
    """PolicyRefused with `limit` where a message would be available for longer than somebody allows."""
    most = parties.effective.expires_days_most
    if days > most and (objection := parties.first("expires_days_most", lambda value: value == most)):
        parties.refuse(objection, f"A message may be available for {most} days at most", done=done, limit=most)


def size_check(parties: Parties, size: int) -> None:
    """PolicyRefused with `limit` where the terms of a connection let no document of that size pass."""
    for party in parties.every:
        most = party.rules.upload_max if isinstance(party.rules, Terms) else None
        if most is not None and size > most:
            said = f"A document may have {most:,} bytes at most"
            parties.refuse(party.objection("upload_max"), said, limit=most)


def objection_sentence(code: str, kept: dict[str, Any], organisation: str) -> str:
    """Why a message was stopped, whose rule it is and who can change it; `organisation` is a partner's name."""
    objection = Objection(kept["policy"], kept["set_by"], media_type=kept.get("type", ""))
    words = {"whose": objection.whose(organisation), "who": objection.who(), "kind": kind_words(objection.media_type)}
    return _SENTENCES[code].format(**words)
