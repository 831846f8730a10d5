"""A real document goes from one organisation to another, by the pages alone, and mixed with the command."""

import hashlib
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from sealpost.crypto.stream import SEGMENT
from tests.browser.visitor import WAIT
from tests.documents import noise, pdf, pdf_texts

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(400)]

# What a watcher saw of the progress: every text that stood there, in order, in total and of each file.
WATCH = """() => {
  [window.seen, window.files] = [[], {}];
  const places = "[data-phase], [data-total-text], [data-progress-text], [data-page=sent] .notice strong";
  new MutationObserver(() => {
    for (const place of document.querySelectorAll(places)) {
      if (place.textContent && window.seen.at(-1) !== place.textContent) window.seen.push(place.textContent);
    }
    for (const row of document.querySelectorAll("[data-files] .document")) {
      const [name, text] = [".name", "[data-progress-text]"].map((place) => row.querySelector(place).textContent);
      const said = (window.files[name] ??= []);
      if (text && said.at(-1) !== text) said.push(text);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
DROP = """(place, [name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([text], name, { type: "text/csv" }));
  place.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: dropped }));
}"""
TIMES = ("[data-page=message] time >> nth=0", "[data-page=message] time >> nth=1")


def newcomer(running, tenant: str, name: str) -> tuple[str, str]:
    """Login and issued passphrase of somebody new."""
    login = f"{name}-{uuid4().hex[:8]}@example.org"
    issued = running.manage("user_issue", tenant, login, "--name", name.title())
    return issued["login"], issued["passphrase"]


def digest(path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_contract_and_300_mb_go_from_one_organisation_to_another(running, visitor, tmp_path):
    (vera, vera_issued), (otto, otto_issued) = (
        newcomer(running, "Aster Legal", "vera"),
        newcomer(running, "Birch Supply", "otto"),
    )
    contract, large = pdf(tmp_path / "contract.pdf", pages=12), noise(tmp_path / "large.bin", 300 << 20)
    first = visitor()
    first.sign_in(vera, vera_issued)
    first.choose_password("a password of Vera's own")
    first.see("[data-page=inbox]")
    first.compose(
        to=otto,
        subject="Q3 contract",
        note="Please sign.\nThanks",
        files=[contract, large],
        stamp="Draft for {recipient}",
        days="30",
    )
    first.page.locator("[data-drop]").evaluate(DROP, ["data.csv", "a,b\n1,2\n"])
    assert first.page.locator("[data-files] .name").all_text_contents() == ["contract.pdf", "large.bin", "data.csv"]
    first.page.evaluate(WATCH)
    message = first.send()
    seen = first.page.evaluate("window.seen")
    assert "Encrypting and uploading" in seen
    files = first.page.evaluate("window.files")
    assert files.keys() == {"contract.pdf", "large.bin", "data.csv"}
    assert all((said[0], said[-1]) == ("Encrypting", "Uploaded") for said in files.values()), files
    assert len(files["large.bin"]) > 5
    assert any("left" in text or "MB/s" in text for text in seen), seen
    assert any(text.startswith(("Checking", "Processing", "Delivering")) for text in seen), seen

    second = visitor(viewport={"width": 375, "height": 800}, color_scheme="dark")
    second.sign_in(otto, otto_issued)
    second.choose_password("a password of Otto's own")
    second.see("a.message").click()
    second.see("[data-page=message]")
    assert second.page.locator("h1").text_content() == "Q3 contract"
    assert "Thanks" in second.page.locator(".note").text_content()
    sent, until = (datetime.fromisoformat(second.see(time).get_attribute("datetime")) for time in TIMES)
    assert until - sent == timedelta(days=30)
    second.page.locator('[data-name="contract.pdf"] [data-preview]').click()
    second.see("canvas[data-drawn]")
    assert second.page.locator("[data-viewer-page]").text_content() == "Page 1 of 12"
    second.page.locator("[data-viewer-next]").click()
    second.page.get_by_text("Page 2 of 12", exact=True).wait_for()
    texts = pdf_texts(second.save("contract.pdf", tmp_path).read_bytes())
    assert [f"Draft for {otto}" in text for text in texts] == [True] * 12
    assert digest(second.save("large.bin", tmp_path)) == digest(large)
    assert second.save("data.csv", tmp_path).read_text() == "a,b\n1,2\n"

    first.page.locator(".badge.downloaded").wait_for(timeout=WAIT)
    trail = first.page.locator(".trail li").all_text_contents()
    assert trail.pop() == "3 downloads begun"
    assert [line.split()[0] for line in trail] == ["Delivered", "Opened", "Downloaded"]
    assert all("202" in line for line in trail)
    first.open("/outbox")
    assert first.see(f'a[href$="{message}"]').text_content().count("Q3 contract") == 1


def test_the_page_keeps_no_more_than_some_segments_of_a_large_document(running, sender, reader, visitor, tmp_path):
    """Saving 200 MB goes through the page without gathering there."""
    shown = sender.send(noise(tmp_path / "wide.bin", 200 << 20), to=[reader.login])
    window = visitor()
    window.sign_in(reader.login, reader.password, path=f"/inbox/{shown['id']}")
    window.see("[data-save]")
    before = window.page.evaluate("performance.memory.usedJSHeapSize")
    window.save("wide.bin", tmp_path)
    assert window.page.evaluate("performance.memory.usedJSHeapSize") - before < 64 * SEGMENT


@pytest.mark.production
def test_sent_by_the_page_and_fetched_by_the_command_and_the_reverse(running, sender, reader, visitor, tmp_path):
    file = noise(tmp_path / "mixed.bin", 20_000_001)
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.compose(to=reader.login, subject="By the page", note="", files=[file])
    message = window.send()
    reader.signin()
    reader.run("get", message, "--out", tmp_path / "got")
    assert digest(tmp_path / "got" / "mixed.bin") == digest(file)
    reader.run("send", file, "--to", sender.login, "--subject", "By the command")
    back = reader.run_json("outbox")[0]["id"]
    window.open(f"/inbox/{back}")
    assert digest(window.save("mixed.bin", tmp_path)) == digest(file)
