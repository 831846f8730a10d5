"""The whole system on a machine without bubblewrap, in the page: all but steps, and the reason why not."""

import pytest

from tests.documents import pdf
from tests.people import member
from tests.running import RunningSystem, production_environment

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.timeout(200)]

REASON = "Not available on this server yet: bubblewrap is not installed: apt-get install bubblewrap"


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A system that finds no program but Python's own."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "bin").mkdir()
    system = RunningSystem(folder / "data", production_environment() | {"PATH": str(folder / "bin")})
    system.start()
    yield system
    system.stop()


def test_steps_are_shown_with_the_reason_and_all_else_works(bare, visitor, tmp_path):
    ana, ben = (member(bare, person, tmp_path / person.login) for person in bare.people[:2])
    contract = pdf(tmp_path / "contract.pdf")
    window = visitor(url=bare.url)
    window.sign_in(ana.login, ana.password)
    window.compose(to=ben.login, subject="As it is", note="", files=[contract])
    assert window.see("fieldset:disabled .quiet").text_content() == REASON
    # A draft from before, when there was a sandbox.
    window.page.evaluate("document.querySelector('[name=stamp]').checked = true")
    window.page.fill("[name=subject]", "As it is now")
    window.see("[data-drafted]")
    window.page.click("#nav a[href='/inbox']")
    window.see("[data-page=inbox]")
    window.page.click("#nav a.button")
    window.see("[data-draft]:not([hidden])")
    assert not window.page.is_checked("[name=stamp]")
    window.page.set_input_files("#files", contract)
    message = window.send()
    received = ben.received(message)
    assert received["subject"] == "As it is now"
    assert ben.save(received["documents"][0], tmp_path / "got").read_bytes() == contract.read_bytes()
