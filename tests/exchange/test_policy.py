"""Each rule of a policy lets through what it allows, and refuses the rest by its own name, before anything is lost."""

import os
from typing import ClassVar
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Connection, ConnectionTerms, Notification, RulesKind
from accounts.services import platform_rules_change
from exchange import services
from exchange.models import Delivery, Document, Message
from exchange.services.mandatory import items_ordered
from exchange.services.policy_check import days_check, name_check, parties_of
from exchange.services.step_items import StepItem
from exchange.steps.registry import step_parse
from tests.exchange.desk import Desk, set_policy
from tests.exchange.steps.test_content_type import package
from tests.refusal import refused
from tests.services.clamd import EICAR
from vault.models import StoredObject

ZIP = package("photo.jpg")
PDF = b"%PDF-1.7\nsmall\n"
CONFIDENTIAL = {"step": "pdf.stamp", "parameters": {"text": "Confidential"}}


def sent(desk: Desk, to: Desk, content: bytes = b"x", name: str = "notes", **changed) -> dict:
    return desk.send(to=[to], uploads=[desk.upload(content, name=name)], **changed)


@pytest.fixture
def clamd(settings):
    if not os.environ["SEALPOST_TEST_CLAMD"]:
        pytest.skip("clamd is not installed")
    settings.SEALPOST_CLAMD = os.environ["SEALPOST_TEST_CLAMD"]


# Days and downloads


def test_a_message_is_available_as_long_as_policy_says_and_not_longer(ana, ben):
    set_policy(ana, expires_days_default=3, expires_days_most=7)
    message = sent(ana, ben, expires_days=None)
    with scopes_disabled():
        row = Message.objects.get(id=message["id"])
    assert (row.expires_at - row.sent_at).days == 3
    assert sent(ana, ben, expires_days=7)["id"]
    with refused("policy_refused") as refusal:
        sent(ana, ben, expires_days=8)
    assert refusal.error.members == {"policy": "expires_days_most", "set_by": "organisation", "limit": 7}
    assert refusal.error.sentence == (
        "A message may be available for 7 days at most by your organisation's policy. Nothing was sent. "
        "One of your organisation's admins can change it."
    )


def test_a_default_of_the_platform_says_so(ana, ben):
    with refused("policy_refused") as refusal:
        sent(ana, ben, expires_days=91)
    assert refusal.error.members["set_by"] == "platform"
    assert "this server's own policy" in refusal.error.sentence


@pytest.mark.parametrize(
    ("policy", "asked", "kept"), [(None, None, None), (3, None, 3), (3, 5, 3), (5, 3, 3), (None, 4, 4)]
)
def test_of_downloads_the_fewer_hold(ana, ben, policy, asked, kept):
    set_policy(ana, downloads_most=policy)
    message = sent(ana, ben, downloads_most=asked)
    ana.work(message)
    with scopes_disabled():
        assert Message.objects.get(id=message["id"]).downloads_most == kept
        assert Delivery.objects.get(message_id=message["id"]).downloads_most == kept


# Types


def test_a_refused_type_is_told_by_its_name_before_the_first_byte(ana):
    set_policy(ana, types_refused=["application/zip"])
    with refused("policy_refused") as refusal:
        ana.begin(ZIP, name="photos.zip")
    assert refusal.error.members == {"policy": "types_refused", "set_by": "organisation"}
    assert refusal.error.sentence.startswith("Archives are refused by your organisation's policy.")
    assert ana.upload(PDF, name="contract.pdf")


def test_where_some_types_are_allowed_others_are_not_and_a_name_without_an_ending_waits_for_its_content(ana, ben):
    set_policy(ana, types_allowed=["application/pdf", "image/*"])
    with refused("policy_refused") as refusal:
        ana.begin(b"x", name="table.csv")
    assert refusal.error.members["policy"] == "types_allowed"
    for content, name in ((PDF, "contract"), (b"\x89PNG\r\n\x1a\n" + bytes(20), "scan.png")):
        assert ana.work(sent(ana, ben, content, name))["state"] == "sent"
    held = ana.work(sent(ana, ben, b"only text", "contract"))
    assert (held["job"]["code"], held["job"]["policy"]) == ("type_refused", "types_allowed")


@pytest.mark.parametrize("name", ["photos", "photos.pdf", "photos.docx"])
def test_a_refused_type_under_another_name_is_held_by_its_content(ana, ben, name):
    set_policy(ana, types_refused=["application/zip"])
    held = ana.work(sent(ana, ben, ZIP, name))
    assert (held["state"], held["job"]["state"], held["job"]["code"]) == ("held", "held", "type_refused")
    assert (held["job"]["policy"], held["job"]["set_by"]) == ("types_refused", "organisation")
    assert held["job"]["detail"] == (
        "Archives are refused by your organisation's policy. Nothing was delivered. "
        "One of your organisation's admins can change it."
    )
    with refused("not_found"):
        ben.received(held)


def test_what_a_partner_refuses_is_told_at_sending_and_held_by_content(ana, ben):
    set_policy(ben, types_refused=["application/zip"])
    with refused("policy_refused") as refusal:
        sent(ana, ben, ZIP, "photos.zip")
    assert refusal.error.members == {"policy": "types_refused", "set_by": "partner"}
    assert "by the policy of Birch Supply. Nothing was sent. One of their admins" in refusal.error.sentence
    held = ana.work(sent(ana, ben, ZIP, "photos"))
    assert (held["job"]["code"], held["job"]["set_by"]) == ("type_refused", "partner")
    assert "the policy of Birch Supply" in held["job"]["detail"]
    with refused("not_found"):
        ben.received(held)
    assert ana.work(sent(ana, ana, ZIP, "photos"))["state"] == "sent"  # it concerns Birch alone


def test_the_audit_log_knows_the_rule_and_no_name(ana, ben):
    set_policy(ben, types_refused=["application/zip"])
    held = ana.work(sent(ana, ben, ZIP, "photos"))
    with scope(tenant=ana.peer.tenant):
        details = AuditEvent.objects.get(action="message.held", subject=held["id"]).details
    assert set(details) == {"code", "policy", "set_by", "type", "recipient"}
    UUID(details["recipient"])
    assert (details["code"], details["type"]) == ("type_refused", "application/zip")


def test_a_message_that_a_rule_holds_can_be_tried_again_once_the_rule_was_changed(ana, ben):
    set_policy(ana, types_refused=["application/zip"])
    held = ana.work(sent(ana, ben, ZIP, "photos"))
    services.job_retry(peer=ana.peer, message_id=UUID(held["id"]))
    assert ana.work(held)["job"]["code"] == "type_refused"
    set_policy(ana)
    again = services.job_retry(peer=ana.peer, message_id=UUID(held["id"]))
    assert (again["job"]["code"], again["job"]["policy"], again["job"]["detail"]) == ("", "", "")
    assert ana.work(held)["state"] == "sent"
    assert ben.read(ben.received(held)["documents"][0]) == ZIP


def test_terms_of_a_connection_are_told_as_such(ana, ben):
    with scopes_disabled():
        connection = Connection.objects.get()
        ConnectionTerms.objects.create(
            connection=connection, tenant=ben.peer.tenant, direction="in",
            members={"types_refused": ["application/zip"], "expires_days_most": 5},
        )  # fmt: skip
    parties = parties_of(ana.peer.tenant, [ben.peer.tenant])
    assert parties.effective.expires_days_most == 5
    with refused("policy_refused") as refusal:
        name_check(parties, "photos.zip")
    assert refusal.error.members == {"policy": "types_refused", "set_by": "connection"}
    assert "the terms agreed on with Birch Supply" in refusal.error.sentence
    days_check(parties, 5)
    with refused("policy_refused") as refusal:
        days_check(parties, 6)
    assert refusal.error.members == {"policy": "expires_days_most", "set_by": "connection", "limit": 5}


def test_rules_of_many_recipients_cost_the_same_queries(ana, ben, cem):
    tenants = [desk.peer.tenant for desk in (ana, ben, cem)]
    parties_of(ana.peer.tenant, tenants)
    counts = set()
    for some in (tenants[:1], tenants):
        with CaptureQueriesContext(connection) as captured:
            parties_of(ana.peer.tenant, some)
        counts.add(len(captured))
    assert counts == {2, 3}  # terms are asked for where there is a partner


# Scans


@pytest.mark.parametrize("whose", ["ana", "ben"])
def test_what_was_not_scanned_is_held_where_either_side_wants_that(ana, ben, whose, clamd, settings):
    scanner, settings.SEALPOST_CLAMD = settings.SEALPOST_CLAMD, ""
    set_policy({"ana": ana, "ben": ben}[whose], not_scanned="hold")
    held = ana.work(sent(ana, ben))
    assert (held["state"], held["job"]["code"], held["job"]["policy"]) == ("held", "not_scanned", "not_scanned")
    assert held["job"]["set_by"] == {"ana": "organisation", "ben": "partner"}[whose]
    with refused("not_found"):
        ben.received(held)
    settings.SEALPOST_CLAMD = scanner
    services.job_retry(peer=ana.peer, message_id=UUID(held["id"]))
    assert ana.work(held)["state"] == "sent"
    assert ben.received(held)["documents"][0]["verdict"] == "clean"


def test_what_was_not_scanned_is_delivered_where_nobody_minds_and_never_called_clean(ana, ben):
    message = sent(ana, ben)
    assert ana.work(message)["state"] == "sent"
    assert ben.received(message)["documents"][0]["verdict"] == "not_scanned"


def test_malware_is_held_by_default_and_its_sender_keeps_it(ana, ben, clamd):
    held = ana.work(ana.send(EICAR, to=[ben]))
    assert (held["state"], held["job"]["state"], held["job"]["policy"]) == ("held", "held", "")
    assert ana.transfer(held["documents"][0])["verdict"] == "infected"


@pytest.mark.parametrize("whose", ["ana", "ben"])
def test_malware_is_destroyed_where_either_side_wants_that_and_people_are_told(ana, ben, whose, clamd):
    set_policy({"ana": ana, "ben": ben}[whose], infected="discard")
    ended = ana.work(ana.send(b"harmless", EICAR, to=[ben]))
    assert (ended["state"], ended["job"]["state"], ended["job"]["code"]) == ("cancelled", "cancelled", "infected")
    assert ended["job"]["set_by"] == {"ana": "organisation", "ben": "partner"}[whose]
    assert "it was destroyed" in ended["job"]["detail"]
    clean, infected = ended["documents"]
    assert ana.transfer(clean)["verdict"] == "clean"
    with refused("document_discarded"):
        ana.transfer(infected)
    with scopes_disabled():
        stored = {row.verdict: StoredObject.objects.filter(id=row.object).exists() for row in Document.objects.all()}
        told = set(Notification.objects.filter(event="held").values_list("user__role", flat=True))
    assert stored == {"clean": True, "infected": False}
    assert told == {"member", "admin"}
    with refused("not_found"):
        ben.received(ended)
    with refused("job_not_held"):
        services.job_retry(peer=ana.peer, message_id=UUID(ended["id"]))


@pytest.mark.django_db(transaction=True)
def test_a_destroyed_document_s_bytes_are_gone(ana, ben, clamd):
    set_policy(ana, infected="discard")
    ended = ana.work(ana.send(EICAR, to=[ben]))
    with scopes_disabled():
        destroyed = Document.objects.get(message_id=ended["id"]).object
    assert not (django_settings.SEALPOST_OBJECTS / destroyed.hex[:2] / destroyed.hex[2:4] / destroyed.hex).exists()


# Steps


def test_mandatory_steps_come_first_are_marked_and_not_doubled(ana, ben):
    set_policy(ana, mandatory_steps=[CONFIDENTIAL])
    own = {"step": "pdf.stamp", "parameters": {"text": "Draft"}}
    asked = [own, {"step": "pdf.stamp", "parameters": {"text": "Confidential", "opacity": 0.3}}]
    steps = ana.sent(sent(ana, ben, steps=asked))["steps"]
    assert [(item["parameters"]["text"], item["mandatory"]) for item in steps] == [
        ("Confidential", True),
        ("Draft", False),
    ]
    assert [item["mandatory"] for item in ana.sent(sent(ana, ben))["steps"]] == [True]


def test_mandatory_steps_of_a_partner_are_not_the_sender_s(ana, ben):
    set_policy(ben, mandatory_steps=[CONFIDENTIAL])
    assert sent(ana, ben)["steps"] == []


def test_steps_stand_before_what_they_must_come_before():
    stamp, scrub = step_parse("pdf.stamp", {"text": "x"}), step_parse("file.scrub", {})

    class Last(type(scrub)):
        name: ClassVar[str] = "pdf.sign"

    def ordered(*steps):
        return [item.step for item in items_ordered(map(StepItem, steps))]

    sign = Last()
    assert ordered(sign, scrub, stamp)[-1] is not stamp
    found = ordered(sign, stamp, scrub)
    assert found.index(stamp) < found.index(sign)
    assert ordered(stamp, scrub) == [stamp, scrub]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"step": "pdf.print"}], "no such step"),
        ([{"step": "pdf.stamp", "parameters": {}}], "does not accept its text"),
        ([{"step": "pdf.stamp", "parameters": {"text": "a", "colour": 1}}], "colour"),
        ([{"step": "pdf.stamp", "parameters": "x"}], "parameters"),
        ([{"step": 7}], "Steps that every"),
        ([{"step": "archive.zip"}, CONFIDENTIAL], "never receives a document"),
        ("pdf.stamp", "Steps that every"),
        ([CONFIDENTIAL] * 11, "Steps that every"),
    ],
)
def test_a_mandatory_step_that_cannot_run_is_refused(ana, steps, said):
    with refused("rules_invalid") as refusal:
        set_policy(ana, mandatory_steps=steps)
    assert refusal.error.members == {"field": "mandatory_steps"}
    assert said in refusal.error.sentence
    assert refusal.error.sentence.endswith("Nothing was changed.")


# What is told before


def test_people_are_told_what_applies_before_they_act(ana, ben):
    set_policy(
        ana, types_refused=["application/zip"], mandatory_steps=[CONFIDENTIAL], downloads_most=4, save_plain=False,
        guests_invited_by="admins", expires_days_most=7,
    )  # fmt: skip
    me = services.me_show(peer=ana.peer)
    told = me["policy"]
    assert told["types_refused"] == ["application/zip"]
    assert ".zip" in told["endings_refused"]
    (step,) = told["mandatory_steps"]
    assert (step["step"], step["title"]) == ("pdf.stamp", "Stamp every page of the PDFs")
    assert step["parameters"] == {"text": "Confidential", "opacity": 0.3, "position": "diagonal", "colour": "grey"}
    assert (told["downloads_most"], told["save"], told["guests"]) == (4, "sealed", False)
    assert (told["set_by"]["save_plain"], told["set_by"]["infected"]) == ("organisation", "platform")
    assert (me["limits"]["expires_days_max"], me["limits"]["expires_days_default"]) == (7, 7)
    other = services.me_show(peer=ben.peer)["policy"]
    assert (other["save"], other["guests"], other["mandatory_steps"]) == ("plain", True, [])


def test_saving_is_as_the_policy_of_the_one_who_saves_says(ana, ben):
    message = sent(ana, ben)
    ana.work(message)
    document = ben.received(message)["documents"][0]
    assert ben.transfer(document)["save"] == "plain"
    set_policy(ben, save_plain=False)
    assert ben.transfer(document)["save"] == "sealed"
    assert ana.transfer(ana.sent(message)["documents"][0])["save"] == "plain"


def test_the_platform_may_want_it_for_everybody(ana, ben):
    platform_rules_change(kind=RulesKind.POLICY, members={"types_refused": ["application/zip"]}, operator="1")
    with refused("policy_refused") as refusal:
        ana.begin(ZIP, name="photos.zip")
    assert refusal.error.members["set_by"] == "platform"
    set_policy(ana, types_refused=[])
    with refused("policy_refused") as refusal:
        sent(ana, ben, ZIP, "photos.zip")
    assert refusal.error.members["set_by"] == "partner"
