"""The audit page of an auditor: read, filtered, saved as a file that the command verifies."""

from uuid import uuid4

import pytest

from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.production, pytest.mark.timeout(300)]


@pytest.fixture
def eva(running, tmp_path) -> Member:
    """The auditor of Aster Legal."""
    login = f"eva-{uuid4().hex[:8]}@aster.example"
    issued = running.manage("user_issue", "Aster Legal", login, "--name", "Eva Auditor", "--role", "auditor")
    return member(running, Person(login, issued["passphrase"]), tmp_path / "eva")


@pytest.mark.parametrize("width", [1280, 375])
def test_an_auditor_reads_filters_and_saves_the_log(visitor, eva, sender, tmp_path, width):
    (tmp_path / "note.txt").write_text("note")
    sender.send(tmp_path / "note.txt", to=[sender.login])
    window = visitor(viewport={"width": width, "height": 800}, timezone_id="Asia/Tokyo", accept_downloads=True)
    window.sign_in(eva.login, eva.password, path="/")
    window.see("[data-page=audit]")  # where an auditor begins
    assert window.page.url.endswith("/audit")
    assert window.page.locator("#nav a:visible").all_inner_texts() == ["Audit"]
    assert window.page.evaluate("document.documentElement.scrollWidth") == width
    assert "Eva Auditor signed in" in window.page.inner_text("ol.events li >> nth=0")

    if width < 640:
        window.page.click(".filters summary")
    window.page.select_option("[name=event]", "message.sent")
    window.page.fill("[name=from]", "2026-01-01T09:00")
    window.page.click("[data-filters] button.primary")
    window.see('.filters a[href="/audit"]')
    assert "event=message.sent" in window.page.url
    assert "from=2026-01-01T00%3A00%3A00.000Z" in window.page.url  # nine hours before the reader's nine o'clock
    assert window.page.input_value("[name=from]") == "2026-01-01T09:00"
    shown = window.page.locator("ol.events p").all_inner_texts()
    assert shown
    assert [text for text in shown if " sent message " not in text] == []

    with window.page.expect_download() as download:
        window.page.click("[data-export]")
    part = tmp_path / "part.jsonl"
    download.value.save_as(part)
    window.see("[data-said]:not([hidden])")
    said = eva.run_json("audit", "verify", part)
    assert (said["filtered"], said["events"]) == (True, len(shown))

    window.page.locator("ol.events p a").last.click()  # the message itself
    window.see("ol.events")
    assert "object=" in window.page.url
    window.page.go_back()
    window.page.wait_for_url("**/audit?*event=message.sent*")
    window.page.click("a.brand")
    window.page.wait_for_url("**/audit")


def test_an_auditor_who_opens_another_page_is_told_and_led_back(visitor, eva):
    window = visitor()
    window.sign_in(eva.login, eva.password, path="/inbox")
    problem = window.see("[data-sentence]")
    assert "role" in problem.inner_text()
    window.page.click('a.button[href="/"]')
    window.see("[data-page=audit]")
