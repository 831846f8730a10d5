"""Security keys in the page: added, asked for at sign-in, renamed, removed; and what the command says of them."""

from uuid import uuid4

import pytest

from tests.browser.test_pages import SHAPES, barriers
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(200)]
DEVICE = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}


class Devices:
    """Chromium's own authenticators, which it plugs into one window."""

    def __init__(self, window) -> None:
        self.session = window.context.new_cdp_session(window.page)
        self.session.send("WebAuthn.enable")

    def plug(self) -> str:
        return self.session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def touched(self, device: str, yes: bool) -> None:
        """Whether somebody touches it when it blinks."""
        members = {"authenticatorId": device, "enabled": yes}
        self.session.send("WebAuthn.setAutomaticPresenceSimulation", members)

    def copy_made(self, device: str) -> None:
        """Put a copy of its one credential in its place, which was made before the last uses."""
        whose = {"authenticatorId": device}
        (credential,) = self.session.send("WebAuthn.getCredentials", whose)["credentials"]
        self.session.send("WebAuthn.clearCredentials", whose)
        self.session.send("WebAuthn.addCredential", whose | {"credential": credential | {"signCount": 0}})


@pytest.fixture
def kim(running, tmp_path) -> Member:
    issued = running.manage("user_issue", "Aster Legal", f"kim-{uuid4().hex[:8]}@aster.example", "--name", "Kim")
    return member(running, Person(issued["login"], issued["passphrase"]), tmp_path)


@pytest.fixture
def by_name(running) -> str:
    """The portal by a name: no browser makes keys for an IP address."""
    return running.url.replace("127.0.0.1", "localhost")


def key_add(window, name: str) -> None:
    window.page.fill('[data-form="key"] input', name)
    window.page.click('[data-form="key"] button')


def names(window) -> list[str]:
    window.see("[data-keys] li")
    return window.page.locator("[data-keys] [data-name]").all_text_contents()


def signed_in_anew(window, person) -> None:
    """Sign out and in again, up to the second factor."""
    window.page.click("#account summary")
    window.page.click("#sign-out")
    window.enter(person.login, person.password)
    window.see('form[data-form="check"]')


@pytest.mark.parametrize("shape", SHAPES)
def test_a_key_from_adding_to_removal(visitor, kim, by_name, shape):
    window, found = visitor(url=by_name, **SHAPES[shape]), {}
    devices = Devices(window)
    blue = devices.plug()
    window.sign_in(kim.login, kim.password, path="/second-factor")
    window.see('[data-form="key"]')
    found["none"] = barriers(window)
    key_add(window, " ")
    assert "name" in window.see("[data-error]:not([hidden])").text_content()
    key_add(window, "Blue key")
    window.see("[data-codes] li")
    found["codes"] = barriers(window)
    codes = window.page.locator("[data-codes] li").all_text_contents()
    window.page.click("[data-done]")
    assert names(window) == ["Blue key"]

    key_add(window, "Blue key again")
    assert "already" in window.see("[data-error]:not([hidden])").text_content()

    signed_in_anew(window, kim)
    assert window.page.locator("#nav").is_hidden()
    found["check"] = barriers(window)
    window.page.click('[data-part="check"] [data-key-ask]')
    window.page.wait_for_url("**/account")
    window.open("/second-factor")
    window.see("[data-keys] li, [data-form=signin]")
    if window.page.locator("[data-form=signin]").count():
        window.enter(kim.login, kim.password)
        window.page.click('[data-part="check"] [data-key-ask]')
        window.page.wait_for_url("**/account")
        window.page.click("[data-section=second-factor] a")
    row = window.see("[data-keys] li")
    assert "last used" in row.text_content()

    row.locator("summary", has_text="Rename").click()
    row.locator('[data-form="rename"] input').fill("Red key")
    row.locator('[data-form="rename"] button').click()
    window.see("[data-keys] [data-name]:text('Red key')")
    devices.touched(blue, False)
    devices.plug()
    key_add(window, "Spare")
    window.see("[data-keys] [data-name]:text('Spare')")
    assert names(window) == ["Red key", "Spare"]

    row = window.see("[data-keys] li:has-text('Red key')")
    row.locator("summary", has_text="Remove").click()
    found["keys"] = barriers(window)
    row.locator("input[name=code]").fill("wrong")
    row.locator("button", has_text="Remove the key").click()
    assert "wrong" in row.locator("[data-error]:not([hidden])").text_content()
    row.locator("[data-key-ask]").click()
    row.wait_for(state="detached")
    assert names(window) == ["Spare"]

    row = window.see("[data-keys] li")
    row.locator("summary", has_text="Remove").click()
    row.locator("input[name=code]").fill(codes[0])
    row.locator("button", has_text="Remove the key").click()
    row.wait_for(state="detached")
    window.see('[data-form="key"]')
    assert {name: said for name, said in found.items() if said} == {}


def test_a_copy_of_a_key_is_refused_and_a_code_passes_instead(visitor, kim, by_name):
    window = visitor(url=by_name)
    devices = Devices(window)
    blue = devices.plug()
    window.sign_in(kim.login, kim.password, path="/second-factor")
    key_add(window, "Blue key")
    window.see("[data-codes] li")
    codes = window.page.locator("[data-codes] li").all_text_contents()
    devices.copy_made(blue)
    window.page.click("[data-done]")
    window.see("[data-keys] li")
    signed_in_anew(window, kim)
    window.page.click('[data-part="check"] [data-key-ask]')
    assert "copy" in window.see("[data-error]:not([hidden])").text_content()
    window.page.fill('form[data-form="check"] input', codes[0])
    window.page.click('form[data-form="check"] button')
    window.page.wait_for_url("**/account")


def test_a_window_open_before_is_asked_too_and_at_an_ip_address_told_why_not_for_the_key(visitor, kim, by_name):
    elsewhere, window = visitor(), visitor(url=by_name)
    elsewhere.sign_in(kim.login, kim.password)
    elsewhere.see("[data-page=inbox]")
    Devices(window).plug()
    window.sign_in(kim.login, kim.password, path="/second-factor")
    key_add(window, "Blue key")
    window.see("[data-codes] li")
    codes = window.page.locator("[data-codes] li").all_text_contents()

    elsewhere.page.click("#nav a[href='/outbox']")
    said = elsewhere.see('[data-part="check"] [data-unusable]').text_content()
    assert "IP address" in said
    assert said.count(".") == 1
    assert elsewhere.page.locator('[data-part="check"] [data-key-ask]').is_hidden()
    elsewhere.page.fill('form[data-form="check"] input', codes[0])
    elsewhere.page.click('form[data-form="check"] button')
    elsewhere.see("[data-page=outbox]")

    refused = kim.run("signin", "--server", kim.url, "--login", kim.login, code=1)
    assert refused.stderr.count("\n") == 1
    assert "recovery code" in refused.stderr
    kim.extra["SEALPOST_CODE"] = codes[1]
    kim.signin()
    assert kim.run_json("inbox") == []
