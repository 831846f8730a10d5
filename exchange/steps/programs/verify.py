"""Say what the signatures of a PDF cover, who made them and what came later."""

import logging
from pathlib import Path
from typing import IO, Any

from protocol import Control, Refused, run
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from signature_findings import Signature, Trust, Unreadable
from signed import OURS, SIGNATURES_MOST, signed_already

_NO_NETWORK = "Nothing was fetched from the network, so nobody was asked whether a certificate was revoked."
_NOT_STRICT = "The file departs from the PDF standard, so a change made after signing may not have been seen."


def verify(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Findings of each signature, and how many are what; writes no target."""
    signed_already(source)  # refuses what cannot be read
    trust = Trust(arguments["roots"], arguments["own"])
    with source.open("rb") as file:
        found, strict = _signatures(file, trust)
    if not found:
        return _without(arguments, control)
    for number, signature in enumerate(found, 1):
        for code, text in signature.findings():
            control.finding(code, where=signature.name, text=text)
        control.progress(number, len(found))
    if not strict:
        control.finding("not_strict", text=_NOT_STRICT)
    control.finding("not_asked_online", text=_NO_NETWORK)
    counted = ("intact", "broken", "unchecked", "trusted", "changed_later")
    return {"signatures": len(found)} | {name: sum(getattr(one, name) for one in found) for name in counted}


def _without(arguments: dict[str, Any], control: Control) -> dict[str, int]:
    if arguments["required"]:
        raise Refused("not_signed")
    control.finding("not_signed", text="The document has no signature.")
    return {"signatures": 0}


def _signatures(file: IO[bytes], trust: Trust) -> tuple[list[Signature | Unreadable], bool]:
    """The signatures in the order of the fields, and whether the file was read by the letter of the standard."""
    for strict in (True, False):
        try:
            file.seek(0)
            reader = PdfFileReader(file, strict=strict)
            fields = list(enumerate_sig_fields(reader, filled_status=True))
            if len(fields) > SIGNATURES_MOST:
                raise Refused("unsupported")
            return [_signature(reader, field, name, trust, strict=strict) for name, _, field in fields], strict
        except OURS:
            raise
        except Exception:  # whatever the library raises for a file that is not as it wants it
            if not strict:
                raise Refused("corrupt") from None
    raise Refused("corrupt")


def _signature(reader: PdfFileReader, field: Any, name: str, trust: Trust, *, strict: bool) -> Signature | Unreadable:
    """One signature; where the file was read leniently, one that cannot be understood does not hide the others."""
    try:
        return Signature(reader, field, name, trust)
    except OURS:
        raise
    except Exception:
        if strict:
            raise
        return Unreadable(name)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # what the library says of a document is nobody's to read
    run(verify)
