"""A shared mailbox from its making to the removal of a member, and a group, by the pages alone."""

from uuid import uuid4

import pytest

from tests.browser.visitor import Visitor
from tests.documents import noise
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]


def colleague(running, name: str, folder) -> Member:
    """Somebody new at Aster Legal with a password of their own."""
    login = f"{name.lower()}-{uuid4().hex[:6]}@aster.example"
    issued = running.manage("user_issue", "Aster Legal", login, "--name", name)
    return member(running, Person(issued["login"], issued["passphrase"]), folder / name)


def entered(visitor, person: Member, path: str = "/inbox") -> Visitor:
    window = visitor()
    window.sign_in(person.login, person.password, path=path)
    return window


def made(window: Visitor, kind: str, address: str, name: str) -> None:
    """Make a mailbox or group on its page; ends on that of the new one."""
    form = window.page.locator(f"form[data-call='POST /api/v1/{kind}']")
    window.see(f"[data-page={kind}]")
    if not form.is_visible():
        window.page.click(".disclosure summary")
    form.locator("[name=address]").fill(address)
    form.locator("[name=name]").fill(name)
    form.locator("button.primary").click()
    window.page.get_by_role("heading", name=name, exact=True, level=1).wait_for()


def added(window: Visitor, login: str, role: str = "member") -> None:
    window.page.fill("form.add [name=login]", login)
    window.page.select_option("form.add [name=role]", role)
    window.page.click("form.add button")
    window.see(f"[data-member='{login}']")


def test_a_shared_mailbox_from_its_making_to_the_removal_of_a_member(sender, reader, running, visitor, tmp_path):
    address, document = f"invoices-{uuid4().hex[:6]}@aster.example", noise(tmp_path / "invoice.bin", 3 << 20)
    clara, dora, late = (colleague(running, name, tmp_path) for name in ("Clara", "Dora", "Late"))
    admin = entered(visitor, sender, "/mailboxes")
    made(admin, "mailboxes", address, "Invoices")
    added(admin, clara.login, "admin")
    added(admin, dora.login)
    assert "You are not a member" in admin.see("[data-page=mailbox]").text_content()

    partner = entered(visitor, reader)
    partner.compose(to=address, subject="Invoice 118", note="Due on Friday", files=[document])
    assert partner.see(".chip.good span").text_content() == "Invoices (Aster Legal)"
    message = partner.send()

    windows = {}
    for person in (clara, dora):
        window = windows[person.login] = entered(visitor, person)
        assert window.page.locator("a.message").count() == 0  # nothing lies in their own
        window.page.get_by_role("link", name="Invoices").click()
        window.page.get_by_role("heading", name="Invoices").wait_for()
        window.see("a.message").click()
        window.see("[data-page=message]")
        assert f"the shared mailbox {address}" in window.page.locator("[data-page=message]").text_content()
        folder = tmp_path / f"got-{person.login}"
        folder.mkdir()
        assert window.save("invoice.bin", folder).read_bytes() == document.read_bytes()
    partner.open(f"/outbox/{message}")
    partner.reload(reader.login, reader.password)
    delivery = partner.see(".deliveries > li").text_content()
    assert "Invoices" in delivery
    assert "Aster Legal" in delivery

    window = windows[clara.login]  # who manages it takes Dora out
    window.page.click("a.back")
    window.page.get_by_role("link", name="Members").click()
    window.page.on("dialog", lambda asked: asked.accept())
    window.page.get_by_role("button", name="Remove Dora").click()
    window.page.locator(f"[data-member='{dora.login}']").wait_for(state="detached")
    window = windows[dora.login]
    window.page.click("a.back")
    window.page.get_by_role("heading", name="That did not work").wait_for()
    assert window.see("[data-sentence]").text_content().startswith("There is nothing here, or it is not yours.")
    window.page.get_by_role("link", name="Back to the beginning").click()
    window.see("[data-page=inbox]")
    assert window.page.get_by_role("link", name="Invoices").count() == 0

    added(admin, late.login)
    window = entered(visitor, late)
    window.page.get_by_role("link", name="Invoices").click()
    window.page.get_by_role("heading", name="Invoices").wait_for()
    window.see("a.message").click()
    assert window.save("invoice.bin", tmp_path).read_bytes() == document.read_bytes()


def test_the_last_who_manages_it_is_told_why_they_stay(sender, running, visitor, tmp_path):
    address = f"desk-{uuid4().hex[:6]}@aster.example"
    clara, dora = (colleague(running, name, tmp_path) for name in ("Clara", "Dora"))
    mailbox = sender.session.call("POST", "/api/v1/mailboxes", {"address": address, "name": "Desk"})["id"]
    for person, role in ((clara, "admin"), (dora, "member")):
        sender.session.call("POST", f"/api/v1/mailboxes/{mailbox}/members", {"login": person.login, "role": role})
    window = entered(visitor, clara, f"/mailboxes/{mailbox}")
    window.page.on("dialog", lambda asked: asked.accept())
    window.page.get_by_role("button", name="Leave this mailbox").click()
    told = window.see(f"[data-member='{clara.login}'] [data-error]:not([hidden])").text_content()
    assert told.startswith("This mailbox would have nobody left who manages it, so nothing was changed.")
    window.page.get_by_role("button", name="Let Dora manage it").click()
    window.page.get_by_role("button", name="Let Dora only read").wait_for()
    window.page.get_by_role("button", name="Leave this mailbox").click()
    window.see("[data-page=mailboxes]")
    assert window.page.get_by_text("You read no shared mailbox.").is_visible()


def test_a_group_is_made_and_sent_to(sender, reader, running, visitor, tmp_path):
    address = f"sales-{uuid4().hex[:6]}@aster.example"
    clara, dora = (colleague(running, name, tmp_path) for name in ("Clara", "Dora"))
    admin = entered(visitor, sender, "/groups")
    made(admin, "groups", address, "Sales")
    admin.page.fill("form.add [name=logins]", f"{clara.login}, nobody@aster.example")
    admin.page.click("form.add button")
    told = admin.see("form.add [data-error]:not([hidden])").text_content()
    assert told.startswith("nobody@aster.example: Nobody of your organisation who sends and receives has this address")
    admin.page.fill("form.add [name=logins]", f"{clara.login} {dora.login}")
    admin.page.click("form.add button")
    admin.see(f"[data-member='{dora.login}']")

    logins = {"logins": [address, "nobody@nowhere.example"]}
    found = reader.session.call("POST", "/api/v1/recipients", logins)["recipients"]
    assert found[0] | {"login": ""} == found[1] | {"login": ""}
    admin.page.check("[name=partners_may_send]")
    admin.page.get_by_role("button", name="Save").click()
    admin.page.get_by_text("The group was changed.").wait_for()
    file = noise(tmp_path / "offer.bin", 100)
    partner = entered(visitor, reader)
    partner.compose(to=address, subject="An offer", note="", files=[file])
    partner.send()
    assert partner.page.locator(".deliveries > li").count() == 2
    for person in (clara, dora):
        assert [one["subject"] for one in person.session.call("GET", "/api/v1/inbox")["messages"]] == ["An offer"]
