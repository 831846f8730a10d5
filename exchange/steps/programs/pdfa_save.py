"""Saving a PDF as PDF/A-2b, and checking what was written."""

from pathlib import Path

import pikepdf
from pikepdf.pdfa import PdfaError, PrepareResult, save
from protocol import Control, Refused

_FLAVOUR = "2b"


def pdfa_save(source: Path, target: Path, control: Control) -> PrepareResult:
    """Declare, mend what can be mended without touching a page's content, write, and check the file that was written.

    The check (pikepdf's, in the rules of ISO 19005-2 as veraPDF counts them) approves only what it knows to conform;
    everything else is refused as `pdfa_failed`, with the rules in the findings.
    """
    try:
        with pikepdf.open(source, conversion_mode="explicit") as pdf:
            _mend(pdf)
            report = save(pdf, target, _FLAVOUR, output_intent="sRGB")
    except PdfaError as refused:
        for finding in refused.report.findings:
            control.finding(finding.rule[-40:], where=finding.where, text=finding.message)
        raise Refused("pdfa_failed") from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise Refused("corrupt") from None
    assert report.prepared
    return report.prepared


def _mend(pdf: pikepdf.Pdf) -> None:
    """Take away what happens by itself when the document or a page is shown, and a checksum of the file as it was."""
    for key in ("/OpenAction", "/AA"):
        if key in pdf.Root:
            del pdf.Root[key]
    for page in pdf.pages:
        for key in ("/AA", "/Trans"):
            if key in page.obj:
                del page.obj[key]
    if "/DocChecksum" in pdf.trailer:  # LibreOffice's
        del pdf.trailer["/DocChecksum"]
