"""Every page by keyboard and screen reader, at both widths and in both colours; sessions and the ways out."""

from pathlib import Path

import pytest

from sealpost.client.session import Server, sign_in
from tests.documents import pdf
from tests.people import waited
from tests.running import ROOT

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(200)]

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHAPES = {
    "wide and light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "narrow and dark": {"viewport": {"width": 375, "height": 800}, "color_scheme": "dark"},
}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def barriers(window) -> list[str]:
    """What axe finds against WCAG 2.2 AA, and whether the page is wider than its window."""
    if window.page.evaluate("!window.axe"):
        window.page.evaluate(AXE)
    found = window.page.evaluate("(rules) => axe.run(document, { runOnly: rules })", RULES)
    assert found["passes"]
    said = [f"{rule['id']}: {node['html'][:150]}" for rule in found["violations"] for node in rule["nodes"]]
    return said + (["wider than the window"] if window.page.evaluate(WIDER) > 0 else [])


@pytest.fixture(scope="module")
def ids(sender, reader, tmp_path_factory) -> dict[str, str]:
    """A delivered message and a held one."""
    folder: Path = tmp_path_factory.mktemp("pages")
    contract, broken = pdf(folder / "contract.pdf"), folder / "a rather long name of a document without a space.pdf"
    broken.write_bytes(contract.read_bytes()[:400])
    stamp = [{"step": "pdf.stamp", "parameters": {"text": "Draft"}}]
    sent = sender.send(contract, to=[reader.login, sender.login], subject="Pages", note="One\n\ntwo", steps=stamp)
    held = sender.send(broken, to=[reader.login], steps=stamp)
    return {"sent": sent["id"], "held": held["id"]} | shared(sender, reader, contract)


def shared(sender, reader, document: Path) -> dict[str, str]:
    """A shared mailbox with a message in it, one that its maker does not read, and a group."""
    found = {}
    for name, title in (("mailbox", "Invoices"), ("unread", "Personnel")):
        address = f"{name}-of-the-pages@aster.example"
        found[name] = sender.session.call("POST", "/api/v1/mailboxes", {"address": address, "name": title})["id"]
    joined = {"login": sender.login, "role": "admin"}
    sender.session.call("POST", f"/api/v1/mailboxes/{found['mailbox']}/members", joined)
    found["shared"] = reader.send(document, to=["mailbox-of-the-pages@aster.example"])["id"]
    group = {"address": "group-of-the-pages@aster.example", "name": "Group", "members": [sender.login]}
    group |= {"partners_may_send": True}
    return found | {"group": sender.session.call("POST", "/api/v1/groups", group)["id"]}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_has_a_barrier(running, sender, visitor, ids, shape):
    found, window = {}, visitor(**SHAPES[shape])

    def look(name: str, what: str) -> None:
        window.see(what)
        window.page.wait_for_timeout(300)  # what fades in has its colours
        found[name] = barriers(window)

    window.open("/inbox")
    window.enter(sender.login, "wrong")
    look("sign-in", "[data-error]:not([hidden])")
    window.enter(sender.login, sender.password)
    look("inbox", "a.message")
    window.page.click("#account summary")
    look("menu", "#sign-out")
    window.page.click("#account a[href='/sessions']")
    look("sessions", "[data-page=sessions]")
    for name, path, shown in [
        ("outbox", "/outbox", "[data-page=outbox]"), ("sent", f"/outbox/{ids['sent']}", ".trail"),
        ("held", f"/outbox/{ids['held']}", ".notice.bad"), ("password", "/password", "[data-form=password]"),
        ("problem", f"/inbox/{ids['held']}", "[data-sentence]"), ("compose", "/compose", "[data-page=compose]"),
        ("shared", f"/inbox?mailbox={ids['mailbox']}", ".tabs a[aria-current]"),
        ("shared message", f"/inbox/{ids['shared']}?mailbox={ids['mailbox']}", "[data-page=message]"),
        ("mailboxes", "/mailboxes", ".entries"), ("mailbox", f"/mailboxes/{ids['mailbox']}", ".rows"),
        ("unread mailbox", f"/mailboxes/{ids['unread']}", ".notice"), ("groups", "/groups", ".entries"),
        ("group", f"/groups/{ids['group']}", ".rows"),
        ("message", f"/inbox/{ids['sent']}", "[data-preview]:not([hidden])"),
    ]:  # fmt: skip
        window.open(path)
        window.see("[data-form=signin], [data-page], [data-form=password], [data-sentence]")
        if window.page.locator("[data-form=signin]").count():
            window.enter(sender.login, sender.password)
        if name == "compose":
            window.see(shown)
            window.page.set_input_files("#files", [{"name": "a.txt", "mimeType": "", "buffer": b"x"}])
            window.page.check("[name=stamp]")
            window.page.fill("#recipient", "nobody@request.invalid")
            window.page.click("[data-send]")
        look(name, "form > [data-error]:not([hidden])" if name == "compose" else shown)
    window.page.click("[data-preview]:not([hidden])")
    look("preview", "canvas[data-drawn]")
    link = running.manage(
        "user_invite", "Aster Legal", f"{shape.replace(' ', '-')}@aster.example", "--origin", running.url
    )
    guest = visitor(**SHAPES[shape])
    guest.page.goto(link["link"])
    guest.see("[data-why]:not(:empty)")
    found["enrol"] = barriers(guest)
    assert {name: said for name, said in found.items() if said} == {}


def sessions(member) -> set[str]:
    """Ids of somebody's sessions."""
    return {row["id"] for row in member.session.call("GET", "/api/v1/sessions")["sessions"]}


def test_another_session_is_ended_from_the_page(running, sender, visitor):
    other, _ = sign_in(Server(running.url), sender.login, sender.password)
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/sessions")
    row = window.see(f"[data-session='{other.session}']")
    assert "Another session" in row.text_content()
    row.locator("[data-end]").click()
    row.wait_for(state="detached")
    assert str(other.session) not in sessions(sender)


def test_signing_out_in_the_page_ends_its_session_and_back_shows_nothing(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password)
    window.page.click("#account summary")
    window.page.click("#account a[href='/sessions']")
    mine = window.see("[data-current]").get_attribute("data-session")
    window.page.click("#account summary")
    window.page.click("#sign-out")
    window.see("[data-form=signin]")
    waited(lambda: sessions(sender), lambda left: mine not in left, seconds=10)
    window.page.go_back()
    waited(lambda: window.page.evaluate("location.pathname"), lambda path: path == "/inbox", seconds=10)
    window.page.wait_for_timeout(500)
    window.see("[data-form=signin]")
    assert window.page.locator("#account, [data-page]").locator("visible=true").count() == 0


def test_locking_drops_the_key_and_the_password_returns_to_the_same_page(sender, visitor):
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/outbox")
    window.see("[data-page=outbox]")
    window.page.click("#account summary")
    window.page.click("#lock")
    window.see("[data-form=signin]")
    assert window.page.locator("[data-page]").count() == 0
    window.enter(sender.login, sender.password)
    window.see("[data-page=outbox]")
