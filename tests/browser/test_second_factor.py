"""A second factor set up, asked for and given up in the page, and asked for by the command."""

import time
from uuid import uuid4

import pytest

from tests.accounts.test_second_factor import code_of
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser]


@pytest.fixture
def tess(running, tmp_path) -> Member:
    issued = running.manage("user_issue", "Aster Legal", f"tess-{uuid4().hex[:8]}@aster.example", "--name", "Tess")
    return member(running, Person(issued["login"], issued["passphrase"]), tmp_path)


def test_a_second_factor_from_set_up_to_removal(visitor, tess):
    window = visitor()
    window.sign_in(tess.login, tess.password, path="/second-factor")
    window.see("[data-begin]").click()
    shown = window.see("[data-qr]")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    secret = window.page.text_content("[data-secret]").replace(" ", "")
    form = window.page.locator('form[data-form="confirm"]')
    form.locator("input").fill("000000")
    form.locator("button").click()
    assert "wrong" in window.see("[data-error]:not([hidden])").text_content()
    form.locator("input").fill(code_of(secret, -1))
    form.locator("button").click()
    window.see("[data-codes] li")
    codes = window.page.locator("[data-codes] li").all_text_contents()
    window.page.click("[data-done]")
    window.see("[data-app=set]")

    elsewhere = visitor()
    elsewhere.open("/outbox")
    elsewhere.enter(tess.login, tess.password)
    elsewhere.see('form[data-form="check"]')
    assert elsewhere.page.locator("#nav").is_hidden()
    elsewhere.page.fill('form[data-form="check"] input', codes[0])
    elsewhere.page.click('form[data-form="check"] button')
    elsewhere.see("[data-page=outbox]")

    tess.extra["SEALPOST_CODE"] = codes[0]
    refused = tess.run("signin", "--server", tess.url, "--login", tess.login, code=1)
    assert refused.stderr.count("\n") == 1
    assert "used before" in refused.stderr
    tess.extra["SEALPOST_CODE"] = codes[1]
    tess.signin()
    assert tess.run_json("inbox") == []

    while time.time() % 30 > 25:  # a code that is about to change would serve for the next 30 seconds only by drift
        time.sleep(1)
    window.open("/second-factor")
    window.see("[data-app=set] summary, [data-form=signin]")
    if window.page.locator("[data-form=signin]").count():
        window.enter(tess.login, tess.password)
        window.see('form[data-form="check"]')
        window.page.fill('form[data-form="check"] input', codes[2])
        window.page.click('form[data-form="check"] button')
        window.open("/second-factor")
    window.see("[data-app=set] summary").click()
    window.page.fill('form[data-form="remove"] input', codes[3])
    window.page.click('form[data-form="remove"] button')
    window.see("[data-begin]")
