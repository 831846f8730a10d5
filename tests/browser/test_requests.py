"""A link is made, somebody outside deposits documents by it and keeps a receipt, and the maker reads them."""

import hashlib

import pytest

from tests.browser.visitor import WAIT
from tests.documents import noise, pdf

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]


def make(window, title: str) -> tuple[str, str]:
    """Make a request by the page; its link and passphrase."""
    window.page.click("#nav a[href='/requests']")
    window.see("[data-page=requests]")
    if not window.page.locator("form [name=title]").is_visible():
        window.page.click(".maker summary")
    window.page.fill("form [name=title]", title)
    window.page.fill("form [name=deposits_most]", "2")
    window.page.fill("form [name=files_most]", "2")
    window.page.fill("[data-megabytes]", "30")
    window.page.click("form button.primary")
    window.see("[data-once]:not([hidden])")
    return tuple(window.page.locator(f"[data-once-{name}]").text_content() for name in ("link", "passphrase"))


def test_documents_come_in_by_a_link(running, sender, visitor, tmp_path):
    papers, large = pdf(tmp_path / "papers.pdf", pages=2), noise(tmp_path / "large.bin", 20_000_001)
    maker = visitor()
    maker.sign_in(sender.login, sender.password)
    link, passphrase = make(maker, "Papers of the case")
    assert link.startswith(f"{running.url}/request#")
    assert passphrase not in link

    outsider = visitor(viewport={"width": 375, "height": 800})
    asked = []
    outsider.page.on("request", lambda request: asked.append(request.url))
    outsider.page.goto(link)
    outsider.see("[data-form=request]")
    outsider.page.fill("[name=password]", "not-the-right-one")
    outsider.page.click("form button.primary")
    outsider.page.get_by_text("The passphrase is wrong, or").wait_for()
    outsider.page.fill("[name=password]", f" {passphrase.replace('-', ' ').title()} ")
    outsider.page.click("form button.primary")
    page = outsider.see("[data-page=deposit]")
    assert "Aster Legal asks you" in page.text_content()
    assert "Papers of the case" in page.text_content()
    assert "2 times more" in page.text_content()
    outsider.page.set_input_files("#files", [papers, large, pdf(tmp_path / "third.pdf")])
    outsider.page.get_by_text("A request takes 2 documents").wait_for()
    outsider.page.click("[data-send]")
    outsider.page.get_by_text("Write your name").wait_for()
    outsider.page.fill("[name=depositor]", "Otto Outside")
    outsider.page.fill("[name=email]", "otto@outside.example")
    outsider.page.click("[data-send]")
    outsider.see("[data-receipt]:not([hidden])")
    assert outsider.page.locator(".steps .done").all_text_contents() == ["Uploaded", "Checked", "Delivered"]
    with outsider.page.expect_download() as download:
        outsider.page.click("[data-receipt-save]")
    receipt = tmp_path / "receipt.txt"
    download.value.save_as(receipt)
    for path in (papers, large):
        assert f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in receipt.read_text()
    outsider.page.reload()
    outsider.see("[data-receipt]:not([hidden]), [data-form=request]")
    assert not [url for url in asked if link.partition("#")[2] in url]  # no server's log has it
    for path in ("/inbox", "/sessions", "/compose"):
        outsider.open(path)
        outsider.see("[data-page=deposit], [data-form]")

    maker.open("/inbox")
    row = maker.see("a.message:has-text('Papers of the case')")
    assert "Otto Outside, otto@outside.example" in row.text_content()
    assert "File request, unverified: Otto Outside" in row.text_content()
    row.click()
    maker.page.get_by_text("By file request").wait_for()
    assert maker.save("large.bin", tmp_path).read_bytes() == large.read_bytes()
    maker.page.click("#nav a[href='/requests']")
    maker.page.locator("a.message:has-text('1 of 2 answered')").first.click()
    maker.see("[data-page=file-request]")
    assert "Otto Outside" in maker.page.locator(".rows").text_content()
    maker.page.once("dialog", lambda dialog: dialog.accept())
    maker.page.click("button[data-call$='/close']")
    maker.page.locator(".heading .badge.expired").wait_for(timeout=WAIT)
    stranger = visitor()
    stranger.page.goto(link)
    stranger.page.fill("[name=password]", passphrase)
    stranger.page.click("form button.primary")
    stranger.page.get_by_text("or this request is closed").wait_for()


def test_a_member_who_is_signed_in_is_asked_to_leave_first(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password)
    link, _ = make(window, "Another")
    window.page.goto(link)
    window.page.get_by_text("Sign out first").wait_for()
    window.page.click("[data-leave]")
    window.see("[data-form=request] [name=password]")
    window.open("/request#nonsense")
    window.page.reload()
    window.page.get_by_text("This link is incomplete").wait_for()
