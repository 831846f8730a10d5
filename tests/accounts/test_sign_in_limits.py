"""Back-off after failures and a limit on starts; never a permanent lock, and the same for unknown logins."""

import pytest
from django.core.cache import cache

from accounts.errors import SignInPaused, SignInRefused, TooManyRequests
from accounts.selectors import address_index
from sealpost.protocol.keys import secret_keys
from tests.accounts.client import finish, sign_in, start

pytestmark = pytest.mark.django_db
WRONG = secret_keys(bytes(32))


def _fail(login: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            finish(start(login), WRONG)


def _pause_over(login: str) -> None:
    """What the cache does by itself after the pause."""
    cache.delete(f"paused:{address_index(login).hex()}")


@pytest.mark.parametrize("login", ["robot@aster.example", "nobody@aster.example"])
def test_five_failures_pause_a_login_for_one_minute_doubling_to_fifteen(robot, login) -> None:
    _fail(login, 4)
    started = start(login)
    _fail(login)
    for minutes in (1, 2, 4, 8, 15, 15):
        with pytest.raises(SignInPaused) as paused:
            start(login)
        assert minutes * 60 - 2 <= paused.value.members["retry_after"] <= minutes * 60 + 1
        _pause_over(login)
        _fail(login)
    with pytest.raises(SignInPaused):
        finish(started, WRONG)


def test_pause_also_stops_the_right_password_and_a_challenge_from_before(robot) -> None:
    started = start(robot.login)
    right = started.keys(robot.passphrase)
    _fail(robot.login, 5)
    with pytest.raises(SignInPaused):
        finish(started, right)
    _pause_over(robot.login)
    sign_in(robot.login, robot.passphrase)


def test_success_clears_the_failures(robot) -> None:
    _fail(robot.login, 4)
    sign_in(robot.login, robot.passphrase)
    _fail(robot.login, 4)
    sign_in(robot.login, robot.passphrase)


def test_failures_of_one_login_do_not_pause_another(robot) -> None:
    _fail("nobody@aster.example", 5)
    sign_in(robot.login, robot.passphrase)


def test_starts_are_limited_by_address(robot, settings) -> None:
    settings.SEALPOST_SIGN_IN_RATE = 10
    with pytest.raises(TooManyRequests) as refused:
        for _ in range(21):  # more than two minutes' worth, should the minute end meanwhile
            start(robot.login, address="192.0.2.7")
    assert 1 <= refused.value.members["retry_after"] <= 60
    start(robot.login, address="192.0.2.8")
