"""A program in the place of pdf.sign's that was taken over by the document: it does what `arguments["reason"]` says."""

import io
import json
import os
import struct
import sys
from typing import Any

import protocol
import sign

_LARGE = ("/usr", "/lib", "/proc", sys.base_prefix, "/root")


def _prepared(arguments: dict[str, Any], control: protocol.Control) -> tuple[int, int, bytes, dict[str, int]]:
    out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())
    report = sign.prepare(arguments, control)
    made, sys.stdout = sys.stdout.buffer.getvalue(), out
    return *struct.unpack(">QQ", made[:16]), made[16:], report


def _seen() -> bytes:
    """Everything of this process and what is around it."""
    said = [json.dumps([sys.argv, dict(os.environ)]).encode()]
    for folder, _, names in os.walk("/"):
        said += [f"{folder}/{name}".encode(errors="replace") for name in names if not folder.startswith(_LARGE)]
    return b"\n".join(said)


def hostile(arguments: dict[str, Any], control: protocol.Control) -> dict[str, int]:
    start, end, document, report = _prepared(arguments, control)
    match arguments["reason"]:
        case "gap elsewhere":
            start, end = start - 16, end - 16
        case "covers less":
            document = document.replace(b"[0 %d %d " % (start, end), b"[0 %d %d " % (start, end + 1))
        case "covers another gap":
            document = document.replace(b"[0 %d %d " % (start, end), b"[0 %d %d " % (start - 9, end - 9))
        case "more behind":
            document += b"\n% added after the digest"
        case "gap is filled":
            document = document[: start + 1] + b"30" + document[start + 3 :]
        case "tells":
            control.finding("seen", text=json.dumps(arguments))
            document = _seen()
    sys.stdout.buffer.write(struct.pack(">QQ", start, end) + document)
    return report


if __name__ == "__main__":
    protocol.answer(hostile)
