"""An admin sets the rules; a member sees them before they act, and is refused with the rule's name and owner."""

from pathlib import Path
from uuid import uuid4

import pytest

from sealpost.client.container import MAGIC
from tests.browser.test_exchange import newcomer
from tests.browser.test_pages import SHAPES, barriers
from tests.documents import pdf, pdf_texts
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def house(running, tmp_path) -> tuple[Member, Member]:
    """An organisation of its own: its admin and a member."""
    made = running.manage("tenant_create", "Dahlia Health", "--admin", f"admin-{uuid4().hex[:8]}@dahlia.example")
    admin = Person(made["login"], made["passphrase"])
    somebody = Person(*newcomer(running, made["tenant"], "mia"))
    return tuple(member(running, person, tmp_path / person.login) for person in (admin, somebody))


def rule(window, name: str):
    return window.page.locator(f'[data-rule="{name}"]')


def saved(window) -> None:
    window.page.click("[data-save-policy]")
    window.page.get_by_text("The policy was saved").wait_for(state="attached")
    window.see("[data-page=policy]")


def test_an_admin_sets_rules_and_a_member_sees_and_meets_them(house, visitor, tmp_path):
    admin, mia = house
    window = visitor()
    window.sign_in(admin.login, admin.password, path="/policy")
    window.see("[data-page=policy]")
    assert rule(window, "expires_days_most").locator("[data-set]").is_hidden()
    rule(window, "expires_days_most").locator("input").fill("7")
    rule(window, "types_refused").locator("summary").click()
    rule(window, "types_refused").get_by_label("Archives").check()
    rule(window, "mandatory_steps").get_by_label("Add step: Stamp every page").click()
    rule(window, "mandatory_steps").get_by_label("Text", exact=True).fill("Dahlia, confidential")
    rule(window, "save_plain").get_by_label("Yes").uncheck()
    assert window.page.locator("[data-unsaved]").text_content() == "4 rules not saved yet"
    saved(window)
    assert rule(window, "expires_days_most").locator("[data-set]").is_visible()
    history = window.page.locator(".history").text_content()
    assert "Archives" in history
    assert "Dahlia, confidential" in history

    writer = visitor()
    writer.sign_in(mia.login, mia.password, path="/compose")
    writer.see("[data-page=compose]")
    assert "Archives" in writer.page.locator("[data-types-never]").text_content()
    assert writer.page.locator("[name=expires_days] option").all_text_contents()[-1].strip() == "7 days"
    assert writer.page.input_value("[name=expires_days]") == "7"
    locked = writer.page.locator(".locked li")
    assert "Dahlia, confidential" in locked.text_content()
    assert locked.locator("input, button").count() == 0
    archive = {"name": "photos.zip", "mimeType": "application/zip", "buffer": b"PK\3\4"}
    writer.page.set_input_files("#files", [archive])
    said = writer.see("form > [data-error]:not([hidden])").text_content()
    assert "photos.zip" in said
    assert "policy refuses; one of its admins can change it" in said

    writer.page.click("#nav a[href='/inbox']")  # a new message on the page of another would come into its place
    writer.see("[data-page=inbox]")
    contract = pdf(tmp_path / "contract.pdf", pages=2)
    writer.compose(to=mia.login, subject="To myself", note="", files=[contract], days="7")
    message = writer.send()
    container = checked_in_page(writer, message, tmp_path)
    opened = tmp_path / "opened"
    said = mia.run("open", container, "--out", opened).stdout.strip()
    assert Path(said) == opened / "contract.pdf"
    assert ["Dahlia, confidential" in text for text in pdf_texts((opened / "contract.pdf").read_bytes())] == [
        True,
        True,
    ]
    assert "could not be opened" in wrong(mia, container)

    mia.signin()
    (fetched,) = mia.run_json("get", message, "--out", str(tmp_path / "got"))
    assert fetched.endswith("contract.pdf.sealed")
    assert Path(fetched).read_bytes().startswith(MAGIC)
    mia.run("open", fetched, "--out", tmp_path / "again")
    assert (tmp_path / "again" / "contract.pdf").read_bytes() == (opened / "contract.pdf").read_bytes()


def checked_in_page(writer, message: str, folder: Path) -> Path:
    """Preview shows the document, Download saves it sealed; the file."""
    writer.open(f"/inbox/{message}")
    writer.see("[data-preview]:not([hidden])").click()
    writer.see("canvas[data-drawn]")
    with writer.page.expect_download() as download:
        writer.page.click("[data-save]")
    assert download.value.suggested_filename == "contract.pdf.sealed"
    path = folder / "contract.pdf.sealed"
    download.value.save_as(path)
    writer.see("[data-saved-mark]:not([hidden])")
    content = path.read_bytes()
    assert content.startswith(MAGIC)
    assert b"%PDF" not in content
    return path


def wrong(mia: Member, container: Path) -> str:
    """What a wrong passphrase is told."""
    other = Member(mia.system, mia.login, "another passphrase", mia.folder / "other")
    done = other.run("open", container, "--out", mia.folder / "nothing", code=1)
    assert not list((mia.folder / "nothing").glob("*"))
    return done.stderr


def test_a_content_that_is_refused_is_held_with_whose_rule_it_is_and_goes_out_once_it_was_changed(house, visitor):
    admin, mia = house
    window = visitor(viewport={"width": 375, "height": 800}, color_scheme="dark")
    window.sign_in(admin.login, admin.password, path="/policy")
    window.see("[data-page=policy]")
    rule(window, "types_refused").locator("summary").click()
    rule(window, "types_refused").get_by_label("Programs and scripts").check()
    saved(window)
    writer = visitor()
    writer.sign_in(mia.login, mia.password)
    program = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\0" + bytes(200)}
    writer.compose(to=mia.login, subject="Not what it says", note="", files=[program])
    writer.send()
    said = writer.see(".notice.bad").text_content()
    assert "Programs and scripts are refused by your organisation's policy." in said
    assert "One of your organisation's admins can change it." in said
    rule(window, "types_refused").locator("[data-reset]").click()
    saved(window)
    assert rule(window, "types_refused").locator("[data-set]").is_hidden()
    writer.page.click("[data-retry]")
    writer.see(".badge.sent")


def test_two_admins_at_once_and_a_number_out_of_bounds(house, visitor):
    admin, _ = house
    first, second = visitor(), visitor()
    for window in (first, second):
        window.sign_in(admin.login, admin.password, path="/policy")
        window.see("[data-page=policy]")
    rule(first, "downloads_most").locator("input").fill("0")
    first.page.click("[data-save-policy]")
    assert "Most downloads" in first.see("form > [data-error]:not([hidden])").text_content()
    rule(first, "downloads_most").locator("input").fill("5")
    saved(first)
    rule(second, "retention_days").locator("input").fill("10")
    second.page.click("[data-save-policy]")
    said = second.see("form > [data-error]:not([hidden])").text_content()
    assert "Somebody else has changed these rules" in said
    assert rule(second, "retention_days").locator("input").input_value() == "10"


def step(text: str) -> dict:
    return {"step": "pdf.stamp", "parameters": {"text": text, "opacity": 0.5, "position": "bottom", "colour": "grey"}}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_mandatory_step_stands_on_a_row_of_its_own(house, visitor, shape):
    admin, _ = house
    admin.signin()
    scrub = {"step": "file.scrub", "parameters": {}}
    given = [step("First"), scrub, step("Second"), step("Third")]
    admin.session.call("PUT", "/api/v1/policy", {"version": 0, "members": {"mandatory_steps": given}})
    window = visitor(**SHAPES[shape])
    window.sign_in(admin.login, admin.password, path="/policy")
    window.see("[data-page=policy]")
    steps = rule(window, "mandatory_steps")
    rows, texts = steps.locator("[data-step]"), steps.locator("[data-param=text]")
    assert [field.input_value() for field in texts.all()] == ["First", "Second", "Third"]
    texts.nth(1).fill("Changed")
    rows.nth(0).locator("[data-remove]").press("Enter")
    assert rows.nth(0).locator("[data-remove]").evaluate("(one) => one === document.activeElement")
    steps.get_by_label("Add step: Stamp").press("Enter")
    window.page.keyboard.type("Last")
    assert barriers(window) == []
    saved(window)

    members = admin.session.call("GET", "/api/v1/policy")["members"]["mandatory_steps"]
    last = {
        "step": "pdf.stamp",
        "parameters": {"text": "Last", "opacity": 0.3, "position": "diagonal", "colour": "grey"},
    }
    assert members == [scrub, step("Changed"), step("Third"), last]
    steps.locator("[data-reset]").click()
    assert rows.count() == 0
    saved(window)
    assert "mandatory_steps" not in admin.session.call("GET", "/api/v1/policy")["members"]
