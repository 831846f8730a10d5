"""The sample of every step for PDFs: the step succeeds on it, and it is what its maker makes."""

import pytest

from exchange.steps.base import PDF, registered
from exchange.steps.registry import step_parse
from tests.files.make_samples import FOLDER, document

STEPS = [*sorted(name for name in registered() if name.startswith("pdf.")), "file.checksum"]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_succeeds_on_its_sample(apply, name):
    step = registered()[name]
    content = (FOLDER / step.sample).read_bytes()
    given = [(step.sample, PDF, content)] if step.cardinality == "join" else content
    done = apply(name, given, PDF, **step.sample_parameters)
    assert done.content or done.parts or step.report_only
    assert step_parse(name, step.sample_parameters)


def test_samples_are_made_alike(tmp_path):
    document(tmp_path / "document.pdf")
    document(tmp_path / "protected.pdf", password="only a sample")
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (FOLDER / made.name).read_bytes()
