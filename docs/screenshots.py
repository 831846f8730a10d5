"""Make docs/images anew: a fresh system, tidy sample data, Chromium. `make screenshots`.

With a folder as argument every page is taken there at 1280 and 375 wide, light and dark, to be looked at.
"""

import sys
import tempfile
from pathlib import Path

from tests.browser.visitor import Visitor, chromium
from tests.documents import pdf
from tests.people import Member, member
from tests.running import RunningSystem

_IMAGES = Path(__file__).resolve().parent / "images"
_WIDE, _NARROW = {"width": 1280, "height": 800}, {"width": 375, "height": 800}
_EMBEDDED = {"DATABASE_URL": "", "CELERY_BROKER_URL": "", "CACHE_URL": ""}
STAMP = {"step": "pdf.stamp", "parameters": {"text": "Draft for {recipient}"}}


def sample(ana: Member, ben: Member, folder: Path) -> dict[str, str]:
    """Messages as two organisations would send them; ids by name."""
    contract = pdf(folder / "Framework agreement 2027.pdf", pages=4, text="Framework agreement")
    invoice = pdf(folder / "Invoice 2026-118.pdf", pages=1, text="Invoice 2026-118")
    prices = folder / "Price list.csv"
    prices.write_text("item,price\nbolt,1.20\nnut,0.40\n")
    broken = folder / "Scan 14.pdf"
    broken.write_bytes(contract.read_bytes()[:500])
    ben.send(prices, to=[ana.login], subject="Price list for the framework agreement")
    ben.send(invoice, to=[ana.login], subject="Invoice 2026-118")
    note = "Dear Ben,\n\nhere is the draft we spoke of. Please look at section 4 and send it back by Friday.\n\nAna"
    sent = ana.send(contract, prices, to=[ben.login], subject="Framework agreement, draft 3", note=note, steps=[STAMP])
    held = ana.send(broken, to=[ben.login], subject="Scan of the signed page", steps=[STAMP])
    return {"sent": sent["id"], "held": held["id"]}


def compose(window: Visitor, to: str, folder: Path) -> None:
    """A message that is about to be sent."""
    files = [folder / "Framework agreement 2027.pdf", folder / "Price list.csv"]
    window.compose(to=to, subject="Framework agreement, draft 4", note="With your changes.", files=files, stamp="Draft")


def take(window: Visitor, path: Path, *, full: bool = False) -> None:
    """Let what moves come to rest, and take the picture."""
    window.page.mouse.move(0, 0)
    window.page.wait_for_timeout(400)
    window.page.screenshot(path=path, full_page=full)


def images(browser, ana: Member, ben: Member, ids: dict[str, str], folder: Path) -> None:
    """The four of the README."""
    _IMAGES.mkdir(exist_ok=True)
    window = Visitor(browser.new_context(viewport=_WIDE), ana.url)
    window.open("/inbox")
    window.see("[data-form=signin]")
    take(window, _IMAGES / "sign-in.png")
    window.enter(ana.login, ana.password)
    window.see("a.message")
    take(window, _IMAGES / "inbox.png")
    compose(window, ben.login, folder)
    take(window, _IMAGES / "compose.png", full=True)
    reader = Visitor(browser.new_context(viewport=_WIDE), ana.url)
    reader.sign_in(ben.login, ben.password, path=f"/inbox/{ids['sent']}")
    reader.see("[data-preview]:not([hidden])").click()
    reader.see("canvas[data-drawn]")
    take(reader, _IMAGES / "message.png", full=True)


def look(browser, ana: Member, ben: Member, ids: dict[str, str], folder: Path, target: Path) -> None:
    """Every page at both widths, light and dark."""
    target.mkdir(parents=True, exist_ok=True)
    issued = ana.system.manage("user_issue", "Aster Legal", "new@aster.example", "--name", "Nia")
    link = ana.system.manage("user_invite", "Aster Legal", "ida@aster.example", "--name", "Ida", "--origin", ana.url)
    for width, viewport in (("1280", _WIDE), ("375", _NARROW)):
        for scheme in ("light", "dark"):
            name = f"{width}-{scheme}"
            window = Visitor(browser.new_context(viewport=viewport, color_scheme=scheme), ana.url)
            window.open("/inbox")
            window.enter(ana.login, "wrong")
            window.see("[data-error]:not([hidden])")
            take(window, target / f"signin-{name}.png", full=True)
            window.enter(ana.login, ana.password)
            window.see("#account")
            for page, path in {
                "inbox": "/inbox", "outbox": "/outbox", "sent": f"/outbox/{ids['sent']}",
                "held": f"/outbox/{ids['held']}", "audit": "/audit", "sessions": "/sessions", "password": "/password",
                "missing": f"/inbox/{ids['held']}",
            }.items():  # fmt: skip
                window.open(path)
                window.see("main h1")
                take(window, target / f"{page}-{name}.png", full=True)
            window.page.click("#account summary")
            take(window, target / f"menu-{name}.png")
            window.page.keyboard.press("Escape")
            compose(window, ben.login, folder)
            window.page.fill("#recipient", "nobody@nowhere.example")
            window.page.click("[data-recipient-add]")
            window.see(".chip.bad")
            window.page.click("[data-send]")
            take(window, target / f"compose-{name}.png", full=True)
            other = Visitor(browser.new_context(viewport=viewport, color_scheme=scheme), ana.url)
            other.sign_in(ben.login, ben.password, path=f"/inbox/{ids['sent']}")
            other.see("[data-preview]:not([hidden])").click()
            other.see("canvas[data-drawn]")
            take(other, target / f"message-{name}.png", full=True)
            fresh = Visitor(browser.new_context(viewport=viewport, color_scheme=scheme), ana.url)
            fresh.open("/inbox")
            fresh.enter(issued["login"], issued["passphrase"])
            fresh.see("[data-form=password]")
            take(fresh, target / f"first-password-{name}.png", full=True)
            guest = Visitor(browser.new_context(viewport=viewport, color_scheme=scheme), ana.url)
            guest.page.goto(link["link"])
            guest.see("[data-why]:not(:empty)")
            take(guest, target / f"enrol-{name}.png", full=True)


def main() -> None:
    """Start a system, fill it, take the pictures."""
    with tempfile.TemporaryDirectory(prefix="sealpost-screenshots-") as name:
        folder = Path(name)
        system = RunningSystem(folder / "data", dict(_EMBEDDED))
        system.start()
        try:
            ana, ben = (member(system, system.people[number], folder / str(number)) for number in (0, 1))
            ids = sample(ana, ben, folder)
            with chromium() as browser:
                if len(sys.argv) > 1:
                    look(browser, ana, ben, ids, folder, Path(sys.argv[1]))
                else:
                    images(browser, ana, ben, ids, folder)
        finally:
            system.stop()


if __name__ == "__main__":
    main()
