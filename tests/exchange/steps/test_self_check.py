"""`manage.py steps_check` runs every step for real and says what came of it."""

import io
import re

import pytest
from django.core.management import call_command

from exchange.sandbox import sandbox_missing
from exchange.steps import self_check
from exchange.steps.base import registered
from exchange.steps.registry import MODULES
from exchange.steps.self_check import SAMPLES, steps_check

pytestmark = pytest.mark.engine


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_every_step_is_ok_or_its_program_is_missing():
    out = io.StringIO()
    call_command("steps_check", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == sorted(registered())
    assert [line for line in lines if not re.fullmatch(r"[a-z_.]+ \d+ (ok|missing \S.*)", line)] == []
    assert "pdf.stamp 2 ok" in lines or any(line.startswith("pdf.stamp") and line.endswith("ok") for line in lines)


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_a_step_that_fails_is_told_with_its_code_and_exit_1(monkeypatch, tmp_path):
    for sample in SAMPLES.iterdir():
        (tmp_path / sample.name).write_bytes(b"%PDF-1.7 broken")
    monkeypatch.setattr(self_check, "SAMPLES", tmp_path)
    monkeypatch.setattr(self_check, "registered", lambda: {"file.scrub": registered()["file.scrub"]})
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("steps_check", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == "file.scrub 1 failed corrupt\n"


def test_without_the_sandbox_everything_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {(check.state, check.what) for check in steps_check() if not check.what.startswith(("Lib", "Tess"))} == {
        ("missing", "bubblewrap")
    }


def test_every_step_has_a_sample_words_and_a_meaning_for_each_parameter():
    assert MODULES
    for name, model in registered().items():
        assert (SAMPLES / model.sample).is_file(), name
        assert model.__doc__ and model.title, name
        described = {field: info.description for field, info in model.model_fields.items()}
        assert [field for field, words in described.items() if not words] == [], name
