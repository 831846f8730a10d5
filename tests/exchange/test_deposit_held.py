"""Deposits that are held: said to both sides, and tried again by those whose mailbox they go to, or by an operator."""

from uuid import UUID, uuid4

from django_scopes import scopes_disabled

from accounts.models import AuditEvent
from exchange import services
from exchange.models import Job, Mailbox
from tests.exchange.desk import Desk, desk
from tests.exchange.outside import mails
from tests.exchange.test_requests import Outsider, asked, organisations, outsider, shared, worked  # noqa: F401
from tests.refusal import refused


def test_a_deposit_that_is_held_says_so_and_tells_the_maker(ana, settings):
    settings.SEALPOST_CLAMD = ""
    otto = outsider(asked(ana))
    deposit = otto.deposit(b"x")
    with scopes_disabled():
        Mailbox.objects.update(state=Mailbox.State.CLOSED)
    worked()
    held = otto.shown(deposit)
    assert (held["state"], held["receipt"]) == ("held", None)
    assert held["detail"].endswith(".")
    assert len(mails("held", ana.login)) == 1
    with refused("request_closed"):
        otto.deposit(uploads=[])


def held(request: dict) -> tuple[Outsider, dict]:
    """An outsider and a deposit of theirs that was held, since the mailbox had been closed."""
    otto = outsider(request)
    deposit = otto.deposit(b"what was asked for")
    with scopes_disabled():
        Mailbox.objects.update(state=Mailbox.State.CLOSED)
    worked()
    assert otto.shown(deposit)["state"] == "held"
    return otto, deposit


def reopened() -> None:
    with scopes_disabled():
        Mailbox.objects.update(state=Mailbox.State.OPEN)


def retried(person: Desk, request: dict, deposit: dict) -> dict:
    given = {"request_id": UUID(request["id"]), "deposit_id": UUID(deposit["id"])}
    return services.deposit_retry(peer=person.peer, **given)


def last_retry() -> AuditEvent:
    with scopes_disabled():
        return AuditEvent.objects.filter(action="message.retried").latest("seq")


def test_who_made_a_request_tries_a_held_deposit_again(ana):
    request = asked(ana)
    otto, deposit = held(request)
    (listed,) = services.request_show(peer=ana.peer, request_id=UUID(request["id"]))["received"]
    assert (listed["state"], listed["code"]) == ("held", "no_recipient_left")
    assert listed["detail"].endswith(".")
    reopened()
    (again,) = retried(ana, request, deposit)["received"]
    assert (again["state"], again["code"], again["detail"]) == ("processing", "", "")
    worked()
    assert otto.shown(deposit)["state"] == "delivered"
    assert (last_retry().actor, str(last_retry().subject)) == (ana.peer.user.id, deposit["id"])
    with refused("job_not_held"):
        retried(ana, request, deposit)


def test_a_deposit_is_tried_again_after_its_request_was_closed(ana):
    request = asked(ana)
    _, deposit = held(request)
    services.request_close(peer=ana.peer, request_id=UUID(request["id"]))
    reopened()
    retried(ana, request, deposit)
    worked()
    (listed,) = services.request_show(peer=ana.peer, request_id=UUID(request["id"]))["received"]
    assert listed["state"] == "sent"
    assert services.inbox_list(peer=ana.peer)["messages"][0]["id"] == deposit["id"]


def test_everybody_whose_mailbox_it_is_may_and_nobody_else(ana, ben, organisations):  # noqa: F811
    mia = desk(organisations["aster"], "mia@aster.example")
    box = shared(organisations["aster"], ana, mia)
    request = asked(ana, mailbox=box.id)
    other = asked(ana, mailbox=box.id)
    otto, deposit = held(request)
    for stranger in (ben, otto):
        with refused("not_found"):
            retried(stranger, request, deposit)
    for request_id, deposit_id in ((other["id"], deposit["id"]), (request["id"], str(uuid4()))):
        with refused("not_found"):
            retried(mia, {"id": request_id}, {"id": deposit_id})
    assert otto.shown(deposit)["state"] == "held"
    reopened()
    retried(mia, request, deposit)
    worked()
    assert otto.shown(deposit)["state"] == "delivered"


def test_a_message_of_one_s_own_is_no_deposit(ana, ben):
    request = asked(ana)
    with scopes_disabled():
        Mailbox.objects.filter(user=ben.peer.user).update(state=Mailbox.State.CLOSED)
    sent = ana.send(b"x", to=[ben])
    worked()
    with refused("not_found"):
        retried(ana, request, sent)


def test_an_operator_tries_it_again(ana):
    otto, deposit = held(asked(ana))
    reopened()
    with scopes_disabled():
        job = Job.objects.get(message_id=deposit["id"])
    assert services.job_retry_operator(job_id=job.id, operator="1")
    worked()
    assert otto.shown(deposit)["state"] == "delivered"
    assert (last_retry().actor, last_retry().details) == (None, {"operator": "1"})
