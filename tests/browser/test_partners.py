"""Two organisations connect, one limits what may pass, and a sender is refused by the name of the rule."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from exchange.steps.kinds import KINDS
from tests.browser.test_pages import SHAPES, barriers
from tests.browser.visitor import Visitor
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser]


@pytest.fixture
def organisations(running, tmp_path) -> tuple[Member, Member]:
    """The admins of two organisations that nobody is connected with."""
    made = []
    for name in ("Fir", "Gorse"):
        login = f"admin-{uuid4().hex[:8]}@{name.lower()}.example"
        issued = running.manage("tenant_create", f"{name} {uuid4().hex[:6]}", "--admin", login, "--admin-name", name)
        made.append(member(running, Person(issued["login"], issued["passphrase"]), tmp_path / name))
    return made[0], made[1]


def partners(window: Visitor, who: Member) -> Visitor:
    window.sign_in(who.login, who.password, path="/partners")
    window.see("[data-page=partners]")
    return window


def test_from_a_proposal_to_a_refusal_by_terms(organisations, visitor, tmp_path):
    fir, gorse = organisations
    mine = partners(visitor(), fir)
    mine.page.fill("[name=address]", gorse.login)
    mine.page.click('form[data-call="POST /api/v1/proposals"] button')
    mine.see(f"text={gorse.login}")

    theirs = partners(visitor(), gorse)
    theirs.page.click("text=Accept")
    theirs.see("[data-connection] .badge.sent")
    theirs.see("[data-connection] summary").click()
    form = theirs.page.locator('form[data-direction="in"]')
    form.locator("[data-media=types_refused] summary").click()
    form.get_by_role("group", name="Refused types").get_by_label("Archives").check()
    form.locator("[data-media=types_refused] [data-further]").fill("application/x-own, chemical/*")
    form.locator("[name=expires_days_most]").fill("7")
    form.locator("button").click()
    expect(theirs.page.locator("#said")).to_have_text("The limits were saved.")

    limited_by_words(gorse, visitor)

    mine.open("/compose")
    mine.see("[data-page=compose], [data-form=signin]")
    if mine.page.locator("[data-form=signin]").count():
        mine.enter(fir.login, fir.password)
        mine.see("[data-page=compose]")
    mine.page.locator("#recipient").press_sequentially("gor")
    option = mine.see("#suggestions [role=option]")
    assert gorse.login in option.text_content()
    mine.page.keyboard.press("ArrowDown")
    mine.page.keyboard.press("Enter")
    mine.see(".chip.good")
    archive = tmp_path / "drawings.zip"
    archive.write_bytes(b"PK\x05\x06" + bytes(18))
    mine.page.fill("[name=subject]", "Drawings")
    mine.page.set_input_files("#files", [archive])
    mine.page.select_option("[name=expires_days]", "7")
    mine.page.click("[data-send]")
    said = mine.see("form > [data-error]:not([hidden])").text_content()
    assert "the terms agreed on with Gorse" in said
    assert "can change them" in said

    theirs.page.once("dialog", lambda dialog: dialog.accept())
    theirs.page.click("[data-connection] >> text=Suspend")
    theirs.see("text=Suspended by you")
    mine.page.click("[data-send]")
    mine.page.get_by_text("Invited, waiting for them to enrol").wait_for()  # as anybody who cannot be reached now


def limited_by_words(gorse: Member, visitor) -> None:
    """What was picked by words is media types to the API, and words again on the page; free of barriers."""
    (connection,) = gorse.signin().session.call("GET", "/api/v1/connections")["connections"]
    (archives,) = [kind.types for kind in KINDS if kind.words == "Archives"]
    assert connection["ours"]["in"]["types_refused"] == [*archives, "application/x-own", "chemical/*"]
    for shape in SHAPES.values():
        window = partners(visitor(**shape), gorse)
        window.see("[data-connection] summary").click()
        refused = window.page.locator('form[data-direction="in"] [data-media=types_refused]')
        assert refused.locator("summary").text_content().endswith("now: Archives, application/x-own, chemical/*")
        refused.locator("summary").press("Enter")
        assert refused.locator("input:checked").count() == 1
        assert refused.locator("[data-further]").input_value() == "application/x-own chemical/*"
        assert barriers(window) == []
