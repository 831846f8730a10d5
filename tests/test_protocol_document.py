"""docs/protocol.md says what the code does: every code with its status, every address, every reason for holding."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

from exchange.errors import HELD_SENTENCES
from exchange.models import Recipient
from exchange.sandbox.base import INPUT_CODES, LIMIT_CODES
from sealpost.errors import SealpostError
from tests.portal.routes import routes
from tests.running import ROOT

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text()
# Told by the client itself, never by a server.
BY_CLIENTS = {"audit_refused", "kdf_refused", "secret_malformed", "invitation_malformed"}
# Told by management commands alone.
BY_COMMANDS = {
    "tenant_unknown", "tenant_ambiguous", "tenant_name_invalid", "tenant_state_invalid", "chain_broken",
    "not_isolated", "switch_unknown",
}  # fmt: skip
_ROW = re.compile(r"^\| ((?:\d{3}(?:, )?)+) \| (.*) \| .* \|$", re.MULTILINE)
_WITH_STATUS = re.compile(r"`(\d{3})\s+([a-z_]+)`")


def kinds(base: type[SealpostError] = SealpostError) -> Iterator[type[SealpostError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def answered() -> dict[str, int]:
    """Code and status of everything that a server may answer."""
    for name in ("sealpost", "vault", "accounts", "exchange", "portal"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.rpartition(".")[2] in {
                "errors",
                "encoding",
                "kdf",
                "base",
                "paging",
                "enrolment",
                "signature",
            }:
                importlib.import_module(module.name)
    found = {
        kind.code: kind.status for kind in kinds() if not kind.__module__.startswith(("sealpost.client", "tests."))
    }
    return {code: status for code, status in found.items() if code not in BY_CLIENTS | BY_COMMANDS}


def table() -> dict[str, set[int]]:
    """Code → statuses of its row, from the table of section 9.3."""
    section = DOCUMENT.partition("### 9.3 Errors")[2].partition("## 10.")[0]
    found: dict[str, set[int]] = {}
    for statuses, codes in _ROW.findall(section):
        for code in re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", codes)):
            assert code not in found, f"{code} stands twice"
            found[code] = {int(status) for status in statuses.split(", ")}
    return found


def test_the_table_lists_every_code_that_a_server_answers_and_no_other():
    assert set(table()) == set(answered())


def test_every_code_of_the_table_has_its_status():
    listed = table()
    assert {code: status for code, status in answered().items() if status not in listed[code]} == {}


def test_every_status_in_the_text_is_the_code_s():
    mentioned = _WITH_STATUS.findall(DOCUMENT)
    assert len(mentioned) > 20
    known = answered()
    assert [(status, code) for status, code in mentioned if known.get(code) != int(status)] == []


def test_every_answer_has_a_sentence_of_its_own_for_people():
    codes = answered()
    told = [kind for kind in kinds() if kind.code in codes]
    assert [kind for kind in told if not re.fullmatch(r"[A-Z][^\n]{20,300}\.", kind.sentence)] == []
    assert [kind for kind in told if kind.code in kind.sentence or kind.sentence == SealpostError.sentence] == []


@pytest.mark.parametrize(("method", "route"), sorted(entry for entry in routes() if entry[1].startswith("api/")))
def test_every_address_of_the_api_is_described(method, route):
    path = re.sub(r"<[^>]*>", "{}", f"/{route}")
    described = re.sub(r"\{[a-z]+\}", "{}", DOCUMENT)
    assert re.search(rf"`{method} {re.escape(path)}(`|\s)", described), f"{method} {path}"


def test_every_reason_for_which_a_message_is_held_is_listed():
    listed = DOCUMENT.partition("`job.code` says why")[2].partition("`job.step`")[0]
    assert set(re.findall(r"`([a-z_]+)`", listed)) - {"job"} == set(HELD_SENTENCES)
    assert set(HELD_SENTENCES) >= INPUT_CODES | LIMIT_CODES


def test_every_state_of_a_delivery_is_listed():
    assert all(f'"{state}"' in DOCUMENT for state in Recipient.State.values)
