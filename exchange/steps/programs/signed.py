"""PDFs that may be signed already, inside the sandbox."""

from pathlib import Path

from pdf import pdf_open
from protocol import Refused
from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject

SIGNATURES_MOST = 50
# What ends a program and says nothing of the document.
OURS = (MemoryError, OSError, Refused)


def signed_already(source: Path) -> bool:
    """Whether a document has signatures. Refused for a protected, damaged or endless one."""
    try:
        pdf_open(source).close()
    except Refused as refused:
        if str(refused) != "signed":
            raise
        return True
    return False


def entry(holder: DictionaryObject, *names: str) -> PdfObject | None:
    """What lies there, through every reference; None where nothing does."""
    found: PdfObject = holder
    for name in names:
        if not isinstance(found, DictionaryObject) or name not in found:
            return None
        found = found[name]
    return found
