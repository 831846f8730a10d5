"""What happens to a message after it was sent, by the pages alone: both sides see it, and what each button does."""

import pytest

from tests.browser.test_mailboxes import colleague
from tests.browser.visitor import Visitor
from tests.people import Member

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(300)]


def entered(visitor, person: Member, path: str = "/inbox") -> Visitor:
    window = visitor()
    window.page.on("dialog", lambda dialog: dialog.accept())
    window.sign_in(person.login, person.password, path=path)
    return window


def shown(window: Visitor, text: str) -> None:
    """Wait until the page says this."""
    window.page.locator("main").get_by_text(text).first.wait_for()


def test_recalled_from_one_recipient_who_sees_it_at_the_next_click(sender, reader, running, visitor, tmp_path):
    other = colleague(running, "Clara", tmp_path)
    (tmp_path / "plan.txt").write_text("the plan")
    message = sender.send(tmp_path / "plan.txt", to=[reader.login, other.login], note="For you both")["id"]
    theirs, hers = (entered(visitor, one, f"/inbox/{message}") for one in (reader, other))
    for window in (theirs, hers):
        window.see("[data-save]")
    mine = entered(visitor, sender, f"/outbox/{message}")
    questions = []
    mine.page.on("dialog", lambda dialog: questions.append(dialog.message))
    mine.page.get_by_role("button", name=f"Recall from {reader.login}").click()
    mine.see(".deliveries .badge.recalled")
    assert "stays with them" in questions[0]
    assert mine.page.locator(".deliveries .badge.recalled").count() == 1

    theirs.page.locator("[data-save]").click()
    theirs.see("[data-document] [data-error]:not([hidden])")
    assert "recalled" in theirs.page.locator("[data-document] [data-error]").text_content()
    theirs.page.click("a.back")
    theirs.see(f"a[href*='{message}'] .badge.recalled")
    theirs.page.click(f"a[href*='{message}']")
    shown(theirs, "The sender recalled this message on")
    assert theirs.page.locator("[data-document], .note").count() == 0
    assert hers.save("plan.txt", tmp_path).read_text() == "the plan"

    mine.page.get_by_role("button", name="Recall from everybody").click()
    shown(mine, "You have recalled this message")
    hers.page.click("a.back")
    hers.page.click(f"a[href*='{message}']")
    shown(hers, "The sender recalled this message on")


def test_extended_reminded_and_sent_to_one_more(sender, reader, running, visitor, tmp_path):
    other = colleague(running, "Dora", tmp_path)
    (tmp_path / "plan.txt").write_text("the plan")
    message = sender.send(tmp_path / "plan.txt", to=[reader.login], expires_days=2)["id"]
    mine = entered(visitor, sender, f"/outbox/{message}")
    until = mine.see("time >> nth=1").get_attribute("datetime")
    days = mine.page.locator("input[name=expires_days]")
    row = mine.page.locator("form", has=days)
    days.fill("1")
    row.get_by_role("button", name="Extend").click()
    shown(mine, "available longer than that already")
    days.fill("30")
    row.get_by_role("button", name="Extend").click()
    mine.page.wait_for_function("was => document.querySelectorAll('time')[1].dateTime > was", arg=until)

    mine.page.get_by_role("button", name="Send a reminder").click()
    shown(mine, "Reminded")
    mine.page.get_by_role("button", name="Send a reminder").click()
    shown(mine, "reminded within the last 24 hours")

    mine.page.reload()
    mine.reload(sender.login, sender.password)
    mine.page.fill("input[name=logins]", other.login)
    mine.page.get_by_role("button", name="Add", exact=True).click()
    added = mine.page.locator(".deliveries > li", has_text=other.login)
    added.locator(".badge.delivered").wait_for()
    hers = entered(visitor, other, f"/inbox/{message}")
    assert hers.save("plan.txt", tmp_path).read_text() == "the plan"


def test_the_limit_of_downloads_is_shown_before_and_said_in_words(sender, reader, visitor, tmp_path):
    (tmp_path / "plan.txt").write_text("the plan")
    message = sender.send(tmp_path / "plan.txt", to=[reader.login], downloads_most=1)["id"]
    window = entered(visitor, reader, f"/inbox/{message}")
    shown(window, "1 of 1 download left")
    assert window.save("plan.txt", tmp_path).read_text() == "the plan"
    window.page.click("a.back")
    window.page.click(f"a[href*='{message}']")
    shown(window, "No downloads left of 1")
    window.page.locator("[data-save]").click()
    shown(window, "downloaded as often as its sender allows")
    mine = entered(visitor, sender, f"/outbox/{message}")
    shown(mine, "1 download begun")


def test_archived_and_brought_back_on_both_sides(sender, reader, visitor):
    message = sender.send(to=[reader.login], subject="To be archived")["id"]
    for person, box in ((reader, "inbox"), (sender, "outbox")):
        window = entered(visitor, person, f"/{box}/{message}")
        window.page.get_by_role("button", name="Archive", exact=True).click()
        window.see(f"[data-page={box}]")
        window.page.get_by_role("link", name="Archived").click()
        link = window.see(f"a[href*='{message}']")
        link.click()
        window.page.get_by_role("button", name="Back to the").click()
        window.page.get_by_role("button", name="Archive", exact=True).wait_for()
        window.page.click("a.back")
        window.see(f"a[href*='{message}']")


def test_an_admin_places_a_hold_and_lifts_it(sender, running, visitor, tmp_path):
    held = colleague(running, "Hella", tmp_path)
    window = entered(visitor, sender, "/holds")
    form = window.page.locator("form[data-members*=person]")
    form.locator("select").select_option(label=f"Hella ({held.login})")
    form.locator("[name=reason]").fill("Lawsuit 12")
    form.get_by_role("button", name="Hold").click()
    row = window.page.locator("ul[aria-label='Legal holds'] > li", has_text=held.login)
    row.get_by_text("Stands").wait_for()
    form.locator("select").select_option(label=f"Hella ({held.login})")
    form.locator("[name=reason]").fill("Again")
    form.get_by_role("button", name="Hold").click()
    shown(window, "There is a legal hold on this already")
    row.locator("[name=reason]").fill("Settled")
    row.get_by_role("button", name="Lift").click()
    row.get_by_text("Lifted", exact=True).wait_for()
    assert "Settled" in row.text_content()
