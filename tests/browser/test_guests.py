"""Somebody outside gets documents: a link in a mail, a password of their own, and what waited is there."""

import email
import re
import time
from email import policy
from uuid import uuid4

import pytest

from tests.browser.visitor import WAIT
from tests.documents import pdf

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]


def mail_to(running, address: str) -> str:
    """The text of the first mail to an address, once it has been sent."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in (running.data / "mail").glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] == address:
                return message.get_body().get_content()
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


@pytest.mark.production
def test_somebody_outside_is_invited_enrols_and_reads_what_waited(running, sender, visitor, tmp_path):
    outside = f"gil-{uuid4().hex[:8]}@outside.example"
    contract = pdf(tmp_path / "contract.pdf", pages=2)
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.compose(to=outside, subject="For you alone", note="Have a look", files=[contract])
    assert "will be invited" in window.page.locator(".chip.good").text_content()
    assert outside in window.page.locator("[data-guests]").text_content()
    window.page.click("[data-send]")
    window.page.get_by_text("Invited, waiting for them to enrol").wait_for(timeout=2 * WAIT)
    assert window.page.locator(".heading .badge").text_content() == "Waiting"
    window.page.click("[data-invite]")
    window.page.get_by_text("told less than an hour ago").wait_for()

    text = mail_to(running, outside)
    assert "For you alone" not in text
    assert "contract" not in text
    guest = visitor(viewport={"width": 375, "height": 800})
    guest.page.goto(re.search(r"http\S+/enrol#\S+", text)[0])
    guest.page.get_by_text("Aster Legal invites you").wait_for()
    guest.choose_password("a password of Gil's own")
    guest.see("[data-page=inbox]")
    guest.see("a.message").click()
    guest.see("[data-page=message]")
    assert guest.save("contract.pdf", tmp_path).read_bytes() == contract.read_bytes()
    assert [link.text_content() for link in guest.page.locator("#nav a:visible").all()] == ["Inbox"]
    guest.open("/compose")
    guest.see("main >> text=Your role")

    window.page.locator(".badge.downloaded").wait_for(timeout=WAIT)


def test_a_passphrase_is_shown_once_and_signs_a_guest_in(running, sender, visitor, tmp_path):
    outside = f"pia-{uuid4().hex[:8]}@outside.example"
    contract = pdf(tmp_path / "paper.pdf", pages=1)
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.compose(to=outside, subject="By passphrase", note="", files=[contract])
    window.page.click("[data-guest-passphrase]")
    passphrase = window.see("[data-guest-word]:not(:empty)").text_content()
    window.send()
    assert "/inbox" in mail_to(running, outside)
    assert passphrase not in mail_to(running, outside)

    guest = visitor()
    guest.sign_in(outside, passphrase)
    guest.choose_password("a password of Pia's own")
    guest.see("a.message").click()
    assert guest.save("paper.pdf", tmp_path).read_bytes() == contract.read_bytes()
