"""Split a PDF; no part holds anything of the others' pages."""

from pathlib import Path
from typing import Any

import pikepdf
from forms import form_take
from pages import pages_chosen
from parts import PartWriter, run_split
from pdf import DAMAGED, PAGES_MOST, form_static, pdf_open
from protocol import WORK, Control, Refused
from split_part import part_make

_NAME_MOST = 220


def _wanted(arguments: dict[str, Any], total: int) -> list[range]:
    """The pages of each part; what is asked for twice is made once."""
    every = arguments["every"]
    if every:
        return [range(first, min(first + every, total)) for first in range(0, total, every)]
    chosen = list(dict.fromkeys(pages_chosen(arguments["ranges"], total)))
    if sum(map(len, chosen)) > PAGES_MOST:
        raise Refused("too_many_pages")
    return chosen


def _name(document: str, pages: range) -> str:
    stem = document[:-4] if document.lower().endswith(".pdf") else document
    said = f"page {pages.start + 1}" if len(pages) == 1 else f"pages {pages.start + 1}-{pages.stop}"
    return f"{stem[:_NAME_MOST]} ({said}).pdf"


def split(source: Path, writer: PartWriter, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Write every part; counts them, their pages, and attached files, which go with none."""
    pdf = form_static(pdf_open(source))
    wanted = _wanted(arguments, len(pdf.pages))
    target = WORK / "part"
    try:
        pdf.remove_unreferenced_resources()  # pages may share a list of all their pictures
        attachments, form = len(pdf.attachments), form_take(pdf)
        for number, pages in enumerate(wanted, 1):
            part_make(pdf, form, pages).save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            with target.open("rb") as file:
                writer.add(_name(arguments["name"], pages), file, media_type="application/pdf")
            control.progress(number, len(wanted))
    except DAMAGED:
        raise Refused("corrupt") from None
    return {"parts": len(wanted), "pages": sum(map(len, wanted)), "attachments_left": attachments}


if __name__ == "__main__":
    run_split(split)
