"""Networks that fail in the middle: what was sent stays sent, and the page says what to do."""

import pytest

from tests.browser.gate import Gate
from tests.documents import noise
from tests.people import waited

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(200)]

SIZE = 80 << 20
UNREACHABLE = "The server cannot be reached. Nothing was lost; check your network and try again."
STILL = "Documents are still being sent. Leave this page and stop?"


@pytest.fixture
def gate(running):
    way = Gate(("127.0.0.1", running.port))
    yield way
    way.release()
    way.shut()


def sending(visitor, gate, sender, reader, file, subject):
    """A window in which an upload is under way, a part of it done."""
    window = visitor(url=gate.url)
    window.sign_in(sender.login, sender.password)
    window.compose(to=reader.login, subject=subject, note="", files=[file])
    window.page.click("[data-send]")
    begun = "document.querySelector('[data-progress] progress')?.value > 0.15"
    waited(lambda: window.page.evaluate(begun), bool)
    return window


def arrived(sender, reader, subject, file, folder):
    """The message with this subject reached the reader once, with the file's bytes."""
    found = [row for row in sender.session.call("GET", "/api/v1/outbox")["messages"] if row["subject"] == subject]
    assert len(found) == 1
    document = reader.received(found[0]["id"])["documents"][0]
    return reader.save(document, folder).read_bytes() == file.read_bytes()


def unreachable_is_expected(window):
    """Chromium writes a line of its own for every connection that it did not get; nothing else may stand there."""
    assert all("net::ERR_" in fault for fault in window.faults), window.faults
    window.faults.clear()


def test_a_server_that_is_gone_for_a_moment_stops_no_upload(sender, reader, visitor, gate, tmp_path):
    file = noise(tmp_path / "moment.bin", SIZE)
    window = sending(visitor, gate, sender, reader, file, "Gone for a moment")
    gate.shut()
    gate.open()
    window.see("[data-page=sent]")
    window.see(".badge.sent")
    unreachable_is_expected(window)
    assert arrived(sender, reader, "Gone for a moment", file, tmp_path / "got")


def test_a_server_that_is_gone_is_told_and_send_goes_on_from_there(sender, reader, visitor, gate, tmp_path):
    file = noise(tmp_path / "gone.bin", SIZE)
    window = sending(visitor, gate, sender, reader, file, "Gone for long")
    gate.shut()
    told = window.see("form > [data-error]:not([hidden])")
    assert told.text_content() == UNREACHABLE
    assert window.page.locator("[data-progress-text]").text_content().startswith("Stopped at ")
    gate.open()
    window.send()
    unreachable_is_expected(window)
    assert arrived(sender, reader, "Gone for long", file, tmp_path / "got")
    assert gate.sent < 1.6 * SIZE  # what was stored did not cross again; what was on its way did


def test_a_page_that_cannot_be_fetched_offers_to_try_again(sender, visitor, gate):
    window = visitor(url=gate.url)
    window.sign_in(sender.login, sender.password)
    window.see("[data-page=inbox]")
    gate.shut()
    window.page.click("#nav a[href='/outbox']")
    assert window.see("[data-sentence]").text_content() == UNREACHABLE
    gate.open()
    window.page.click("[data-again]")
    window.see("[data-page=outbox]")
    unreachable_is_expected(window)


def test_leaving_while_documents_are_sent_is_asked_about_first(sender, reader, visitor, gate, tmp_path):
    file = noise(tmp_path / "leaving.bin", SIZE)
    window = sending(visitor, gate, sender, reader, file, "Not left")
    gate.hold()
    window.page.on("dialog", lambda dialog: dialog.dismiss())
    with window.page.expect_event("dialog") as dialog:
        window.page.evaluate("setTimeout(() => history.back())")
    assert (dialog.value.type, dialog.value.message) == ("confirm", STILL)
    waited(lambda: window.page.evaluate("location.pathname"), lambda path: path == "/compose", seconds=10)
    with window.page.expect_event("dialog") as dialog:
        window.page.close(run_before_unload=True)
    assert dialog.value.type == "beforeunload"
    gate.release()
    window.see("[data-page=sent]")
    window.see(".badge.sent")
    unreachable_is_expected(window)
    assert arrived(sender, reader, "Not left", file, tmp_path / "got")


@pytest.mark.parametrize("network", ["gone", "silent"])
def test_signing_out_drops_the_keys_though_the_server_cannot_be_told_and_says_so(sender, visitor, gate, network):
    window = visitor(url=gate.url)
    window.sign_in(sender.login, sender.password)
    window.see("[data-page=inbox]")
    if network == "gone":
        gate.shut()
    else:
        gate.hold()
    window.page.click("#account summary")
    window.page.click("#sign-out")
    window.see("[data-form=signin]")
    assert window.page.locator("#account, [data-page]").locator("visible=true").count() == 0
    window.page.fill("[name=login]", "begun meanwhile")
    said = window.page.get_by_text("the server could not be told").first
    said.wait_for(timeout=20_000)
    assert said.text_content().endswith("your session there ends by itself within 12 hours of its start.")
    assert window.page.input_value("[name=login]") == "begun meanwhile"
    window.page.go_back()
    assert window.page.locator("[data-page]").count() == 0
    unreachable_is_expected(window)
