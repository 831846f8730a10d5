"""`make setup` and the sandbox: installed where that may be, otherwise one line that says how."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.running import ROOT

pytestmark = pytest.mark.engine

LINE = "Documents will not be processed here until the sandbox is installed: sudo apt-get install bubblewrap\n"


@pytest.fixture
def machine(tmp_path):
    """Runs `make sandbox` on a machine that has these programs and no others; what it said."""
    programs = tmp_path / "bin"
    programs.mkdir()

    def run(**scripts: str) -> str:
        for name, script in scripts.items():
            path = programs / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        command = [shutil.which("make"), "-s", "sandbox"]
        done = subprocess.run(
            command, cwd=ROOT, env={"PATH": str(programs)}, capture_output=True, text=True, check=True
        )
        return done.stdout

    run.programs = programs
    return run


def installs(programs: Path) -> str:
    """An apt-get that can install once its lists are there, and writes down what it was asked for."""
    return f"""echo "$@" >> {programs}/asked
case "$*" in
  update*) echo > {programs}/lists ;;
  install*bubblewrap) test -e {programs}/lists && echo > {programs}/bwrap && /bin/chmod +x {programs}/bwrap ;;
esac"""


def test_root_with_apt_installs_it(machine):
    assert machine(id="echo 0", apt_get=installs(machine.programs)) == ""
    assert (machine.programs / "bwrap").exists()
    asked = (machine.programs / "asked").read_text().splitlines()
    assert machine(id="echo 0") == ""
    assert (machine.programs / "asked").read_text().splitlines() == asked  # what is there is not asked for again


@pytest.mark.parametrize(
    "scripts",
    [
        {"id": "echo 1000", "apt_get": "exit 1"},
        {"id": "echo 0"},
        {"id": "echo 0", "apt_get": "echo E: no network >&2; exit 100"},
    ],
    ids=["not root", "no apt", "no network"],
)
def test_where_it_may_not_it_says_the_one_line_and_goes_on(machine, scripts):
    assert machine(**scripts) == LINE
