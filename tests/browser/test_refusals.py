"""What goes wrong is told in one sentence, where the person looks, and loses nothing."""

import os
from uuid import uuid4

import pytest

from tests.documents import noise, pdf
from tests.people import waited
from tests.services.clamd import EICAR

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(200)]


def test_a_wrong_password_is_told_and_the_right_one_then_works(sender, visitor):
    window = visitor()
    window.open("/inbox")
    window.enter(sender.login, "not the password")
    said = window.see("[data-form=signin] [data-error]").text_content()
    assert said.startswith("The login or the password is wrong")
    window.enter(sender.login, sender.password)
    window.see("[data-page=inbox]")


def test_an_unknown_login_gets_the_same_sentence(sender, visitor):
    window = visitor()
    window.open("/inbox")
    window.enter(sender.login, "not the password")
    known = window.see("[data-form=signin] [data-error]").text_content()
    other = visitor()
    other.open("/inbox")
    other.enter(f"nobody-{uuid4().hex[:6]}@aster.example", "not the password")
    assert other.see("[data-form=signin] [data-error]").text_content() == known


def test_a_recipient_who_cannot_be_reached_is_told_before_anything_is_sent(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/compose")
    window.see("[data-page=compose]")
    window.page.fill("#recipient", "nobody@request.invalid")
    window.page.click("[data-recipient-add]")
    window.see(".chip.bad")
    window.page.fill("[name=subject]", "To nobody")
    window.page.click("[data-send]")
    said = window.see("form [data-error]:not([hidden])").text_content()
    assert said == "nobody@request.invalid cannot be reached. Remove or correct it."
    assert window.page.input_value("[name=subject]") == "To nobody"


def test_a_file_over_the_limit_is_told_before_the_upload(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/compose")
    page = window.see("[data-page=compose]")
    page.evaluate("(page) => { page.dataset.uploadMax = '1000'; }")
    window.page.set_input_files("#files", [{"name": "wide.bin", "mimeType": "", "buffer": b"x" * 1001}])
    assert "wide.bin" in window.see("[data-error]:not([hidden])").text_content()
    assert window.page.locator("[data-files] .name").count() == 0


def stopped(window, to: str, subject: str, file) -> None:
    """An upload that is stopped once a part of it is stored."""
    window.compose(to=to, subject=subject, note="", files=[file])
    window.page.click("[data-send]")
    begun = "document.querySelector('[data-progress] progress').value > 0.1"
    waited(lambda: window.page.evaluate(begun), bool)
    window.page.click("[data-stop]:not([hidden])")
    said = window.see("form > [data-error]:not([hidden])").text_content()
    assert said == "Stopped. What was uploaded is kept for a day; Send goes on from there."


def test_a_stopped_upload_goes_on_from_there(sender, reader, visitor, tmp_path):
    window = visitor()
    window.sign_in(sender.login, sender.password)
    file = noise(tmp_path / "stopped.bin", 150 << 20)
    stopped(window, reader.login, "Stopped once", file)
    window.send()
    shown = sender.session.call("GET", "/api/v1/outbox")["messages"][0]
    assert shown["subject"] == "Stopped once"
    document = reader.received(shown["id"])["documents"][0]
    assert reader.save(document, tmp_path / "got").read_bytes() == file.read_bytes()


def test_a_file_that_changed_between_two_attempts_is_sent_anew_whole(sender, reader, visitor, tmp_path):
    """Even where nothing but its content shows it: never the old parts before the new ones."""
    window = visitor()
    window.sign_in(sender.login, sender.password)
    file = noise(tmp_path / "changed.bin", 100 << 20, seed=1)
    at = file.stat().st_mtime_ns
    stopped(window, reader.login, "Changed", file)
    noise(file, 100 << 20, seed=2)
    os.utime(file, ns=(at, at))
    document = reader.received(window.send())["documents"][0]
    assert reader.save(document, tmp_path / "got").read_bytes() == file.read_bytes()


def test_a_file_that_was_written_since_it_was_chosen_is_told(sender, reader, visitor, tmp_path):
    window = visitor()
    window.sign_in(sender.login, sender.password)
    file = noise(tmp_path / "written.bin", 1 << 20, seed=1)
    window.compose(to=reader.login, subject="Written", note="", files=[file])
    noise(file, 1 << 20, seed=2)
    os.utime(file, ns=(0, 0))
    window.page.click("[data-send]")
    said = window.see("form > [data-error]:not([hidden])").text_content()
    assert said.endswith("Nothing was delivered; add it again.")
    window.page.click("[data-remove]")
    window.page.set_input_files("#files", file)
    document = reader.received(window.send())["documents"][0]
    assert reader.save(document, tmp_path / "got").read_bytes() == file.read_bytes()


def test_a_session_ended_elsewhere_asks_for_the_password_and_returns(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/outbox")
    window.see("[data-page=outbox]")
    for row in sender.session.call("GET", "/api/v1/sessions")["sessions"]:
        if row["id"] != str(sender.session.session):
            sender.session.call("DELETE", f"/api/v1/sessions/{row['id']}")
    window.page.click("#nav a[href='/inbox']")
    why = window.see("[data-form=signin]").locator("xpath=..").locator("[data-why]").text_content()
    assert why == "Your session has ended. Sign in again to go on where you were."
    window.enter(sender.login, sender.password)
    window.see("[data-page=inbox]")


def test_malware_is_held_with_its_reason_and_reaches_nobody(sender, reader, visitor, tmp_path):
    if not sender.system.environment.get("SEALPOST_CLAMD"):
        pytest.skip("clamd is not installed")
    file = tmp_path / "eicar.com"
    file.write_bytes(EICAR)
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.compose(to=reader.login, subject="Harmless", note="", files=[file])
    message = window.send()
    said = window.see(".notice.bad").text_content()
    assert "A document contains malware, so nothing was delivered." in said
    assert message not in {row["id"] for row in reader.session.call("GET", "/api/v1/inbox")["messages"]}


def test_a_pdf_that_cannot_be_stamped_holds_the_message_and_says_why(sender, reader, visitor, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(pdf(tmp_path / "whole.pdf").read_bytes()[:400])
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.compose(to=reader.login, subject="Broken", note="", files=[broken], stamp="Draft")
    window.send()
    assert "damaged or not of its type" in window.see(".notice.bad").text_content()
    window.page.click("[data-cancel]")
    window.see(".badge.cancelled")


def test_an_invitation_is_taken_up_in_the_page(running, visitor):
    login = f"invited-{uuid4().hex[:6]}@birch.example"
    link = running.manage("user_invite", "Birch Supply", login, "--name", "Ida", "--origin", running.url)["link"]
    window = visitor()
    window.page.goto(link)
    window.choose_password("a password of Ida's own")
    window.see("[data-page=inbox], [data-form=signin]")
    if window.page.locator("[data-form=signin]").count():
        window.enter(login, "a password of Ida's own")
    assert window.see("#who").text_content() == "Ida"
    late = visitor()
    late.page.goto(link)
    late.page.get_by_role("heading", name="This invitation cannot be used").wait_for()
    assert "invitation" in late.see("[data-why]").text_content()
