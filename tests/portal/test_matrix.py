"""Every address × everybody: the answers are those of the table in matrix.py, and the table has every address."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.portal.caller import Answer
from tests.portal.matrix import LINES, PAGES, PERSONAS, SIGN_IN, Line
from tests.portal.matrix_bodies import BODIES
from tests.portal.matrix_world import Everybody, everybody_signed_in, operator
from tests.portal.routes import operator_routes, path_of, routes
from vault.services import ring_cache_clear

LOGIN = "/admin/login/"
# What is said of an id in a body that is nobody's, or another's.
UNKNOWN_IN_A_BODY = {"hold_target_unknown", "upload_incomplete"}
_PLACE = re.compile(r"<([a-z_0-9]+)>")


@pytest.fixture
def everybody(db) -> Everybody:
    return everybody_signed_in()


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing, neither rows nor what the cache counts."""
    cache.clear()
    ring_cache_clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def placed(found: Any, places: Mapping[str, str]) -> Any:
    """With ids in the place of <names>, in a text or a body."""
    if isinstance(found, dict):
        return {name: placed(value, places) for name, value in found.items()}
    if isinstance(found, list):
        return [placed(value, places) for value in found]
    return _PLACE.sub(lambda name: places[name[1]], found) if isinstance(found, str) else found


def body_of(line: Line) -> Any:
    """What is sent along: a body, a function that makes one, or None."""
    known = BODIES.get(line.title, BODIES.get(line.name))
    return {} if known is None and line.method in {"POST", "PUT", "PATCH"} else known


def answer_of(everybody: Everybody, who: str, line: Line, places: Mapping[str, str]) -> Answer:
    """What this person gets for these ids; undone afterwards."""
    with undone():
        body = body_of(line)
        body = body(everybody, who) if callable(body) else placed(body, places)
        path = path_of(line.route, *(places[name] for name in line.names)) + placed(line.query, places)
        return everybody.ask(who, line.method, path, body)


def never_was(everybody: Everybody, who: str, line: Line) -> Answer:
    """What this person gets for ids that never were."""
    return answer_of(everybody, who, line, defaultdict(lambda: str(uuid4())))


def unknown(answer: Answer) -> bool:
    """Whether it says that there is no such thing."""
    return answer.status == 404 or (answer.status >= 400 and answer.refusal()[1] in UNKNOWN_IN_A_BODY)


def shown(answer: Answer) -> tuple[int, str, bytes]:
    return answer.status, answer.headers["Content-Type"], answer.body


def letter(everybody: Everybody, who: str, line: Line) -> str:
    """The letter of what somebody gets; what it is in words where there is no letter for it."""
    answer = answer_of(everybody, who, line, everybody.places)
    for mark, known in (("S", everybody.shell), ("F", everybody.forbidden), ("U", everybody.unsigned)):
        if shown(answer) == shown(known):
            return mark
    if unknown(answer):
        return "N" if shown(answer) == shown(never_was(everybody, who, line)) else "N unlike what never was"
    if answer.status in {200, 201, 206}:
        return "2" if not line.names or unknown(never_was(everybody, who, line)) else "2 for what never was too"
    return "C" if answer.status == 409 else " ".join(map(str, answer.refusal()))


def test_the_table_has_every_address_and_no_other():
    assert {line.name for line in LINES} == {f"{method} {route}" for method, route in routes()}
    assert set(PAGES) | SIGN_IN == operator_routes()
    assert {line.name for line in LINES if {"2", "S"} & set(line.letters)} == {line.name for line in LINES}
    assert len({line.title for line in LINES}) == len(LINES)
    assert set(BODIES) <= {line.name for line in LINES} | {line.title for line in LINES}


@pytest.mark.timeout(900)  # 2,500 requests: half a minute, and more on a machine that does something else too
def test_everybody_gets_what_the_table_says(everybody):
    wrong = []
    for line in LINES:
        for who, expected in zip(PERSONAS, line.letters, strict=True):
            if (got := letter(everybody, who, line)) != expected:
                wrong.append(f"{line.title}: {who} gets {got} and not {expected}")
    assert wrong == [], "\n".join(["", *wrong])


def test_operators_pages_are_for_operators_who_have_passed_both_factors(everybody):
    """Everybody else is sent to sign in, whatever they ask for."""
    everybody.browsers["operator with one factor"] = operator(factors=1)
    wrong = []
    for route, (status, names) in PAGES.items():
        path = path_of(route, *(everybody.places[name] for name in names))
        asks = [("operator", "GET")]
        asks += [(who, method) for who in everybody.others("operator") for method in ("GET", "POST")]
        for who, method in asks:
            with undone():
                answer = everybody.ask(who, method, path, None)
            sent_away = answer.status == 302 and answer.headers["Location"].startswith(LOGIN)
            if sent_away == (who == "operator") or (who == "operator" and answer.status != status):
                wrong.append(f"{method} {path}: {who} gets {answer.status}")
    assert wrong == [], "\n".join(["", *wrong])
