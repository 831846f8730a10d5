"""Fixtures that the whole suite shares."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django_scopes import scopes_disabled
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.visitor import Visitor, chromium
from tests.people import Member, member
from tests.running import RunningSystem, production_environment

_WITHOUT_DATABASE = ("tests/exchange/steps/", "tests/exchange/sandbox/")


# Each of these starts many sandboxes with large libraries in them; the suite's self-check runs every step once.
_THOROUGH = (
    "test_office_to_pdf", "test_pdf_ocr", "test_pdf_pdfa", "test_pdf_sign", "test_pdf_verify", "test_signature_gap",
    "test_invoice_", "test_document_sanitize", "test_pdf_redact", "test_pdf_compress", "test_pdf_split", "mutations",
)  # fmt: skip


def pytest_configure(config) -> None:
    """Programs that tests interrupt must hear it, also where the suite was started in a background that ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items) -> None:
    """Leave out what this machine cannot run; the services plugin says so, and CI fails on it.

    Steps and the sandbox know no database, so they are not run on a second one.
    """
    for item in items:
        if any(part in item.nodeid for part in _THOROUGH):
            item.add_marker(pytest.mark.thorough)
        if any(part in item.nodeid for part in _WITHOUT_DATABASE) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.engine)
    if not shutil.which("chromium"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(autouse=True)
def _fresh_cache(request) -> None:
    if "running" not in request.keywords and "engine" not in request.keywords:
        cache.clear()


@pytest.fixture(scope="session", autouse=True)
def root_key() -> Path:
    """The vault's root key of the test run."""
    from django.conf import settings

    from vault.providers.file import root_key_create

    root_key_create(settings.SEALPOST_VAULT_ROOT)
    return settings.SEALPOST_VAULT_ROOT


@pytest.fixture(autouse=True)
def _fresh_rings() -> Iterator[None]:
    from vault.services import ring_cache_clear

    ring_cache_clear()
    yield


@pytest.fixture(autouse=True)
def _emptied(request, _django_db_marker) -> Iterator[None]:
    """A test whose rows are committed is followed by a flush, which SQLite's triggers refuse; it makes them anew."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        triggers_lift()


@pytest.fixture
def log_in_hand(db) -> None:
    """For tests in which somebody alters the audit log who has the database in their hands: no trigger stops them."""
    triggers_lift()


def triggers_lift() -> None:
    """Take SQLite's triggers away, in a test's transaction until its end."""
    from django.db import connection

    from portal.database.triggers import triggers_drop

    if connection.vendor == "sqlite":
        triggers_drop()


@pytest.fixture
def as_platform() -> Iterator[None]:
    """For tests that look at rows past the services: PostgreSQL shows them to the platform alone."""
    with scopes_disabled():
        yield


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[RunningSystem]:
    """One running system for all tests that need one, with clamd where it is there."""
    folder = tmp_path_factory.mktemp("running")
    environment = production_environment() | {"SEALPOST_CLAMD": os.environ["SEALPOST_TEST_CLAMD"]}
    system = RunningSystem(folder / "data", environment)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def sender(running, tmp_path_factory) -> Member:
    """Ana of Aster Legal, with a password of her own."""
    return member(running, running.people[0], tmp_path_factory.mktemp("ana"))


@pytest.fixture(scope="session")
def reader(running, tmp_path_factory) -> Member:
    """Ben of Birch Supply, which is connected to Aster Legal, with a password of his own."""
    return member(running, running.people[1], tmp_path_factory.mktemp("ben"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one Playwright of the test run: a second one beside it does not start."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright) -> Iterator[Browser]:
    """One Chromium for all tests that need one."""
    with chromium(playwright=playwright) as started:
        yield started


@pytest.fixture
def visitor(browser, running) -> Iterator[Callable[..., Visitor]]:
    """Makes windows of people who share nothing; what their consoles complained of fails the test."""
    made: list[Visitor] = []

    def make(*, url: str = "", **options) -> Visitor:
        made.append(Visitor(browser.new_context(**options), url or running.url))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [fault for one in made for fault in one.faults] == []
