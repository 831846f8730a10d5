"""Make a PDF smaller."""

import shutil
from pathlib import Path
from typing import Any

import pikepdf
from compress_pictures import Pictures
from pdf import DAMAGED, pdf_open
from protocol import Control, Refused, run

_EFFORT = 9  # of 9


def compress(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Pack it anew, pictures too where that is wanted; the document itself where that did not make it smaller."""
    pdf, size = pdf_open(source), source.stat().st_size
    pikepdf.settings.set_flate_compression_level(_EFFORT)
    total, changed = len(pdf.pages), 0
    try:
        if arguments["pictures"]:
            pictures = Pictures(pdf, *arguments["pictures"])
            for number, page in enumerate(pdf.pages, 1):
                pictures.page(page)
                control.progress(number, total)
            changed = pictures.shrink()
        pdf.remove_unreferenced_resources()
        pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            recompress_flate=True,
        )
    except DAMAGED:
        raise Refused("corrupt") from None
    saved = size - target.stat().st_size
    if saved <= 0:
        shutil.copyfile(source, target)
        saved = changed = 0
        control.finding("not_smaller", text="The document could not be made smaller and stays as it was.")
    return {"pages": total, "pictures": changed, "saved_bytes": saved}


if __name__ == "__main__":
    run(compress)
