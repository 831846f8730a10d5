"""Key rings: made, rotated, opened, shredded."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from sealpost.crypto.wrap import wrap_aad
from sealpost.errors import DecryptionError
from vault.errors import RingMissing
from vault.models import KeyRing, KeyVersion
from vault.providers import root_provider
from vault.unscoped import unscoped

_KEY = 32
_CACHED_RINGS = 256
_CACHED_SECONDS = 5.0


class _RingCache:
    """Opened ring keys in this process's memory: few, and for seconds, so that a shred elsewhere is noticed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[tuple[str, int], tuple[float, bytes, int]] = OrderedDict()

    def get(self, owner: str, version: int) -> tuple[bytes, int] | None:
        with self._lock:
            found = self._keys.get((owner, version))
            if found is None or found[0] < time.monotonic():
                return None
            return found[1], found[2]

    def put(self, owner: str, version: int, key: bytes, number: int) -> None:
        with self._lock:
            self._keys[owner, version] = (time.monotonic() + _CACHED_SECONDS, key, number)
            while len(self._keys) > _CACHED_RINGS:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()


_cache = _RingCache()
_CURRENT = 0


def _aad(owner: str, version: int) -> bytes:
    return wrap_aad(purpose="ring", owner=owner, row=str(version))


def _version_add(ring: KeyRing, version: int) -> None:
    wrapped = root_provider().wrap(os.urandom(_KEY), aad=_aad(ring.owner, version))
    KeyVersion.objects.create(ring=ring, version=version, wrapped=wrapped)


@unscoped
@transaction.atomic
def ring_create(*, owner: str) -> None:
    """A ring with one random 256-bit key for `owner`, unless it has one."""
    ring, made = KeyRing.objects.get_or_create(owner=owner)
    if made:
        _version_add(ring, 1)


@unscoped
@transaction.atomic
def ring_rotate(*, owner: str) -> int:
    """Add a version that wraps all that is new; what is old stays readable. Returns the version. RingMissing."""
    ring = KeyRing.objects.select_for_update().filter(owner=owner, shredded_at=None).first()
    if ring is None:
        raise RingMissing
    ring.current += 1
    _version_add(ring, ring.current)
    ring.save(update_fields=["current"])
    _cache.clear()
    return ring.current


@unscoped
@transaction.atomic
def ring_shred(*, owner: str) -> None:
    """Destroy every key of `owner`: all that only it could open is gone. Other processes notice within 5 s."""
    ring = KeyRing.objects.select_for_update().filter(owner=owner).first()
    if ring is None:
        raise RingMissing
    ring.versions.update(wrapped=b"")
    ring.shredded_at = timezone.now()
    ring.save(update_fields=["shredded_at"])
    _cache.clear()


@unscoped
def _version_find(owner: str, version: int) -> KeyVersion:
    rows = KeyVersion.objects.select_related("ring").filter(ring__owner=owner, ring__shredded_at=None)
    rows = rows.filter(version=version) if version else rows.order_by("-version")
    row = rows.first()
    if row is None:
        if version and KeyRing.objects.filter(owner=owner, shredded_at=None).exists():
            raise DecryptionError  # the version is named by what is to be opened, and was altered there
        raise RingMissing
    return row


def ring_key(*, owner: str, version: int = _CURRENT, cached: bool = True) -> tuple[bytes, int]:
    """(32-byte key, version) of the owner's ring; the current one by default. RingMissing, DecryptionError.

    Without `cached` the key is opened anew, so that the time taken does not tell whether the owner was here lately.
    """
    if cached and (found := _cache.get(owner, version)):
        return found
    row = _version_find(owner, version)
    key = root_provider().unwrap(bytes(row.wrapped), aad=_aad(owner, row.version))
    _cache.put(owner, version, key, row.version)
    return key, row.version


def ring_cache_clear() -> None:
    """Forget every opened ring key of this process."""
    _cache.clear()


def ring_keys_load(*, owners: Iterable[str]) -> None:
    """Open what these owners' texts lie under, in one query: a list of many organisations then costs no more of them.

    Owners without a ring are left out.
    """
    missing = [owner for owner in owners if _cache.get(owner, _CURRENT) is None]
    if not missing:
        return
    rows = KeyVersion.objects.select_related("ring").filter(ring__owner__in=missing, ring__shredded_at=None)
    for row in rows.order_by("version"):
        owner, version = row.ring.owner, row.version
        key = root_provider().unwrap(bytes(row.wrapped), aad=_aad(owner, version))
        _cache.put(owner, version, key, version)
        if version == row.ring.current:
            _cache.put(owner, _CURRENT, key, version)
