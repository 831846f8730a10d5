"""File requests: limits that hold under races, outsiders who do not see each other, receipts that can be verified."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Address, Session, SharedKey, Tenant, User
from accounts.services import chain_verify, connection_create, session_end, user_issue
from accounts.services.depositor import request_login
from exchange import services
from exchange.models import FileRequest, Job, Mailbox, MailboxMember, Message
from sealpost.crypto.encoding import b64u_decode
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.exchange.desk import Desk, desk
from tests.exchange.outside import mails, policy
from tests.refusal import refused
from vault.models import SigningKey


@pytest.fixture
def organisations(db) -> dict[str, Tenant]:
    """Those of conftest.py, without admins and the price of their passphrases."""
    names = {"aster": "Aster Legal", "birch": "Birch Supply", "cedar": "Cedar Works"}
    made = {short: organisation(name) for short, name in names.items()}
    connection_create(first=made["aster"], second=made["birch"])
    return made


@dataclass
class Outsider(Desk):
    """Somebody who was given a link and its passphrase, in a session of their own."""

    def deposit(self, *contents: bytes, **changed) -> dict:
        uploads = [self.upload(content, name=f"file{number}.bin") for number, content in enumerate(contents)]
        given = {"key": uuid4(), "name": "Otto Outside", "email": "otto@outside.example", "note": "As asked"}
        return services.deposit_create(peer=self.peer, **(given | {"uploads": uploads} | changed))

    def shown(self, deposit: dict) -> dict:
        return services.deposit_show(peer=self.peer, deposit_id=UUID(deposit["id"]))


def asked(maker: Desk, **changed) -> dict:
    """A request; with its passphrase."""
    given = {
        "title": "Papers of the case", "note": "Please by Friday", "mailbox": None, "expires_days": 14,
        "deposits_most": 2, "files_most": 2, "bytes_most": 1000,
    }  # fmt: skip
    return services.request_create(peer=maker.peer, **(given | changed))


def outsider(request: dict) -> Outsider:
    return Outsider(sign_in(request_login(UUID(request["id"])), request["passphrase"]).peer())


def shared(organisation: Tenant, *members: Desk) -> Mailbox:
    """A shared mailbox with these members."""
    with scope(tenant=organisation):
        box = Mailbox(tenant=organisation, kind=Mailbox.Kind.SHARED)
        box.address, box.name = "cases@aster.example", "Cases"
        box.save()
        for member in members:
            MailboxMember.objects.create(tenant=organisation, mailbox=box, user=member.peer.user)
    return box


def worked() -> None:
    with scopes_disabled():
        waiting = list(Job.objects.filter(state=Job.State.QUEUED).values_list("id", flat=True))
    for job_id in waiting:
        services.job_run(job_id=job_id)


def row(request: dict) -> FileRequest:
    with scopes_disabled():
        return FileRequest.objects.get(id=request["id"])


@pytest.mark.parametrize(
    ("changed", "code", "members"),
    [
        ({"title": " \n "}, "request_invalid", {"field": "title", "limit": 200}),
        ({"title": "x" * 201}, "request_invalid", {"field": "title", "limit": 200}),
        ({"note": "x" * 10_001}, "field_too_long", {"limit": 10_000}),
        ({"expires_days": 0}, "request_invalid", {"field": "expires_days", "limit": 90}),
        ({"expires_days": 91}, "request_invalid", {"field": "expires_days", "limit": 90}),
        ({"deposits_most": 0}, "request_invalid", {"field": "deposits_most", "limit": 1000}),
        ({"files_most": 51}, "request_invalid", {"field": "files_most", "limit": 50}),
        ({"bytes_most": 0}, "request_invalid", {"field": "bytes_most", "limit": 20 << 30}),
        ({"mailbox": UUID(int=1)}, "not_found", {}),
    ],
)
def test_a_request_that_cannot_be_made(ana, changed, code, members):
    with refused(code) as refusal:
        asked(ana, **changed)
    assert refusal.error.members == members
    with scopes_disabled():
        assert not FileRequest.objects.exists()
        assert not User.objects.filter(role=User.Role.DEPOSITOR).exists()


def test_no_request_into_a_mailbox_of_others(ana, ben, organisations):
    mate = desk(organisations["aster"], "mate@aster.example")
    box = shared(organisations["aster"], mate)
    for stranger in (ana, ben):
        with refused("not_found"):
            asked(stranger, mailbox=box.id)


def test_a_request_is_its_mailbox_s_and_nobody_else_s(ana, ben, organisations):
    mate, other = (desk(organisations["aster"], f"{name}@aster.example") for name in ("mate", "other"))
    box = shared(organisations["aster"], ana, mate)
    request = asked(ana, mailbox=box.id)
    assert request["mailbox"] == {"id": str(box.id), "address": "cases@aster.example", "name": "Cases"}
    (seen,) = services.request_list(peer=mate.peer)["requests"]
    assert "passphrase" not in seen
    assert seen == {name: value for name, value in request.items() if name != "passphrase"}
    for stranger in (other, ben):
        assert services.request_list(peer=stranger.peer)["requests"] == []
        for look in (
            lambda who=stranger: services.request_show(peer=who.peer, request_id=UUID(request["id"])),
            lambda who=stranger: services.request_close(peer=who.peer, request_id=UUID(request["id"])),
            lambda who=stranger: services.request_extend(peer=who.peer, request_id=UUID(request["id"]), expires_days=5),
        ):
            with refused("not_found"):
                look()


def test_who_stands_behind_a_request_is_nobody_s_recipient_and_no_person(ana, organisations):
    request = asked(ana)
    login = request_login(UUID(request["id"]))
    assert request["link"].endswith(f"/request#{request['id']}")
    assert services.recipients_check(peer=ana.peer, logins=[login])[0]["reachable"] is False
    with scopes_disabled():
        user = User.objects.get(role=User.Role.DEPOSITOR)
        assert not Address.objects.filter(target=user.id).exists()
    policy(organisations["aster"], second_factor_required=True)
    otto = outsider(request)
    assert not otto.peer.password_change_due
    assert not otto.peer.second_factor_due


def test_a_deposit_on_its_way_to_its_mailbox(ana, organisations):
    request = asked(ana)
    otto = outsider(request)
    place = services.deposit_place(peer=otto.peer)
    assert (place["organisation"], place["title"], place["note"]) == (
        "Aster Legal", "Papers of the case", "Please by Friday",
    )  # fmt: skip
    assert (place["state"], place["deposits_left"], place["deposits"]) == ("open", 2, [])
    deposit = otto.deposit(b"first", b"second")
    assert (deposit["number"], deposit["state"], deposit["receipt"]) == (1, "checking", None)
    assert services.deposit_place(peer=otto.peer)["deposits"] == [deposit["id"]]
    worked()
    arrived = otto.shown(deposit)
    assert arrived["state"] == "delivered"
    assert [(item["name"], item["size"]) for item in arrived["documents"]] == [("file0.bin", 5), ("file1.bin", 6)]
    (listed,) = services.inbox_list(peer=ana.peer)["messages"]
    assert (listed["subject"], listed["request"]) == ("Papers of the case", request["id"])
    assert listed["sender"]["name"] == "Otto Outside, otto@outside.example"
    assert listed["sender"]["tenant"] == ""
    received = ana.received(deposit)
    assert received["note"] == "As asked"
    assert [ana.read(document) for document in received["documents"]] == [b"first", b"second"]
    shown = services.request_show(peer=ana.peer, request_id=UUID(request["id"]))
    assert [(item["number"], item["depositor"]["name"], item["state"]) for item in shown["received"]] == [
        (1, "Otto Outside", "sent")
    ]
    with scope(tenant=organisations["aster"]):
        assert chain_verify(tenant_id=organisations["aster"].id).finding is None


def test_maker_and_members_are_told_once_each_and_the_outsider_never(ana, organisations):
    mate = desk(organisations["aster"], "mate@aster.example")
    request = asked(ana, mailbox=shared(organisations["aster"], ana, mate).id)
    outsider(request).deposit(b"x")
    worked()
    assert sorted(login for login in (ana.login, mate.login) for _ in mails("request_received", login)) == sorted(
        [ana.login, mate.login]
    )
    assert len(mails("request_received")) == 2
    assert mails("delivery_waiting") == []


@pytest.mark.parametrize(
    ("changed", "members"),
    [
        ({"name": " \x00\n "}, {"field": "name", "limit": 120}),
        ({"name": "x" * 121}, {"field": "name", "limit": 120}),
        ({"email": "no address"}, {"field": "email", "limit": 254}),
        ({"email": "x@request.invalid"}, {"field": "email", "limit": 254}),
    ],
)
def test_an_outsider_says_who_they_are_in_one_line(ana, changed, members):
    otto = outsider(asked(ana))
    with refused("request_invalid") as refusal:
        otto.deposit(b"x", **changed)
    assert refusal.error.members == members


def test_lines_in_names_are_no_lines_of_a_receipt(ana):
    otto = outsider(asked(ana))
    upload = otto.begin(b"x", name="a\nNumber: 9\n.pdf")
    otto.put(upload, 0)
    services.upload_complete(peer=otto.peer, upload_id=upload.upload)
    deposit = otto.deposit(uploads=[upload.upload], name="Otto\r\nArrived: never")
    worked()
    lines = otto.shown(deposit)["receipt"]["text"].splitlines()
    assert [line for line in lines if line.startswith(("Number:", "Arrived:"))] == [lines[4], lines[6]]
    assert ana.received(deposit)["sender"]["name"] == "Otto Arrived: never, otto@outside.example"


def test_limits_are_named_before_and_after_the_upload(ana):
    otto = outsider(asked(ana))
    with refused("request_too_large") as refusal:
        otto.begin(b"", size=1001)
    assert refusal.error.members == {"limit": 1000}
    with refused("too_many_files") as refusal:
        otto.deposit(b"1", b"2", b"3")
    assert "2 documents" in refusal.error.sentence
    with refused("request_too_large"):
        otto.deposit(bytes(600), bytes(600))
    with refused("request_invalid"):
        otto.deposit()
    with refused("upload_incomplete"):
        otto.deposit(uploads=[uuid4()])
    assert row(asked_id(otto)).deposits == 0


def asked_id(person: Outsider) -> dict:
    return {"id": services.deposit_place(peer=person.peer)["id"]}


def test_what_is_uploaded_and_never_sent_is_bounded(ana):
    otto = outsider(asked(ana, deposits_most=1))
    for _ in range(5):
        otto.upload(bytes(1000))
    with refused("request_too_large"):
        otto.upload(b"x")


def test_a_request_takes_so_many_deposits(ana):
    request = asked(ana)
    otto = outsider(request)
    first, second = otto.deposit(b"1"), otto.deposit(b"2")
    assert (first["number"], second["number"]) == (1, 2)
    assert services.deposit_place(peer=otto.peer)["state"] == "full"
    for late in (lambda: otto.upload(b"3"), lambda: otto.deposit(uploads=[])):
        with refused("request_full"):
            late()
    worked()
    assert otto.shown(second)["state"] == "delivered"  # who was in time sees it arrive


def test_the_same_key_is_one_deposit_and_of_another_session_none(ana):
    request = asked(ana)
    otto, olga = outsider(request), outsider(request)
    key, upload = uuid4(), otto.upload(b"once")
    first = otto.deposit(key=key, uploads=[upload])
    assert otto.deposit(key=key, uploads=[upload])["id"] == first["id"]
    with refused("not_found"):
        olga.deposit(key=key, uploads=[upload])
    assert row(request).deposits == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_deposits_at_once_at_the_last_place_one_wins(ana):
    request = asked(ana, deposits_most=1)
    otto, olga = outsider(request), outsider(request)
    uploads, answers = [otto.upload(b"o"), olga.upload(b"p")], []

    def send(person: Outsider, upload: UUID) -> None:
        try:
            answers.append(person.deposit(uploads=[upload])["number"])
        except Exception as error:  # shown below
            answers.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    senders = [threading.Thread(target=send, args=pair) for pair in zip((otto, olga), uploads, strict=True)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert sorted(answers, key=str) == [1, "request_full"], answers
    assert row(request).deposits == 1
    with scopes_disabled():
        assert Message.objects.count() == 1


def test_outsiders_on_one_link_do_not_see_each_other(ana):
    request = asked(ana)
    otto, olga = outsider(request), outsider(request)
    hers = olga.deposit(b"hers")
    assert services.deposit_place(peer=otto.peer)["deposits"] == []
    with refused("not_found"):
        otto.shown(hers)
    with refused("not_found"):
        session_end(peer=otto.peer, session_id=olga.peer.session_id)
    session_end(peer=otto.peer, session_id=otto.peer.session_id)
    assert olga.shown(hers)["number"] == 1


def closed(request: dict, person: Outsider) -> None:
    """Nobody gets in any more, and who was in is out."""
    with refused("sign_in_refused"):
        outsider(request)
    with scopes_disabled():
        assert not Session.objects.filter(user=person.peer.user, ended_at=None).exists()
        key = SharedKey.objects.get(user=person.peer.user)
    assert (bytes(key.wrapped_shared_key), key.retired_at is not None) == (b"", True)
    with refused("request_closed"):
        person.deposit(uploads=[])
    assert services.deposit_place(peer=person.peer)["state"] == "closed"


def test_closing_ends_sessions_and_the_key(ana):
    request = asked(ana)
    otto, identity = outsider(request), UUID(request["id"])
    assert services.request_close(peer=ana.peer, request_id=identity)["state"] == "closed"
    assert services.request_close(peer=ana.peer, request_id=identity)["state"] == "closed"
    closed(request, otto)
    with refused("request_closed"):
        services.request_extend(peer=ana.peer, request_id=identity, expires_days=5)


def test_a_request_ends_by_itself_once(ana):
    request, other = asked(ana), asked(ana)
    otto = outsider(request)
    with scopes_disabled():
        FileRequest.objects.filter(id=request["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    with refused("request_closed"):
        otto.upload(b"x")  # before the scheduler has come by
    assert services.request_list(peer=ana.peer)["requests"][1]["state"] == "expired"
    assert (services.requests_expire(), services.requests_expire()) == (1, 0)
    closed(request, otto)
    assert outsider(other).peer.user.role == User.Role.DEPOSITOR


def test_a_request_is_extended_within_what_policy_lets(ana):
    request = asked(ana, expires_days=1)
    identity = UUID(request["id"])
    with refused("request_invalid"):
        services.request_extend(peer=ana.peer, request_id=identity, expires_days=91)
    later = services.request_extend(peer=ana.peer, request_id=identity, expires_days=30)
    assert later["expires_at"] > request["expires_at"]


def test_a_receipt_is_verified_by_the_public_key_alone(ana):
    request = asked(ana)
    otto = outsider(request)
    deposit = otto.deposit(b"first", b"second")
    worked()
    shown = otto.shown(deposit)
    receipt = shown["receipt"]
    for said in ("To: Aster Legal", f"Request: {request['id']}", f"Deposit: {deposit['id']}", "Number: 1"):
        assert said in receipt["text"].splitlines()
    for document in shown["documents"]:
        assert f"{document['size']} bytes, SHA-256 {document['sha256']}, not scanned" in receipt["text"]
    assert "no non-repudiation" in receipt["text"]
    with scopes_disabled():
        signing_key = SigningKey.objects.get(id=receipt["key"])
    public = Ed25519PublicKey.from_public_bytes(bytes(signing_key.public))
    text = receipt["text"].encode()
    signed = b"sealpost/v1/receipt\0" + len(text).to_bytes(4, "big") + text
    public.verify(b64u_decode(receipt["signature"], 64), signed)
    with pytest.raises(InvalidSignature):
        public.verify(b64u_decode(receipt["signature"], 64), signed.replace(b"Number: 1", b"Number: 2"))


def test_a_list_of_requests_costs_the_same_queries_however_many(ana, django_assert_num_queries):
    for count in (1, 3):
        while len(services.request_list(peer=ana.peer)["requests"]) < count:
            asked(ana)
        with django_assert_num_queries(1):
            services.request_list(peer=ana.peer)


def test_nobody_else_signs_in_by_a_login_like_a_request_s(organisations):
    for login in (request_login(uuid4()), " Request-1@REQUEST.invalid"):
        with refused("login_invalid"):
            user_issue(tenant=organisations["birch"], login=login, kind="machine")
