"""Back-off after wrong passwords, and a limit on sign-ins an address; never a permanent lock."""

import time
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache

from accounts.errors import SignInPaused, TooManyRequests

_FREE_FAILURES = 5
_PAUSE_LEAST, _PAUSE_MOST = 60, 15 * 60
_REMEMBERED = 3600


def starts_check(address: str) -> None:
    """Count a sign-in that an address begins; TooManyRequests above the limit of this minute."""
    name = f"starts:{address}:{int(time.time() // 60)}"
    cache.add(name, 0, 120)
    if cache.incr(name) > settings.SEALPOST_SIGN_IN_RATE:
        raise TooManyRequests(retry_after=60 - int(time.time() % 60))


def failures_check(index: bytes) -> None:
    """SignInPaused with `retry_after` seconds while a login, known or not, is paused."""
    until = cache.get(f"paused:{index.hex()}")
    if until is not None and until > time.time():
        raise SignInPaused(retry_after=int(until - time.time()) + 1)


def pauses_of(indexes: Iterable[bytes]) -> dict[bytes, int]:
    """Of these logins, those that are paused, and until when (seconds); one look, however many they are."""
    names = {f"paused:{index.hex()}": index for index in indexes}
    now = time.time()
    return {names[name]: until for name, until in cache.get_many(names).items() if until > now}


def failure_count(index: bytes) -> None:
    """Count a failure; from the fifth on, pause the login for 1 minute, doubling to 15."""
    name = f"failures:{index.hex()}"
    cache.add(name, 0, _REMEMBERED)
    failures = cache.incr(name)
    if failures >= _FREE_FAILURES:
        pause = min(_PAUSE_LEAST << min(failures - _FREE_FAILURES, 10), _PAUSE_MOST)
        cache.set(f"paused:{index.hex()}", int(time.time()) + pause, pause)


def failures_clear(index: bytes) -> None:
    """Forget the failures of a login that has signed in."""
    cache.delete_many([f"failures:{index.hex()}", f"paused:{index.hex()}"])
