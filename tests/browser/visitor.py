"""A person at a browser: Chromium, driven as a person drives it, by what is on the page."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-quic"]
_ARGUMENTS += ["--enable-precise-memory-info"]
# A dialog of the operating system has no place in a test: saving then goes through the service worker.
_NO_DIALOG = "delete window.showSaveFilePicker"
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
WAIT = 30_000


@contextmanager
def chromium(
    profile: Path | None = None, *, playwright: Playwright | None = None, **options
) -> Iterator[Browser | BrowserContext]:
    """A browser; with `profile`, one context whose profile lies there. A process has one Playwright at a time."""
    with nullcontext(playwright) if playwright else sync_playwright() as driver:
        started = {"executable_path": _CHROMIUM, "args": _ARGUMENTS} | options
        if profile is None:
            browser = driver.chromium.launch(**started)
        else:
            browser = driver.chromium.launch_persistent_context(str(profile), **started)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person in one window. `faults` holds what the console and the policy complained of."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url, self.context, self.faults = url, context, []
        context.add_init_script(_NO_DIALOG)
        context.add_init_script(_WATCH)
        context.set_default_timeout(WAIT)
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.faults.append(said.text) if self._is_fault(said) else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    @staticmethod
    def _is_fault(said) -> bool:
        refused = "the server responded with a status of" in said.text  # Chromium's own line for a told refusal
        return said.type in {"error", "warning"} and not refused

    def open(self, path: str) -> None:
        """Open an address by navigation, as from a bookmark."""
        self.page.goto(self.url + path)

    def see(self, what: str):
        """Wait until a selector is visible; its locator."""
        found = self.page.locator(what).first
        found.wait_for()
        return found

    def sign_in(self, login: str, password: str, *, path: str = "/inbox") -> None:
        """Open a page and enter the password that it asks for."""
        self.open(path)
        self.enter(login, password)
        self.see("#account")

    def reload(self, login: str, password: str) -> None:
        """Reload the page; where the browser keeps no worker through it, enter the password again."""
        self.page.reload()
        self.see("[data-form=signin], [data-page]")
        if self.page.locator("[data-form=signin]").count():
            self.enter(login, password)

    def enter(self, login: str, password: str) -> None:
        """Fill in the sign-in form and send it."""
        self.see("[data-form=signin]")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.page.click("form button.primary")

    def choose_password(self, password: str) -> None:
        """Fill in the form that asks for an own password."""
        self.see("[data-form=password]")
        self.page.fill("[name=next]", password)
        self.page.fill("[name=again]", password)
        self.page.click("form button.primary")

    def compose(
        self, *, to: str, subject: str, note: str, files: list[Path], stamp: str = "", days: str = "14"
    ) -> None:
        """Fill in a new message, up to the button."""
        self.page.click("#nav a.button")
        self.see("[data-page=compose]")
        self.page.fill("#recipient", to)
        self.page.click("[data-recipient-add]")
        self.see(".chip.good")
        self.page.fill("[name=subject]", subject)
        self.page.fill("[name=note]", note)
        self.page.set_input_files("#files", files)
        self.page.select_option("[name=expires_days]", days)
        if stamp:
            self.page.check("[name=stamp]")
            self.page.fill("[name=stamp_text]", stamp)

    def send(self) -> str:
        """Press Send and wait until the server's work has ended; the message's id."""
        self.page.click("[data-send]")
        page = self.page.locator("[data-page=sent]")
        page.wait_for(timeout=4 * WAIT)
        self.page.locator(".badge.sent, .badge.held").first.wait_for(timeout=2 * WAIT)
        return page.get_attribute("data-id")

    def save(self, name: str, folder: Path) -> Path:
        """Press Download of a document; the file that the browser saved."""
        row = self.page.locator(f'[data-document][data-name="{name}"]')
        with self.page.expect_download(timeout=4 * WAIT) as download:
            row.locator("[data-save]").click()
        path = folder / f"saved-{name}"
        download.value.save_as(path)
        return path
