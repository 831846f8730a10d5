"""Programs of this machine that a sandboxed program may start, and what of the machine they need to see."""

from dataclasses import dataclass
from pathlib import Path

_FONTS = ("/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts")


@dataclass(frozen=True, slots=True)
class Tool:
    """`name` in words, the `executable`, and `folders` that are shown to it read-only; `package` is Debian's."""

    name: str
    executable: str
    folders: tuple[str, ...]
    package: str


TOOLS = {
    "soffice": Tool(
        "LibreOffice",
        "/usr/lib/libreoffice/program/soffice.bin",
        ("/usr/lib/libreoffice", "/usr/share/libreoffice", "/etc/libreoffice", "/usr/share/mime", *_FONTS),
        "libreoffice-writer libreoffice-calc libreoffice-impress",
    ),
    "tesseract": Tool(
        "Tesseract",
        "/usr/bin/tesseract",
        ("/usr/bin/tesseract", "/usr/share/tesseract-ocr"),
        "tesseract-ocr",
    ),
}


def tool_missing(name: str) -> str | None:
    """None where the tool is on this machine, or the reason and the one line that mends it."""
    tool = TOOLS[name]
    if Path(tool.executable).is_file():
        return None
    return f"{tool.name} is not installed: apt-get install {tool.package}"


def tool_folders(names: tuple[str, ...]) -> list[str]:
    """What is shown of the machine to programs that may start these tools."""
    return sorted({folder for name in names for folder in TOOLS[name].folders if Path(folder).exists()})
