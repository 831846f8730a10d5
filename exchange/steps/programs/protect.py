"""Encrypt a PDF."""

import secrets
from pathlib import Path
from typing import Any

import pikepdf
from pdf import DAMAGED, pdf_open
from protocol import Control, Refused, run

_REVISION = 6  # AES-256 of PDF 2.0


def protect(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """AES-256 under the password; the owner's is random and nobody's."""
    pdf = pdf_open(source)
    allowed = pikepdf.Permissions(
        accessibility=True,
        extract=arguments["copying"],
        print_lowres=arguments["printing"],
        print_highres=arguments["printing"],
        modify_form=arguments["filling"],
        modify_annotation=arguments["filling"],
        modify_assembly=arguments["changing"],
        modify_other=arguments["changing"],
    )
    protection = pikepdf.Encryption(
        owner=secrets.token_urlsafe(32), user=arguments["password"], R=_REVISION, allow=allowed
    )
    try:
        pdf.save(target, encryption=protection)
    except DAMAGED:
        raise Refused("corrupt") from None
    control.progress(1, 1)
    return {"pages": len(pdf.pages)}


if __name__ == "__main__":
    run(protect)
