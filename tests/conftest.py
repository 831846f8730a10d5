"""Fixtures that the whole suite shares."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from tests.running import RunningSystem, production_environment


def pytest_collection_modifyitems(config, items) -> None:
    """Leave out what this machine cannot run; the services plugin says so, and CI fails on it."""
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


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[RunningSystem]:
    """One running system for all tests that need one, with clamd where it is there."""
    folder = tmp_path_factory.mktemp("running")
    environment = production_environment(folder) | {"SEALPOST_CLAMD": os.environ["SEALPOST_TEST_CLAMD"]}
    system = RunningSystem(folder / "data", environment)
    system.start()
    yield system
    system.stop()
