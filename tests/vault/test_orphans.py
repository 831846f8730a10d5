"""What is stored and belongs to nothing: found, and nothing else is."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from vault.models import StoredObject
from vault.services import Orphans, object_keys, object_reader, object_write, orphans_sweep, ring_create

pytestmark = pytest.mark.django_db
OWNER = "tenant:somebody"


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    """An empty store, and a ring to write with."""
    settings.SEALPOST_OBJECTS = tmp_path / "objects"
    ring_create(owner=OWNER)
    return settings.SEALPOST_OBJECTS


def stray(folder: Path, name: str = "ab" * 16, *, days: float = 2) -> Path:
    """A file of the store that no row knows, last written so long ago."""
    path = folder / name[:2] / name[2:4] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"noise")
    os.utime(path, _times(days))
    return path


def _times(days: float) -> tuple[float, float]:
    at = (timezone.now() - timedelta(days=days)).timestamp()
    return at, at


def before() -> datetime:
    return timezone.now() - timedelta(days=1)


def test_files_without_a_row_go_and_the_others_stay(folder):
    kept, _ = object_write(owner=OWNER, chunks=[b"content"])
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, _times(9))
    old, young, foreign = stray(folder), stray(folder, "cd" * 16, days=0.5), folder / "ab" / "ab" / "notes.txt"
    foreign.write_text("no object")
    os.utime(foreign, _times(9))
    assert orphans_sweep() == Orphans(objects=0, files=1)
    assert [path.exists() for path in (old, young, foreign)] == [False, True, True]
    assert b"".join(bytes(chunk) for chunk in object_reader(object_id=kept, owner=OWNER).chunks()) == b"content"


def test_where_no_row_is_to_be_seen_nothing_is_deleted(folder):
    """A database that shows nothing, as one does to whoever may not look, must not cost a single file."""
    path = stray(folder)
    assert orphans_sweep() == Orphans(objects=0, files=0)
    assert path.exists()


def test_keys_come_page_by_page_each_once(folder, monkeypatch):
    monkeypatch.setattr("vault.services.orphans._AT_ONCE", 2)
    made = {object_write(owner=OWNER, chunks=[bytes([number])])[0] for number in range(5)}
    with scopes_disabled():
        StoredObject.objects.update(created_at=timezone.now() - timedelta(days=2))
    young, _ = object_write(owner=OWNER, chunks=[b"young"])
    found, page, at = [], *object_keys(before=before())
    while page:
        assert len(page) <= 2
        found += page
        page, at = object_keys(before=before(), after=at)
    assert sorted(object_id for object_id, _ in found) == sorted(made)
    assert young not in made
    assert {owner for _, owner in found} == {OWNER}
