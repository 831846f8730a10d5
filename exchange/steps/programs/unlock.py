"""Decrypt a PDF with its password."""

from pathlib import Path
from typing import Any

import pikepdf
from pdf import DAMAGED, pdf_checked
from protocol import Control, Refused, run


def unlock(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """The same document without encryption."""
    try:
        pdf = pikepdf.open(source, password=arguments["password"])
    except pikepdf.PasswordError:
        raise Refused("password_wrong") from None
    except DAMAGED:
        raise Refused("corrupt") from None
    if not pdf.is_encrypted:
        raise Refused("not_protected")
    pdf_checked(pdf)
    try:
        pdf.save(target, encryption=False)
    except DAMAGED:
        raise Refused("corrupt") from None
    control.progress(1, 1)
    return {"pages": len(pdf.pages)}


if __name__ == "__main__":
    run(unlock)
