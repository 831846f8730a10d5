"""Three organisations, their partner systems, and one message on its whole way."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.selectors import address_index
from accounts.services import connection_create, user_invite, user_issue
from exchange.models import Job
from exchange.services import job_run
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.stream import header_new, seal_stream
from sealpost.protocol.content import object_key
from tests.accounts.conftest import organisation
from tests.accounts.security_key import SoftwareKey
from tests.portal.caller import CONTENT, ORIGIN, Answer, Caller, caller
from tests.portal.operators import Desk, desk

WORDS = {"subject": "Subject-of-the-canary", "note": "Note-of-the-canary", "name": "Name-of-the-canary.txt"}
CONTENT_BYTES = b"Content-of-the-canary " * 100


@dataclass
class World:
    """Aster has owner, teammate and admin; Birch, connected, the reader and an admin, the chief; Cedar the outsider.

    `places` is what was sent and made, and the people whom admins look after.
    """

    owner: Caller
    teammate: Caller
    reader: Caller
    outsider: Caller
    admin: Caller
    chief: Caller
    tenants: dict[str, UUID]
    places: dict[str, str] = field(default_factory=dict)

    def ids(self, names: Iterable[str]) -> list[str]:
        """The ids of these places."""
        return [self.places[name] for name in names]


@pytest.fixture
def people(db) -> World:
    return people_signed_in()


def people_signed_in() -> World:
    """Everybody signed in, nothing sent."""
    made, tenants = {}, {}
    everybody = {"aster": ["owner", "teammate", "admin"], "birch": ["reader", "chief"], "cedar": ["outsider"]}
    for name, members in everybody.items():
        tenant = tenants[name] = organisation(name.title())
        for member in members:
            role = "admin" if member in {"admin", "chief"} else "member"
            login = f"{member}@{name}.example"
            issued = user_issue(tenant=tenant, login=login, name=member, role=role, kind="machine")
            made[member] = caller(issued.login, issued.passphrase)
    with scopes_disabled():
        user_invite(tenant=tenants["aster"], login="clerk@aster.example", name="Clerk")
    connection_create(first=tenants["aster"], second=tenants["birch"])
    return World(**made, tenants={name: tenant.id for name, tenant in tenants.items()})


@pytest.fixture
def ops(db) -> Desk:
    """An operator, signed in."""
    return desk()


def partnered(people: World) -> dict[str, str]:
    """A connection of Aster with an organisation in which nobody asks anything, another that Aster has suspended, a
    proposal of Aster's and one to it; their ids."""
    tenants = [organisation(name) for name in ("Dew", "Elm", "Fir")]
    aster = user_tenant(people.tenants["aster"])
    places = {
        name: str(connection_create(first=aster, second=tenant).id)
        for name, tenant in zip(("connection", "suspended"), tenants, strict=False)
    }
    assert people.admin.ask("POST", f"/api/v1/connections/{places['suspended']}/suspend", {}).members == {}
    proposal = people.admin.ask("POST", "/api/v1/proposals", {"address": "nobody@nowhere.example"})
    places["proposal"] = proposal.members["id"]
    issued = user_issue(tenant=tenants[2], login="admin@fir.example", name="Fir", role="admin", kind="machine")
    theirs = caller(issued.login, issued.passphrase).ask("POST", "/api/v1/proposals", {"address": people.admin.login})
    return places | {"proposed": theirs.members["id"]}


def user_tenant(tenant_id: UUID) -> Tenant:
    with scopes_disabled():
        return Tenant.objects.get(id=tenant_id)


@pytest.fixture
def aster_person(people) -> Caller:
    """A person of Aster with an issued passphrase that was not replaced yet."""
    with scopes_disabled():
        tenant = Tenant.objects.get(id=people.tenants["aster"])
    issued = user_issue(tenant=tenant, login="person@aster.example", name="Person")
    return caller(issued.login, issued.passphrase)


@pytest.fixture
def world(people) -> World:
    return world_furnished(people)


def world_furnished(people: World) -> World:
    """With an open upload, a delivered message, and transfers of its document to both sides."""
    owner, reader = people.owner, people.reader
    places = people.places
    places["open_upload"] = upload(owner, complete=False)
    sent = message(owner, [reader.login], uploads=[upload(owner)]).members
    places["message"], places["document"] = sent["id"], sent["documents"][0]["id"]
    delivered()
    places["received"] = reader.ask("GET", f"/api/v1/inbox/{sent['id']}").members["documents"][0]["id"]
    for whom, document, name in ((owner, "document", "sent_transfer"), (reader, "received", "transfer")):
        shown = whom.ask("POST", f"/api/v1/documents/{places[document]}/transfers", {"purpose": "save"})
        places[name] = shown.members["transfer"]
    with scopes_disabled():
        places["person"] = str(User.objects.get(login_index=address_index(people.teammate.login)).id)
    invited = people.admin.ask("POST", "/api/v1/team/invitations", {"login": "invited@aster.example"})
    places["invited"] = invited.members["person"]
    places |= organised(people) | partnered(people) | secured(owner)
    instruction = {"name": "Outgoing", "steps": [{"step": "file.scrub"}]}
    places["pipeline"] = people.admin.ask("POST", "/api/v1/pipelines", instruction).members["id"]
    hold = {"kind": "person", "target": places["person"], "reason": "Case 4"}
    places["hold"] = people.admin.ask("POST", "/api/v1/holds", hold).members["id"]
    asked = owner.ask("POST", "/api/v1/requests", {"title": "Papers"}).members
    places["request"] = asked["id"]
    places["session"] = str(owner.session)
    places["sha256"] = hashlib.sha256(CONTENT_BYTES).hexdigest()
    return people


def secured(person: Caller) -> dict[str, str]:
    """A security key of this person, and a recovery code that passes in its stead."""
    options = person.ask("POST", "/api/v1/second-factor/keys", {}).members["options"]
    answer = SoftwareKey().create(options, origin=ORIGIN)
    added = person.ask("POST", "/api/v1/second-factor/keys/confirm", {"name": "Key", "credential": answer}).members
    return {"security_key": added["key"]["id"], "recovery_code": added["recovery_codes"][0]}


def organised(people: World) -> dict[str, str]:
    """A shared mailbox that the admin reads and manages with another, and a group, both of Aster; their ids."""
    mailbox = {"address": "shared@aster.example", "name": "Shared"}
    made = people.admin.ask("POST", "/api/v1/mailboxes", mailbox).members["id"]
    for login, role in ((people.admin.login, "admin"), ("clerk@aster.example", "member")):
        shown = people.admin.ask("POST", f"/api/v1/mailboxes/{made}/members", {"login": login, "role": role}).members
    group = {"address": "group@aster.example", "name": "Group", "members": ["clerk@aster.example"]}
    group_id = people.admin.ask("POST", "/api/v1/groups", group).members["id"]
    clerk = next(one["id"] for one in shown["members"] if one["role"] == "member")
    return {"mailbox": made, "group": group_id, "clerk": clerk}


def upload(owner: Caller, content: bytes = CONTENT_BYTES, *, complete: bool = True, name: str = WORDS["name"]) -> str:
    """An upload of one part; its id."""
    shown = upload_begin(owner, content, name=name)
    assert shown["answer"].status == 201, shown["answer"].body
    path = f"/api/v1/uploads/{shown['id']}"
    if complete:
        assert part_put(owner, shown["id"], shown["stream"]).members == {"part": 0}
        assert owner.ask("POST", f"{path}/complete", {}).members["state"] == "complete"
    return shown["id"]


def upload_begin(owner: Caller, content: bytes, **replaced) -> dict:
    """The answer to an upload that is announced, its id and its stream."""
    transfer, header = uuid4(), header_new()
    key = object_key(owner.shared_key, direction="up", transfer=transfer, kid=owner.kid, document=transfer)
    members = {"transfer": str(transfer), "kid": b64u_encode(owner.kid), "name": "a.txt", "type": "text/plain"}
    members |= {"size": len(content), "header": b64u_encode(header), "commitment": b64u_encode(key.commitment)}
    answer = owner.ask("POST", "/api/v1/uploads", members | replaced)
    stream = b"".join(seal_stream(key.key, [content], aad=key.aad, header=header))
    return {"answer": answer, "id": answer.members.get("id"), "stream": stream}


def part_put(owner: Caller, upload_id: str, part: bytes, number: int = 0) -> Answer:
    """PUT a part as it is."""
    path = f"/api/v1/uploads/{upload_id}/parts/{number}"
    return owner.send(owner.request("PUT", path, part, seal=False, content_type=CONTENT))


def message(owner: Caller, recipients: list[str], **replaced) -> Answer:
    """Send."""
    members = {"key": str(uuid4()), "subject": WORDS["subject"], "note": WORDS["note"], "recipients": recipients}
    return owner.ask("POST", "/api/v1/messages", members | replaced)


def delivered() -> None:
    """Do every job that waits, as a worker does."""
    with scopes_disabled():
        waiting = list(Job.objects.filter(state=Job.State.QUEUED).values_list("id", flat=True))
    for job_id in waiting:
        job_run(job_id=job_id)
    with scopes_disabled():
        assert not Job.objects.exclude(state=Job.State.DONE).exists()
