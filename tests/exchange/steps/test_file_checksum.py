"""file.checksum: what every other program says of the same bytes."""

import hashlib

import pytest

from exchange.steps.base import StepContext, StepParametersInvalid
from exchange.steps.registry import registered, step_parse, step_run
from tests.exchange.steps.mutations import mutations

CONTENT = b"a document\n" * 1000


def findings(done) -> dict[str, str]:
    return {one["code"]: one["text"] for one in done.report["findings"]}


@pytest.mark.parametrize("content", [CONTENT, b"", bytes(1 << 20)], ids=["text", "empty", "zeros"])
def test_sha256_of_anything(apply, content):
    done = apply("file.checksum", content, "application/x-unheard-of")
    assert findings(done) == {"sha256": hashlib.sha256(content).hexdigest()}
    assert (done.content, done.report["bytes"]) == (b"", len(content))


def test_a_published_vector(apply):
    """FIPS 180-2, appendix B.1."""
    assert findings(apply("file.checksum", b"abc", "text/plain"))["sha256"] == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_further_algorithms(apply):
    done = apply("file.checksum", CONTENT, "text/plain", sha512=True, blake2b=True)
    assert findings(done) == {name: hashlib.new(name, CONTENT).hexdigest() for name in ("sha256", "sha512", "blake2b")}


def test_a_document_larger_than_its_memory_passes():
    chosen, block = step_parse("file.checksum", {}), bytes(1 << 20)
    blocks = chosen.limits.memory_mb + 50
    execution = step_run(
        chosen,
        media_type="application/octet-stream",
        context=StepContext(recipient="", date="2026-11-24"),
        untrusted_input=(block for _ in range(blocks)),
        tick=lambda done, total: None,
    )
    assert not any(execution)
    assert execution.report["bytes"] == blocks << 20


def test_it_takes_everything_and_changes_nothing():
    step = registered()["file.checksum"]
    assert step.takes("image/png") and step.takes("") and step.report_only


def test_parameters_that_it_does_not_take():
    with pytest.raises(StepParametersInvalid):
        step_parse("file.checksum", {"md5": True})


def test_mutations():
    assert set(mutations("file.checksum", CONTENT, "text/plain")) == {"ok"}
