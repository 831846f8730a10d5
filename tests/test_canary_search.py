"""The canary's own search finds what it must, or the canary test proves nothing."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary import hits

MARKER = b"kanarienvogel7Q2x"
CODINGS = {
    "raw": lambda text: text,
    "hex": lambda text: text.hex().encode(),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "percent": lambda text: quote(text, safe="").encode(),
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text).encode(),
    "literal": lambda text: repr(text).encode(),
    "numbers": lambda text: json.dumps([*text]).encode(),
    "numbers, close": lambda text: json.dumps([*text], separators=(",", ":")).encode(),
    "utf-16-le": lambda text: text.decode().encode("utf-16-le"),
    "utf-16-be": lambda text: text.decode().encode("utf-16-be"),
}


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("coding", CODINGS)
def test_finds_every_coding_at_every_alignment(tmp_path: Path, coding: str, shift: int) -> None:
    (tmp_path / "leak").write_bytes(b"\0" * 7 + CODINGS[coding](b"x" * shift + MARKER + b" and more"))
    assert hits([tmp_path], {"marker": MARKER})


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("coding", [name for name in CODINGS if not name.startswith("utf-16")])
def test_finds_a_key_of_any_bytes(tmp_path: Path, coding: str, shift: int) -> None:
    key = bytes(range(250, 256)) + b"'\\ \n" + bytes(range(22))
    (tmp_path / "leak").write_bytes(b"\0" * 7 + CODINGS[coding](b"x" * shift + key + b" and more"))
    assert hits([tmp_path], {"key": key})


def test_finds_a_marker_across_a_block_border(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(b"\0" * ((1 << 22) - 5) + MARKER)
    assert hits([tmp_path], {"marker": MARKER})


def test_finds_a_marker_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / f"{MARKER.decode()}.pdf").touch()
    assert hits([tmp_path], {"marker": MARKER})


def test_finds_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "clean").write_bytes(bytes(range(256)) * 1000)
    assert hits([tmp_path], {"marker": MARKER}) == []
