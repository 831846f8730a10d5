"""The outbox of e-mail: owed with what it tells of, sent once, never lost, and without a word of content."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Notification, NotificationPreference, User
from accounts.notification_text import mail_text
from accounts.notifications import CHOICES, EVENTS, LANGUAGES
from accounts.services import (
    notification_prefer,
    notification_preferences,
    notifications_send,
    notify,
    tenant_resume,
    tenant_suspend,
    user_issue,
)
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.refusal import refused
from tests.services.smtp import Mailroom, smtp_start

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.SEALPOST_SMTP_URL, settings.SEALPOST_MAIL_FOLDER = "", tmp_path / "mail"
    return tmp_path / "mail"


@pytest.fixture
def mailroom(settings) -> Iterator[Mailroom]:
    room = Mailroom()
    controller = smtp_start(room)
    settings.SEALPOST_SMTP_URL = f"smtp://127.0.0.1:{controller.port}"
    yield room
    controller.stop()


@pytest.fixture
def robot(db):
    return user_issue(tenant=organisation("Aster"), login="robot@aster.example", name="Robot", kind="machine")


def owe(robot, event: str = "held", key: str = "one", **more) -> None:
    with scope(tenant=robot.tenant):
        notify(event=event, user=robot.user, tenant=robot.tenant, key=key, **more)


def rows() -> list[Notification]:
    with scopes_disabled():
        return list(Notification.objects.order_by("created_at"))


def due_now() -> None:
    with scopes_disabled():
        Notification.objects.update(run_after=timezone.now(), lease_until=None)


def test_a_mail_goes_out_once_as_a_file(robot, folder):
    owe(robot)
    assert notifications_send() == 1
    assert notifications_send() == 0
    (file,) = folder.glob("*.eml")
    mail = message_from_bytes(file.read_bytes())
    assert mail["To"] == "robot@aster.example"
    assert mail["Subject"] == "A message is held"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [row.state for row in rows()] == ["sent"]


def test_the_same_key_is_one_mail(robot, folder):
    owe(robot)
    owe(robot)
    assert notifications_send() == 1


def test_what_is_rolled_back_is_not_told(robot, folder):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        owe(robot)
        _ = 1 / 0
    assert notifications_send() == 0


def test_address_and_words_lie_sealed(robot, folder):
    with scope(tenant=robot.tenant):
        notify(
            event="invitation", tenant=robot.tenant, address="eva@aster.example", key="i",
            context={"link": "https://x.example/enrol#secret-of-the-link", "until": "2026-12-01"},
        )  # fmt: skip
    (row,) = rows()
    stored = bytes(row.address_sealed) + bytes(row.context_sealed) + row.key.encode()
    assert b"eva@" not in stored
    assert b"secret-of-the-link" not in stored
    notifications_send()
    assert "secret-of-the-link" in next(folder.glob("*.eml")).read_text()


def test_smtp_gets_a_mail_with_a_stable_id(robot, mailroom):
    owe(robot)
    assert notifications_send() == 1
    (mail,) = mailroom.arrived
    assert mail["Message-ID"] == f"<{rows()[0].id}@localhost>"


def test_a_server_that_is_busy_is_asked_again_later(robot, mailroom):
    mailroom.answers = ["451 later", "421 closing"]
    owe(robot)
    for _ in range(2):
        assert notifications_send() == 0
        assert rows()[0].run_after > timezone.now()
        assert notifications_send() == 0, "not before its time"
        due_now()
    assert notifications_send() == 1
    assert len(mailroom.arrived) == 1


def test_a_server_that_is_away_loses_nothing(robot, settings):
    settings.SEALPOST_SMTP_URL = "smtp://127.0.0.1:1"
    owe(robot)
    assert notifications_send() == 0
    assert rows()[0].state == "waiting"


def test_what_was_taken_without_a_word_is_sent_again_under_the_same_id(robot, mailroom):
    mailroom.answers = ["take and vanish"]
    owe(robot)
    assert notifications_send() == 0
    due_now()
    assert notifications_send() == 1
    assert len({mail["Message-ID"] for mail in mailroom.arrived}) == 1


def test_an_address_that_is_refused_for_good_is_not_tried_again(robot, mailroom):
    mailroom.refused = {"robot@aster.example": "550 no such user"}
    owe(robot)
    assert notifications_send() == 0
    assert rows()[0].state == "failed"


def test_after_three_days_a_mail_is_given_up(robot, settings):
    settings.SEALPOST_SMTP_URL = "smtp://127.0.0.1:1"
    owe(robot)
    with scopes_disabled():
        Notification.objects.update(created_at=timezone.now() - timedelta(days=3, minutes=1))
    notifications_send()
    assert rows()[0].state == "failed"


def test_a_worker_that_died_leaves_its_mail_to_the_next(robot, folder):
    owe(robot)
    with scopes_disabled():
        Notification.objects.update(lease_until=timezone.now() + timedelta(minutes=1), fence=1)
    assert notifications_send() == 0
    due_now()
    assert notifications_send() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_senders_at_once_send_each_mail_once(robot, mailroom):
    for number in range(20):
        owe(robot, key=str(number))

    def work() -> None:
        try:
            notifications_send()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    due_now()
    notifications_send()
    ids = [mail["Message-ID"] for mail in mailroom.arrived]
    assert len(ids) == len(set(ids)) == 20


def test_a_person_chooses_how_to_hear(robot, folder):
    peer = sign_in(robot.login, robot.passphrase).peer()
    shown = notification_prefer(peer=peer, modes={"held": "off", "recalled": "at_once"})
    assert {row["event"]: row["mode"] for row in shown}["held"] == "off"
    assert notification_preferences(peer=peer) == shown
    owe(robot)
    owe(robot, "recalled", "two")
    assert notifications_send() == 1
    for wrong in ({"held": "never"}, {"invitation": "off"}, {"nothing": "off"}):
        with refused("notification_invalid"):
            notification_prefer(peer=peer, modes=wrong)


def test_what_always_comes_cannot_be_switched_off(robot, folder):
    owe(robot, "reissued")
    assert notifications_send() == 1


def test_a_digest_is_one_mail_a_day(robot, folder):
    peer = sign_in(robot.login, robot.passphrase).peer()
    notification_prefer(peer=peer, modes={"held": "digest", "recalled": "digest"})
    owe(robot, "held", "one")
    owe(robot, "recalled", "two")
    owe(robot, "held", "three")
    assert notifications_send() == 0, "not before its hour"
    assert {row.run_after.hour for row in rows()} == {6}
    due_now()
    assert notifications_send() == 1
    (file,) = folder.glob("*.eml")
    text = message_from_bytes(file.read_bytes()).get_payload(decode=True).decode()
    assert text.count("A message is held") == 2
    assert "A sender recalled something" in text
    assert {row.state for row in rows()} == {"sent"}


def test_people_read_their_own_language(robot, folder):
    with scope(tenant=robot.tenant):
        User.objects.filter(id=robot.user.id).update(language="de")
        robot.user.refresh_from_db(fields=["language"])
    owe(robot)
    notifications_send()
    mail = message_from_bytes(next(folder.glob("*.eml")).read_bytes())
    assert "zurückgehalten" in mail.get_payload(decode=True).decode()


def test_somebody_who_was_removed_gets_nothing_more(robot, folder):
    owe(robot)
    with scope(tenant=robot.tenant):
        User.objects.filter(id=robot.user.id).update(state=User.State.REMOVED)
    assert notifications_send() == 0
    assert rows()[0].state == "dropped"


READ = {"delivery_waiting", "reminder", "expiring_recipient", "recalled", "guest_invitation", "guest_unconnected"}
SENT = {"downloaded", "expiring_sender", "expired_unread", "held", "request_received"}
LED = {"connection_proposed", "connection_accepted", "connection_ended"}
CONCERNS = {"auditor": set(), "guest": READ, "member": READ | SENT, "admin": READ | SENT | LED, "depositor": set()}


def become(robot, **changed: str) -> None:
    with scope(tenant=robot.tenant):
        User.objects.filter(id=robot.user.id).update(**changed)
        robot.user.refresh_from_db()


def owe_everything(robot) -> set[str]:
    """Which of all events are owed to somebody who wants them all."""
    with scope(tenant=robot.tenant):
        for event in CHOICES:
            NotificationPreference.objects.create(
                tenant=robot.tenant, user=robot.user, event=event.name, mode="at_once"
            )
    for event in EVENTS:
        owe(robot, event, event)
    return {row.event for row in rows()}


@pytest.mark.parametrize("role", CONCERNS)
def test_nobody_is_owed_a_mail_of_what_they_may_not_see_or_do(robot, role):
    become(robot, role=role)
    owed = owe_everything(robot)
    assert owed & (READ | SENT | LED) == CONCERNS[role]
    assert ("reissued" in owed) == (role != "depositor")


def test_somebody_who_was_removed_is_owed_that_alone(robot):
    become(robot, state="removed")
    assert owe_everything(robot) == {"removed"}


def test_the_choices_are_those_that_concern_one(robot):
    become(robot, role="guest")
    peer = sign_in(robot.login, robot.passphrase).peer()
    assert {one["event"] for one in notification_preferences(peer=peer)} == READ & {one.name for one in CHOICES}


def test_who_becomes_an_auditor_gets_nothing_that_still_waits(robot, folder):
    owe(robot, "recalled", "once a day")
    owe(robot, "held", "at once")
    owe(robot, "reissued", "always")
    become(robot, role="auditor")
    due_now()
    assert notifications_send() == 1
    assert {row.event: row.state for row in rows()} == {"recalled": "dropped", "held": "dropped", "reissued": "sent"}


def test_what_people_of_a_suspended_organisation_are_owed_waits_with_it(robot, folder):
    owe(robot)
    tenant_suspend(tenant_id=robot.tenant.id, operator="1")
    assert notifications_send() == 0
    assert rows()[0].state == "waiting"
    tenant_resume(tenant_id=robot.tenant.id, operator="1")
    assert notifications_send() == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_mail_is_written_in_every_language(settings, event, language):
    context = {"until": "2026-12-01", "link": "https://x.example/enrol#A.B.C"}
    named = mail_text(event, context | {"organisation": "Aster & Söhne <GmbH>"}, language=language)
    unnamed = mail_text(event, context, language=language)
    for subject, text in (named, unnamed):
        assert 5 < len(subject) < 80
        assert "\n" not in subject
        assert "{" not in text
        assert len(text.strip().splitlines()) >= 3
    assert "Aster" not in unnamed[0] + unnamed[1]
    assert "&amp;" not in named[1]
    assert ("/notifications" in named[1]) == (event in {choice.name for choice in CHOICES})
