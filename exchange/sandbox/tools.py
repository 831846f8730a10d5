"""Programs of this machine that a sandboxed program may use, and what of the machine they need to see.

The libraries of the system are shown to every program (exchange/sandbox/command.py), LibreOffice's own among them. No
shell is, and of the system's programs only the executable of a tool that is started.
"""

from dataclasses import dataclass
from pathlib import Path

_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig", "/etc/fonts", "/var/cache/fontconfig")
_DICTIONARIES = ("/usr/share/hunspell", "/usr/share/hyphen", "/usr/share/mythes")  # for words at the ends of lines
_TRAINED = "/usr/share/tesseract-ocr"


@dataclass(frozen=True, slots=True)
class Tool:
    """`name` in words; `executable`, without which it is not here; `folders` that are shown read-only.

    `started`: it becomes a process of its own; otherwise it is loaded as a library. `package` is Debian's.
    """

    name: str
    executable: str
    folders: tuple[str, ...]
    started: bool
    package: str


TOOLS = {
    "soffice": Tool(
        "LibreOffice",
        "/usr/lib/libreoffice/program/soffice.bin",
        ("/usr/share/libreoffice", "/etc/libreoffice", "/usr/share/liblangtag", *_DICTIONARIES, *_FONTS),
        False,
        "libreoffice-writer libreoffice-calc libreoffice-impress",
    ),
    "tesseract": Tool("Tesseract", "/usr/bin/tesseract", (_TRAINED,), True, "tesseract-ocr"),
}


def tool_folders(names: tuple[str, ...]) -> list[str]:
    """What is shown of the machine to programs that may use these tools."""
    shown = {folder for name in names for folder in TOOLS[name].folders}
    shown |= {TOOLS[name].executable for name in names if TOOLS[name].started}
    return sorted(path for path in shown if Path(path).exists())


def ocr_languages() -> list[str]:
    """The languages that Tesseract has data for on this machine, by their codes; without its data for orientation."""
    found = (file.stem for file in Path(_TRAINED).glob("*/tessdata/*.traineddata"))
    return sorted(set(found) - {"osd"})
