"""Make a PDF ready to be signed: all of it but the signature, whose place is left empty. No key is in here."""

import shutil
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from protocol import WORK, Control, Refused, answer, source_read
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from signature_box import Box
from signed import OURS, SIGNATURES_MOST, entry, signed_already

_BLOCK = 1 << 18
_NAMES_MOST = 1000


def prepare(arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Write where the gap is, as two numbers of 8 bytes, and the document; counts pages and signatures."""
    source, target = source_read(), WORK / "target"
    signed = signed_already(source)
    try:
        start, end, report = _prepared(source, target, arguments)
    except OURS:
        raise
    except Exception:  # whatever the library raises for a file that is not as it wants it
        if signed:  # mending it would break what is signed
            raise Refused("corrupt") from None
        start, end, report = _mended(source, target, arguments)
    control.progress(report["pages"], report["pages"])
    sys.stdout.buffer.write(struct.pack(">QQ", start, end))
    with target.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer, _BLOCK)
    return report


def _mended(source: Path, target: Path, arguments: dict[str, Any]) -> tuple[int, int, dict[str, int]]:
    """The same for a file that another library has written anew first."""
    mended = WORK / "mended"
    try:
        with pikepdf.open(source) as document:
            document.save(mended)
        return _prepared(mended, target, arguments)
    except OURS:
        raise
    except Exception:
        raise Refused("corrupt") from None


def _prepared(source: Path, target: Path, arguments: dict[str, Any]) -> tuple[int, int, dict[str, int]]:
    with source.open("rb") as file, target.open("w+b") as out:
        writer = IncrementalPdfFileWriter(file, strict=False)
        if entry(writer.root, "/AcroForm", "/XFA") is not None:
            raise Refused("dynamic_form")
        earlier = _earlier(writer.prev)
        pages, name = int(writer.root["/Pages"]["/Count"]), _free_name(writer, arguments["field"])
        box = _box(writer, arguments, pages)
        writer.ensure_output_version((1, 7))
        if writer.output_version < (2, 0):
            writer.register_extension(ESIC_EXTENSION_1)
        spec = SigFieldSpec(name, on_page=box.index if box else 0, box=box.rect if box else None)
        steps = PdfCMSEmbedder(spec).write_cms(name, writer)
        field = next(steps).get_object()
        if box:
            field["/AP"] = box.appearance(writer)
        steps.send(SigObjSetup(sig_placeholder=_placeholder(arguments)))
        place, _ = steps.send(SigIOSetup(md_algorithm="sha256", output=out))
        return place.reserved_region_start, place.reserved_region_end, {"pages": pages, "signatures": earlier + 1}


def _placeholder(arguments: dict[str, Any]) -> SignatureObject:
    return SignatureObject(
        timestamp=datetime.fromisoformat(arguments["at"]),
        subfilter=SigSeedSubFilter.PADES,
        name=arguments["name"] or None,
        reason=arguments["reason"] or None,
        location=arguments["location"] or None,
        bytes_reserved=arguments["digits"],
    )


def _earlier(reader: PdfFileReader) -> int:
    """How many signatures there are; Refused where one of them forbids another."""
    fields = list(enumerate_sig_fields(reader, filled_status=True))
    if len(fields) >= SIGNATURES_MOST:
        raise Refused("unsupported")
    for name, _, field in fields:
        if EmbeddedPdfSignature(reader, field, name).docmdp_level == MDPPerm.NO_CHANGES:
            raise Refused("signed")
    return len(fields)


def _free_name(writer: IncrementalPdfFileWriter, wanted: str) -> str:
    """The name, with a number where a field has it already."""
    fields = entry(writer.root, "/AcroForm", "/Fields") or ()
    taken = {str(entry(field.get_object(), "/T")) for field in fields}
    names = [wanted, *(f"{wanted} {number}" for number in range(2, _NAMES_MOST))]
    return next(name for name in names if name not in taken)


def _box(writer: IncrementalPdfFileWriter, arguments: dict[str, Any], pages: int) -> Box | None:
    if arguments["box"] == "none":
        return None
    index = (arguments["page"] or pages) - 1
    if not 0 <= index < pages:
        raise Refused("page_missing")
    at = datetime.fromisoformat(arguments["at"])
    lines = [f"Signed by {arguments['name']}", f"{at:%Y-%m-%d %H:%M} UTC", arguments["reason"], arguments["location"]]
    return Box(writer, index, arguments["box"], [line for line in lines if line])


if __name__ == "__main__":
    answer(prepare)
