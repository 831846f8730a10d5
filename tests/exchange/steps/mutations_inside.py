"""What runs inside the sandbox for `mutations.py`: one program on many damaged copies of a good document.

Each copy is made here from a number and given to a forked child, in which the program runs as it does in a job: with
its arguments, the document on stdin, an empty /scratch and its limits. This imports nothing of the project.
"""

import contextlib
import io
import json
import os
import random
import re
import resource
import runpy
import select
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_SCRATCH = Path("/scratch")
_PIPE = 1 << 16
_FINDINGS_MOST = 40
_TOKENS = (b"0", b"-1", b"2147483648", b"99999999999999999999", b"<<", b">>", b"[", b"]", b"(", b"/", b"<", b"&", b"\0")
# Of XML: an element without others inside, and what its text may be instead.
_LEAF = re.compile(rb"(<([\w:.-]+)(?:\s[^<>]*)?>)([^<>]*)(</\2>)")
_WORDS = (
    b"", b" ", b"0", b"-1", b"1e9", b"1E400", b"NaN", b"INF", b"-0", b"0.005", b"9" * 400, b"1,5", b"x", b"x" * 5000,
    b"true", b"2026-02-30", b"20261399", b"\xc3\xa4\xf0\x9f\x98\x80", b"&lt;b&gt;&amp;", b"<x/>", b"O", b"AE", b"%",
)  # fmt: skip


def _damage(content: bytes, source: random.Random) -> bytes:
    """One to eight changes: bytes flipped, cut off, put in, taken out, written twice, or a number that is another."""
    changed = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 8))):
        at = source.randrange(len(changed) + 1)
        length = min(source.choice((1, 2, 4, 16, 256)), len(changed) - at)
        match source.randrange(8):
            case 0 | 1:
                for place in range(at, at + length):
                    changed[place] ^= 1 << source.randrange(8)
            case 2:
                changed[at : at + length] = source.randbytes(length)
            case 3:
                changed[at:at] = source.choice((source.randbytes(length), source.choice(_TOKENS)))
            case 4:
                del changed[at : at + length]
            case 5:
                changed[at:at] = changed[at : at + length]
            case 6:
                changed[at : at + length] = source.choice((b"\0", b"\xff", b" ")) * length
            case 7:
                token = source.choice(_TOKENS)
                changed[at : at + len(token)] = token
    return bytes(changed[: source.randrange(len(changed) + 1)] if source.random() < 0.1 else changed)


def _zip_damage(content: bytes, source: random.Random) -> bytes:
    """One member damaged, the archive whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as made:
        chosen = source.choice([one.filename for one in given.infolist() if one.file_size])
        for one in given.infolist():
            member = given.read(one)
            made.writestr(one, _damage(member, source) if one.filename == chosen else member)
    return out.getvalue()


def _xml_damage(content: bytes, source: random.Random) -> bytes:
    """One to eight elements without others inside gone, twice there or with another text; well-formed all the same."""
    for _ in range(source.choice((1, 1, 2, 4, 8))):
        found = source.choice(list(_LEAF.finditer(content)))
        start, text, end = found[1], found[3], found[4]
        words = source.choice(_WORDS)
        new = source.choice(
            (b"", found[0] * 2, start + words + end, start + text + words + end, start + text * 9 + end)
        )
        content = content[: found.start()] + new + content[found.end() :]
    return content


def mutated(content: bytes, number: int) -> bytes:
    """The damaged copy of that number, always the same.

    Every other one is damaged inside a member where it is a zip, and in what its elements say where it is XML.
    """
    source = random.Random(number)
    if number % 2 and content.startswith(b"PK"):
        return _zip_damage(content, source)
    return _xml_damage(content, source) if number % 2 and content.startswith(b"<?xml") else _damage(content, source)


def _framed(documents: Iterable[bytes], media_type: str) -> bytes:
    """Documents as a program of cardinality "join" reads them."""
    frames: list[bytes] = []
    for number, document in enumerate(documents):
        frames.append(json.dumps({"name": f"document{number}", "type": media_type}).encode())
        frames += [document[at : at + _PIPE] for at in range(0, len(document), _PIPE)]
        frames.append(b"")
    return b"".join(struct.pack(">I", len(frame)) + frame for frame in [*frames, b""])


def _filled(content: bytes) -> int:
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    return read


def _child(asked: dict[str, Any], stdin: int, stdout: int, control: int, stderr: int) -> None:
    """Become the program; never returns."""
    status = 1
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"] + 5))
        for descriptor, place in ((stdin, 0), (stdout, 1), (stderr, 2)):
            os.dup2(descriptor, place)
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.argv[3:5] = [str(_filled(json.dumps(asked["arguments"]).encode())), str(control)]
        runpy.run_path(f"/programs/{asked['program']}.py", run_name="__main__")
        sys.stdout.flush()
        status = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode()[-4000:])
    finally:
        os._exit(status)


def _hear(control: int, deadline: float) -> str | None:
    """The program's result; None when time is over."""
    said = b""
    while select.select([control], [], [], max(0.0, deadline - time.monotonic()))[0]:
        block = os.read(control, _PIPE)
        if not block:
            results = [json.loads(line) for line in said.splitlines() if b'"result"' in line]
            return str(results[-1]["result"]) if results else ""
        said = (said + block)[-(_PIPE * 4) :]
    return None


def _scratch_clear() -> None:
    for entry in _SCRATCH.iterdir():
        shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _run(asked: dict[str, Any], document: bytes) -> tuple[str, str]:
    """The code by which the program ended, and what it said where that was no way to end."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(document)
        stdin.seek(0)
        control, control_write = os.pipe()
        child = os.fork()
        if not child:
            os.close(control)
            _child(asked, stdin.fileno(), stdout.fileno(), control_write, stderr.fileno())
        os.close(control_write)
        code = _hear(control, time.monotonic() + asked["seconds"])
        os.close(control)
        if code is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        stderr.seek(0)
        words = stderr.read()[-380:].decode(errors="replace")
    _scratch_clear()
    if code is None or status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "step_timeout", words
    return (code, "") if status == 0 and code else ("step_crashed", words or f"ended with {status}")


def _main() -> None:
    with os.fdopen(int(sys.argv[3]), "rb") as request:
        asked = json.load(request)
    good = sys.stdin.buffer.read()
    runpy.run_path(f"/programs/{asked['program']}.py", run_name="loaded")  # its packages load once
    codes: dict[str, int] = {}
    shown = 0
    for number in range(asked["first"], asked["first"] + asked["count"]):
        document = mutated(good, number) if number else good
        code, words = _run(asked, _framed([document, good], asked["join"]) if asked["join"] else document)
        if not number and code != "ok":
            code, words = "good_refused", words or code
        codes[code] = codes.get(code, 0) + 1
        if words and (shown := shown + 1) <= _FINDINGS_MOST:
            finding = {"code": code, "where": str(number), "text": words}
            os.write(int(sys.argv[4]), json.dumps({"finding": finding}).encode() + b"\n")
    os.write(int(sys.argv[4]), json.dumps({"result": "ok", "report": codes}).encode() + b"\n")


if __name__ == "__main__":
    _main()
