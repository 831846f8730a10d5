"""Messages: whom they reach, that they are sent once, and that others learn nothing of them."""

import threading
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django_scopes import scopes_disabled

from exchange import services
from exchange.errors import OverLimit
from exchange.models import Delivery, Message
from tests.exchange.desk import desk
from tests.exchange.outside import policy
from tests.refusal import refused


def test_a_recipient_who_is_unknown_and_one_who_is_not_connected_get_the_same_answer(ana, cem):
    policy(ana.peer.tenant, guests_invited_by="nobody")
    found = services.recipients_check(peer=ana.peer, logins=["nobody@nowhere.example", cem.login])
    nobody = {"login": "", "name": "", "tenant": "", "kind": "", "reachable": False}
    assert [{**row, "login": ""} for row in found] == [nobody] * 2
    answers = []
    for login in ("nobody@nowhere.example", cem.login):
        with refused("recipient_unreachable") as refusal:
            ana.send(b"x", recipients=[login])
        answers.append((refusal.error.sentence, refusal.error.status))
        assert refusal.error.members == {"logins": [login], "policy": "guests_invited_by", "set_by": "organisation"}
    assert answers[0] == answers[1]


def test_a_recipient_is_found_however_the_login_is_written(ana, ben):
    assert services.recipients_check(peer=ana.peer, logins=[f"  {ben.login.upper()} "])[0]["reachable"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"recipients": []}, "recipients_missing"),
        ({"subject": " \n "}, "subject_missing"),
        ({"subject": "x" * 201}, "field_too_long"),
        ({"note": "x" * 10_001}, "field_too_long"),
        ({"expires_days": 0}, "expiry_invalid"),
        ({"expires_days": 366}, "policy_refused"),
        ({"uploads": [uuid4()]}, "upload_incomplete"),
        ({"uploads": []}, "upload_incomplete"),
        ({"steps": [{"step": "pdf.print", "parameters": {}}]}, "step_unknown"),
        ({"steps": [{"step": "pdf.stamp", "parameters": {}}]}, "step_parameters_invalid"),
    ],
)
def test_a_message_that_cannot_be_sent(ana, ben, changed, code):
    if changed.get("uploads") == []:
        message = ana.send(to=[ben], **changed)  # a message may carry no document
        assert message["documents"] == []
        return
    with refused(code):
        ana.send(b"kept", **({"recipients": [ben.login]} | changed))
    with scopes_disabled():
        assert not Message.objects.exists()


def test_too_many_recipients_and_documents(ana, ben, settings):
    settings.SEALPOST_RECIPIENTS_MAX = settings.SEALPOST_FILES_MAX = 1
    with refused("too_many_recipients") as recipients:
        ana.send(b"x", recipients=[ben.login, ana.login])
    with refused("too_many_files") as files:
        ana.send(b"x", b"y", to=[ben])
    for refusal, words in ((recipients, "at most 1 recipients"), (files, "at most 1 documents")):
        assert words in refusal.error.sentence
        assert refusal.error.members == {"limit": 1}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"subject": "x" * 201}, "more than 200 characters"),
        ({"note": "x" * 10_001}, "more than 10,000 characters"),
    ],
)
def test_a_refusal_names_the_limit_that_it_goes_by(ana, ben, changed, words):
    with pytest.raises(OverLimit) as refusal:
        ana.send(to=[ben], **changed)
    assert words in refusal.value.sentence


def test_the_same_key_answers_the_same_message(ana, ben):
    key, upload = uuid4(), ana.upload(b"once")
    first = ana.send(to=[ben], key=key, uploads=[upload])
    assert ana.send(to=[ben], key=key, uploads=[upload])["id"] == first["id"]
    with refused("upload_incomplete"):
        ana.send(to=[ben], uploads=[upload])  # an upload becomes a document once


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_time_is_one_message(ana, ben):
    key, upload, answers = uuid4(), ana.upload(b"once"), []

    def send() -> None:
        try:
            answers.append(ana.send(to=[ben], key=key, uploads=[upload])["id"])
        except Exception as error:  # shown below
            answers.append(repr(error))
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(4)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(set(answers)) == 1, answers
    with scopes_disabled():
        assert Message.objects.count() == 1


def test_a_teammate_and_an_outsider_find_nothing(ana, ben, cem, organisations):
    message = ana.send(b"private", to=[ben])
    ana.work(message)
    document, mine = ben.received(message)["documents"][0], ana.sent(message)["documents"][0]
    transfer = ben.transfer(document)
    mate = desk(organisations["aster"], "mate@aster.example")
    bea = desk(organisations["birch"], "bea@birch.example")
    for other in (mate, bea, cem):
        for look in (
            lambda other=other: other.sent(message),
            lambda other=other: other.received(message),
            lambda other=other: other.transfer(document),
            lambda other=other: other.transfer(mine),
            lambda other=other: other.content(transfer),
            lambda other=other: services.job_retry(peer=other.peer, message_id=UUID(message["id"])),
            lambda other=other: services.job_cancel(peer=other.peer, message_id=UUID(message["id"])),
            lambda other=other: services.transfer_received(
                peer=other.peer, transfer_id=UUID(transfer["transfer"]), sha256="0" * 64
            ),
        ):
            with refused("not_found"):
                look()
    with refused("not_found"):
        ana.content(transfer)  # not even the sender has the recipient's transfer


def test_another_users_upload_is_unknown(ana, ben, cem):
    sealed = ana.begin(b"mine")
    for other in (ben, cem):
        for look in (
            lambda other=other: services.upload_show(peer=other.peer, upload_id=sealed.upload),
            lambda other=other: services.upload_complete(peer=other.peer, upload_id=sealed.upload),
            lambda other=other: services.upload_discard(peer=other.peer, upload_id=sealed.upload),
            lambda other=other: other.put(sealed, 0),
        ):
            with refused("upload_unknown"):
                look()


@pytest.mark.parametrize("count", [3, 12])
def test_lists_cost_the_same_queries_whatever_they_hold(ana, ben, count, django_assert_num_queries):
    for _ in range(count):
        ana.work(ana.send(b"a", b"b", to=[ben]))
    services.inbox_list(peer=ben.peer)  # keys are opened once a process
    services.outbox_list(peer=ana.peer)
    with django_assert_num_queries(1):
        assert len(services.inbox_list(peer=ben.peer)["messages"]) == count
    with django_assert_num_queries(2):
        assert len(services.outbox_list(peer=ana.peer)["messages"]) == count


def test_pages_go_on_where_the_last_one_ended(ana, ben, monkeypatch):
    monkeypatch.setattr("exchange.services.paging.PAGE", 4)
    for number in range(10):
        ana.work(ana.send(to=[ben], subject=f"Number {number}"))
    subjects, before = [], None
    while True:
        answer = services.inbox_list(peer=ben.peer, before=before)
        assert len(answer["messages"]) <= 4
        subjects += [message["subject"] for message in answer["messages"]]
        if (before := answer["next"]) is None:
            break
    assert subjects == [f"Number {number}" for number in reversed(range(10))]
    with refused("cursor_invalid"):
        services.inbox_list(peer=ben.peer, before="not a cursor")


def test_names_and_texts_lie_sealed_in_the_database(ana, ben):
    marker = f"marker{uuid4().hex}"
    message = ana.send(ana.peer.user.login.encode(), to=[ben], subject=marker, note=marker)
    ana.work(message)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                    assert marker.encode() not in raw, table
                    assert b"ana@aster" not in raw, table
    with scopes_disabled():
        assert Delivery.objects.get().subject == marker
    assert settings.SEALPOST_FILES_MAX == 50
