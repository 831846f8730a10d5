"""What operators are shown: figures, people, key rings, deliveries and uploads, each by what its page is for."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Tenant, User
from accounts.selectors import address_index
from accounts.services.sign_in_limits import failure_count, failures_check
from exchange.models import Delivery, Job, Upload
from tests.portal.conftest import CONTENT_BYTES, World, message
from tests.portal.operators import HOME, Desk
from vault.models import KeyRing
from vault.services import ring_rotate, ring_shred

pytestmark = pytest.mark.django_db
_FACT = re.compile(r"<div><dt>([^<]+)</dt><dd>(.*?)</dd></div>", re.S)


def facts(page: str) -> dict[str, str]:
    """What a page of a row shows, without marks."""
    return {name: re.sub(r"<[^>]*>", "", value).strip() for name, value in _FACT.findall(page)}


def columns(page: str) -> list[str]:
    """Headings of a list."""
    head = page[page.index("<thead>") : page.index("</thead>")]
    return [re.sub(r"<[^>]*>|\W+$", "", one).strip() for one in re.findall(r"<th[^>]*>(.*?)</th>", head, re.S)]


def test_the_front_page_says_by_figures_whether_it_is_well(ops: Desk, world: World):
    well = ops.get(HOME)
    assert 'class="look"' not in well
    for part in ("Database", "Cache", "Queue", "Jobs held", "Jobs waiting", "Jobs running", "Mails failing", "Stored"):
        assert part in well, part
    held = message(world.owner, [world.reader.login]).members["id"]
    with scopes_disabled():
        since = timezone.now() - timedelta(hours=3, minutes=5)
        Job.objects.filter(message_id=held).update(state="held", code="no_space", queued_at=since, created_at=since)
    ill = ops.get(HOME)
    figure = re.search(r'<div class="look"><dt><a[^>]*>([^<]+)</a></dt><dd>(\d+)</dd><dd class="quiet">([^<]+)', ill)
    assert figure.groups() == ("Jobs held", "1", "oldest 3 h")


def test_small_charts_say_the_same_in_words(ops: Desk, world: World):
    with scopes_disabled():
        sent = AuditEvent.objects.filter(action="message.sent").count()
    assert sent > 0
    today = timezone.now()
    charts = re.findall(r'<svg[^>]* role="img" aria-label="([^"]+)"[^>]*>(.*?)</svg>', ops.get(HOME), re.S)
    assert [words.split(" by day: ")[0] for words, _ in charts] == [
        "Sign-ins", "Messages sent", "Deliveries", "Messages held",
    ]  # fmt: skip
    words, bars = charts[1]
    days = words.split(": ", 1)[1].split(", ")
    assert days[-1] == f"{today.day} {today:%b}: {sent}"
    assert len(days) == bars.count("<rect") == 14
    assert bars.count('opacity="0.25"') == 13, "days without any"


def test_a_person_s_state_last_sign_in_and_pause_which_an_operator_ends(ops: Desk, people: World):
    index = address_index(people.owner.login)
    with scopes_disabled():
        row = User.objects.get(login_index=index)
    place = f"/admin/accounts/user/{row.id}/"
    shown = facts(ops.get(place))
    assert (shown["State"], shown["Paused after wrong passwords"], shown["Live sessions"]) == ("active", "no", "1")
    assert shown["Last sign-in"] == f"{row.signed_in_at:%-d %b %Y %H:%M}"
    assert ops.http.get(f"{place}clear/").status_code == 404
    for _ in range(5):
        failure_count(index)
    assert facts(ops.get(place))["Paused after wrong passwords"] != "no"


@pytest.mark.django_db(transaction=True)
def test_a_pause_is_ended_at_once(ops: Desk, people: World):
    index = address_index(people.owner.login)
    with scopes_disabled():
        row = User.objects.get(login_index=index)
    for _ in range(5):
        failure_count(index)
    place = f"/admin/accounts/user/{row.id}/"
    assert ops.post(f"{place}clear/").status_code == 302
    assert facts(ops.get(place))["Paused after wrong passwords"] == "no"
    failures_check(index)
    with scope(tenant=Tenant(id=row.tenant_id)):
        cleared = AuditEvent.objects.get(action="user.backoff_cleared")
    assert (cleared.actor, cleared.subject, cleared.details) == (None, row.id, {"operator": ops.number})


def ring_of(owner: str) -> KeyRing:
    """A ring, which PostgreSQL shows within its organisation or across all of them."""
    with scopes_disabled():
        return KeyRing.objects.get(owner=owner)


def test_key_rings_show_versions_states_and_counts(ops: Desk, world: World):
    owner = f"tenant:{world.tenants['aster']}"
    ring_rotate(owner=owner)
    ring = ring_of(owner)
    page = ops.get(f"/admin/vault/keyring/{ring.id}/")
    shown = facts(page)
    assert (shown["Owner"], shown["State"], shown["Current version"]) == ("Aster", "in use", "2")
    assert int(shown["Objects with a key of it"]) > 0
    versions = re.findall(r"<tr><td>(\d+)</td><td><span[^>]*>([^<]+)</span></td>", page)
    assert versions == [("2", "current"), ("1", "opens only")]
    ring_shred(owner=f"tenant:{world.tenants['cedar']}")
    gone = ring_of(f"tenant:{world.tenants['cedar']}").id
    assert facts(ops.get(f"/admin/vault/keyring/{gone}/"))["State"] == "destroyed"
    listed = {state: ops.get(f"/admin/vault/keyring/?state={state}") for state in ("in_use", "destroyed")}
    assert [state for state, one in listed.items() if str(ring.id) in one] == ["in_use"]
    assert [state for state, one in listed.items() if str(gone) in one] == ["destroyed"]


def test_deliveries_and_uploads_are_states_sizes_and_times(ops: Desk, world: World):
    with scopes_disabled():
        delivery, upload = Delivery.objects.get(), Upload.objects.get(id=world.places["open_upload"])
    listed = {name: columns(ops.get(f"/admin/exchange/{name}/")) for name in ("delivery", "upload")}
    assert listed == {
        "delivery": ["Id", "Organisation", "State", "Documents", "Size", "Delivered at", "Expires at"],
        "upload": ["Id", "Organisation", "State", "Size", "Parts stored", "Created at", "Expires at"],
    }
    shown = facts(ops.get(f"/admin/exchange/delivery/{delivery.id}/"))
    assert shown.keys() == {
        "Organisation", "State", "Message", "Documents", "Size", "Sent", "Delivered", "Opened", "Downloaded", "Expires",
        "Most downloads", "Archived", "Recalled", "Erased",
    }  # fmt: skip
    size = shown["Size"].replace("\N{NO-BREAK SPACE}", " ")
    assert (shown["Organisation"], shown["Documents"], size) == ("Birch", "1", f"{len(CONTENT_BYTES) / 1024:.1f} KB")
    begun = facts(ops.get(f"/admin/exchange/upload/{upload.id}/"))
    assert begun.keys() == {"Organisation", "State", "Size", "Parts stored", "Begun", "Expires"}
    assert (begun["State"], begun["Parts stored"]) == (upload.state, "0")
