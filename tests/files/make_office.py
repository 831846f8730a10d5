"""Make tests/files/office with LibreOffice itself: `python -m tests.files.make_office`.

One letter, one table and one presentation in most formats, some with the password "secret", one with a macro that would
write into the document, and one with a link to a file that is in the sandbox.
"""

import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).with_name("office")
MACRO, LINKED = "MACRO RAN", "/etc/fonts/fonts.conf"
_TEXT = "Grüße, 42 €"
_FILTERS = {
    "docx": "MS Word 2007 XML", "doc": "MS Word 97", "odt": "writer8", "rtf": "Rich Text Format",
    "xlsx": "Calc MS Excel 2007 XML", "xls": "MS Excel 97", "ods": "calc8",
    "pptx": "Impress MS PowerPoint 2007 XML", "odp": "impress8",
}  # fmt: skip
_PLAIN = {"letter": ("docx", "doc", "odt", "rtf"), "table": ("xlsx", "xls", "ods"), "slides": ("pptx", "odp")}
_SECRET = {"letter": ("doc", "odt"), "table": ("xls", "ods")}  # OOXML gets none this way
_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:'
    'table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:'
    'opendocument:xmlns:svg-compatible:1.0" xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" '
    'xmlns:ooo="http://openoffice.org/2004/office" xmlns:dom="http://www.w3.org/2001/xml-events"'
)
_BODIES = {
    "letter": f"<office:text><text:h text:outline-level='1'>Letter</text:h><text:p>{_TEXT}</text:p></office:text>",
    "table": "<office:spreadsheet><table:table table:name='Sums'><table:table-row><table:table-cell "
    "office:value-type='string'><text:p>" + _TEXT + "</text:p></table:table-cell></table:table-row></table:table>"
    "</office:spreadsheet>",
    "slides": "<office:presentation><draw:page draw:name='one'><draw:frame svg:width='20cm' svg:height='3cm' "
    f"svg:x='2cm' svg:y='2cm'><draw:text-box><text:p>{_TEXT}</text:p></draw:text-box></draw:frame></draw:page>"
    "</office:presentation>",
    "linked": "<office:text><text:p>Before the link</text:p><text:section text:name='S'><text:section-source "
    f"xlink:type='simple' xlink:href='file://{LINKED}'/><text:p>kept as it was</text:p></text:section></office:text>",
}
_KINDS = {"letter": "text", "table": "spreadsheet", "slides": "presentation", "linked": "text"}
_MODULE = f"""Sub Main
  ThisComponent.Text.setString("{MACRO}")
End Sub
"""
_WRITE = """Sub StoreAs(source, target, filter, word)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  Dim saved(0) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName" : saved(0).Value = filter
  If word <> "" Then
    ReDim Preserve saved(1) As New com.sun.star.beans.PropertyValue
    saved(1).Name = "Password" : saved(1).Value = word
  End If
  document = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  document.storeToURL(target, saved())
  document.close(True)
End Sub
Sub StoreMacro(source, target)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  document.BasicLibraries.createLibrary("Standard")
  document.BasicLibraries.getByName("Standard").insertByName("Module1", MODULE_TEXT)
  Dim started(1) As New com.sun.star.beans.PropertyValue
  started(0).Name = "EventType" : started(0).Value = "Script"
  started(1).Name = "Script"
  started(1).Value = "vnd.sun.star.script:Standard.Module1.Main?language=Basic&" & "location=document"
  document.Events.replaceByName("OnLoad", started())
  document.storeToURL(target, Array())
  document.close(True)
End Sub
"""


class Soffice:
    """LibreOffice with a profile that holds our macros."""

    def __init__(self, folder: Path) -> None:
        self._profile = folder / "profile"
        self._run("--terminate_after_init")
        basic = self._profile / "user" / "basic" / "Standard"
        text = _WRITE.replace("MODULE_TEXT", " & Chr(10) & ".join(_quoted(line) for line in _MODULE.splitlines()))
        (basic / "Module1.xba").write_text(
            '<?xml version="1.0" encoding="UTF-8"?><script:module xmlns:script="http://openoffice.org/2000/script" '
            f'script:name="Module1" script:language="StarBasic">{_escaped(text)}</script:module>'
        )

    def _run(self, *arguments: str) -> None:
        profile = f"-env:UserInstallation={self._profile.as_uri()}"
        command = ["/usr/lib/libreoffice/program/soffice.bin", profile, "--headless", "--norestore", *arguments]
        subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)

    def call(self, name: str, *arguments: str) -> None:
        """Run one of our macros."""
        self._run(f"macro:///Standard.Module1.{name}({','.join(map(_quoted, arguments))})")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        office = Soffice(folder)
        for stem, body in _BODIES.items():
            (folder / f"{stem}.xml").write_text(
                f'<?xml version="1.0" encoding="UTF-8"?><office:document {_NAMES} office:version="1.3" '
                f'office:mimetype="application/vnd.oasis.opendocument.{_KINDS[stem]}"><office:body>{body}'
                "</office:body></office:document>"
            )
        for wanted, prefix, word in ((_PLAIN, "", ""), (_SECRET, "secret-", "secret"), ({"linked": ("odt",)}, "", "")):
            for stem, endings in wanted.items():
                for ending in endings:
                    target = FOLDER / f"{prefix}{stem}.{ending}"
                    source = (folder / f"{stem}.xml").as_uri()
                    office.call("StoreAs", source, target.as_uri(), _FILTERS[ending], word)
        office.call("StoreMacro", (folder / "letter.xml").as_uri(), (FOLDER / "macro.odt").as_uri())


if __name__ == "__main__":
    main()
