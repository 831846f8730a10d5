"""People of an organisation in the page: invited and enrolled, given another role or a new passphrase, removed."""

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.browser.test_pages import SHAPES, barriers
from tests.documents import noise
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]
OWN = "a password of Eva's own"


@dataclass
class Organisation:
    """A new organisation with two admins."""

    name: str
    first: Member
    second: Member

    def login(self, name: str) -> str:
        return f"{name}@{self.name}.example"


@pytest.fixture
def dahlia(running, tmp_path) -> Organisation:
    name = f"dahlia-{uuid4().hex[:8]}"
    made = running.manage("tenant_create", name, "--admin", f"ada@{name}.example", "--admin-name", "Ada Dahl")
    issued = running.manage("user_issue", name, f"bo@{name}.example", "--name", "Bo Dahl", "--role", "admin")
    admins = [member(running, Person(one["login"], one["passphrase"]), tmp_path) for one in (made, issued)]
    return Organisation(name, *admins)


def person_open(window, login: str) -> None:
    """From the list to the person."""
    window.see("[data-page=team]")
    window.page.locator("[data-person] a", has_text=login).click()
    window.see("[data-page=person]")


def once(window) -> str:
    """What is shown once."""
    return window.see("[data-once]:not([hidden]) code").text_content()


def agreed(window) -> None:
    """Say yes to every question of the page."""
    window.page.on("dialog", lambda dialog: dialog.accept())


def test_a_person_from_invitation_to_removal(running, visitor, dahlia, tmp_path):
    eva, ada = dahlia.login("eva"), visitor()
    agreed(ada)
    ada.sign_in(dahlia.first.login, dahlia.first.password, path="/team")
    ada.see("summary:has-text('Invite by link')").click()
    form = ada.page.locator("form[data-call$='team/invitations']")
    form.locator("[name=login]").fill(dahlia.second.login)
    form.locator("[name=name]").fill("Eva Quist")
    form.locator("button").click()
    form.locator("[data-error]", has_text="This address is in use already").wait_for()
    form.locator("[name=login]").fill(eva)
    form.locator("[name=role]").select_option("auditor")
    form.locator("button").click()
    link = once(ada)
    assert link.startswith(f"{running.url}/enrol#")
    ada.page.click("[data-copy]")
    row = ada.see(f"[data-invitation='{eva}']")
    assert "Ada Dahl" in row.text_content()
    row.get_by_text("New link").click()
    ada.page.wait_for_function("(old) => document.querySelector('[data-once-text]')?.textContent !== old", arg=link)
    withdrawn, link = link, once(ada)
    assert link != withdrawn

    late = visitor()
    late.page.goto(withdrawn)
    late.see("h1:has-text('cannot be used')")
    newcomer = visitor()
    newcomer.page.goto(link)
    newcomer.see("h1:has-text('Welcome, Eva Quist')")
    newcomer.choose_password(OWN)
    newcomer.see("#account")

    ada.page.click(".tabs a[href='/team']")
    ada.page.locator("[data-invitation]").wait_for(state="detached")
    person_open(ada, eva)
    assert "Active" in ada.page.text_content(".heading")
    ada.page.locator("form[data-call$='/role'] select").select_option("member")
    ada.page.locator("form[data-call$='/role'] button").click()
    ada.see("dd:has-text('Member')")

    sent = dahlia.second.send(noise(tmp_path / "plan.bin", 5000), to=[eva], subject="The plan")
    ada.page.get_by_text("Ask for a new passphrase").click()
    ada.see("text=asked for by you,")
    assert ada.page.get_by_text("Approve and show").count() == 0
    bo = visitor()
    bo.sign_in(dahlia.second.login, dahlia.second.password, path="/team")
    assert "it may be you" in bo.see(".notice:has-text('Eva Quist')").text_content()
    person_open(bo, eva)
    bo.page.get_by_text("Approve and show the passphrase").click()
    passphrase = once(bo)
    assert re.fullmatch(r"[a-z]+(-[a-z]+){5}", passphrase)
    newcomer.open("/inbox")
    newcomer.enter(eva, passphrase)
    newcomer.choose_password(OWN + " again")
    assert "The plan" in newcomer.see("a.message").text_content()

    ada.page.click(".tabs a[href='/team']")
    person_open(ada, eva)
    removal = ada.page.locator("form[data-call$='/remove']")
    removal.locator("select").select_option(dahlia.first.login)
    removal.locator("button").click()
    ada.see("summary:has-text('Removed (1)')")
    newcomer.page.click("#nav a[href='/outbox']")
    assert "session has ended" in newcomer.see("[data-why]:not([hidden])").text_content()
    newcomer.enter(eva, OWN + " again")
    assert "wrong" in newcomer.see("[data-error]:not([hidden])").text_content()
    ada.open(f"/inbox/{sent['id']}")
    ada.see("[data-page=message], [data-form=signin]")
    if ada.page.locator("[data-form=signin]").count():
        ada.enter(dahlia.first.login, dahlia.first.password)
    assert ada.see("[data-page=message] h1").text_content() == "The plan"


def test_an_own_name_shows_at_once_and_leaving_ends_everything(visitor, dahlia):
    window = visitor()
    agreed(window)
    window.sign_in(dahlia.second.login, dahlia.second.password, path="/account")
    window.see("[data-page=account]")
    window.page.fill("[name=name]", "Bo Fuchs")
    window.page.select_option("[name=language]", "de")
    window.page.click("form[data-call^=PATCH] button")
    window.see("#who:has-text('Bo Fuchs')")
    window.see("[name=language]:has(option[value=de]:checked)")
    assert dahlia.first.session.call("GET", "/api/v1/team")["people"][1]["name"] == "Bo Fuchs"
    window.page.click("summary:has-text('Leave')")
    window.page.fill("[name=heir]", dahlia.first.login)
    window.page.click("form[data-leave] button")
    assert "signed out" in window.see("[data-why]:not([hidden])").text_content()
    people = dahlia.first.session.call("GET", "/api/v1/team")["people"]
    assert [one["state"] for one in people] == ["active", "removed"]


@pytest.mark.parametrize("shape", SHAPES)
def test_pages_of_people_have_no_barrier(visitor, dahlia, shape):
    call = dahlia.first.session.call
    for name in ("eva", "a-rather-long-login-without-any-break-in-it"):
        call("POST", "/api/v1/team/invitations", {"login": dahlia.login(name), "name": name.title(), "role": "member"})
    lost = call("POST", "/api/v1/team/issued", {"login": dahlia.login("lost"), "kind": "machine"})["person"]
    call("POST", f"/api/v1/team/{lost}/reissue", {})
    window = visitor(**SHAPES[shape])
    window.sign_in(dahlia.second.login, dahlia.second.password, path="/team")
    found = {}
    window.see("[data-person]")
    for summary in window.page.locator("summary:visible").all()[1:]:
        summary.click()
    found["team"] = barriers(window)
    window.page.locator("[data-person] a", has_text=dahlia.login("lost")).click()
    window.see("[data-page=person]")
    found["person"] = barriers(window)
    window.page.click("#account summary")
    window.page.click("#account a[href='/account']")
    window.see("[data-page=account] details summary").click()
    found["account"] = barriers(window)
    assert {name: said for name, said in found.items() if said} == {}
