"""A page that stays: its drawing and nothing that is not drawn."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pikepdf
from protocol import Refused
from scrub_pdf import jpeg_stream_clean

_PAGE = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
_RESOURCES = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading"}
# What dictionaries further down carry beside what is drawn.
_BESIDE = (
    "/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents", "/Alternates", "/OPI", "/AF", "/Alt",
    "/ActualText", "/E", "/Thumb", "/Annots", "/AA", "/A", "/Ref", "/ID", "/Measure", "/PtData", "/Info",
)  # fmt: skip
_WRITES = {"Tj", "TJ", "'", '"'}
_NESTED_MOST = 24
_CONTENT_MOST = 64 << 20
_OBJECTS_MOST = 500_000


class Unclear(Exception):
    """The page cannot be vouched for as it is, so it must become pixels."""


@dataclass
class _Drawing:
    """What a content stream uses: its names; whether it writes text, and where nobody can search it."""

    names: set[str] = field(default_factory=set)
    writes: bool = False
    inline: bool = False
    unclear: bool = True  # until it is read to its end


class Stripper:
    """Strips pages of one document, whose shared forms it strips once."""

    def __init__(self) -> None:
        self._drawings: dict[tuple[int, int], _Drawing] = {}
        self._unclear = False

    def strip(self, pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        """Leave what is drawn. Unclear, when all is done, where it has layers, or text in patterns."""
        self._unclear = False
        for name in set(page.obj.keys()) - _PAGE:
            del page.obj[name]
        content, drawing = self._rewritten(page)
        page.obj.Contents = pdf.make_stream(content)
        page.obj.Resources = self._resources(page.obj.get("/Resources"), drawing, 0)
        if self._unclear:
            raise Unclear

    def _rewritten(self, source: pikepdf.Page | pikepdf.Object) -> tuple[bytes, _Drawing]:
        """A content stream without marks, properties and remarks."""
        kept, drawing = [], _Drawing()
        for instruction in pikepdf.parse_content_stream(source):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                drawing.inline = True
                kept.append(instruction)
                continue
            operands, operator = list(instruction.operands), str(instruction.operator)
            if operator in {"BDC", "BMC"}:
                self._unclear |= bool(operands) and operands[0] == pikepdf.Name.OC
                kept.append(pikepdf.ContentStreamInstruction([pikepdf.Name.Span], pikepdf.Operator("BMC")))
                continue
            if operator in {"DP", "MP"}:
                continue
            drawing.writes = drawing.writes or operator in _WRITES
            drawing.names |= {str(operand) for operand in operands if isinstance(operand, pikepdf.Name)}
            kept.append(instruction)
        return pikepdf.unparse_content_stream(kept), drawing

    def _resources(self, given: pikepdf.Object | None, drawing: _Drawing, depth: int) -> pikepdf.Dictionary:
        """Those that are used, what they draw stripped too; what forms without resources use counts as well."""
        if depth > _NESTED_MOST:
            raise Refused("unsupported")
        kept = pikepdf.Dictionary()
        if not isinstance(given, pikepdf.Dictionary):
            return kept
        names, waiting = set(drawing.names), ["/XObject", "/Pattern", "/ExtGState", "/Font", "/ColorSpace", "/Shading"]
        for category in waiting:
            entries = given.get(category)
            if not isinstance(entries, pikepdf.Dictionary):
                continue
            chosen = pikepdf.Dictionary()
            every = category == "/ColorSpace" and drawing.inline
            for name in entries.keys():  # noqa: SIM118
                if name in names or every:
                    chosen[name] = entries[name]
                    names |= self._used(category, entries[name], depth)
            if len(chosen):
                kept[category] = chosen
        return kept

    def _used(self, category: str, entry: pikepdf.Object, depth: int) -> set[str]:
        """Strip what a resource draws; the names that it needs of its holder."""
        if not isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
            return set()
        self._unclear |= "/OC" in entry
        if category == "/XObject" and entry.get("/Subtype") == pikepdf.Name.Form:
            return self._drawn(entry, depth).names
        if category == "/Pattern" and isinstance(entry, pikepdf.Stream):
            self._silent(entry, depth)
        mask = entry.get("/SMask") if category == "/ExtGState" else None
        if isinstance(mask, pikepdf.Dictionary) and isinstance(mask.get("/G"), pikepdf.Stream):
            self._silent(mask.G, depth)
        if category == "/Font" and isinstance(glyphs := entry.get("/CharProcs"), pikepdf.Dictionary):
            for glyph in glyphs.as_dict().values():
                if isinstance(glyph, pikepdf.Stream):
                    self._silent(glyph, depth)
        return set()

    def _silent(self, stream: pikepdf.Stream, depth: int) -> None:
        """What draws where no text can be searched may write none."""
        self._unclear |= self._drawn(stream, depth).writes

    def _drawn(self, stream: pikepdf.Stream, depth: int) -> _Drawing:
        """Strip a form, pattern or glyph; what it uses of its holder, and whether anything in it writes."""
        if depth > _NESTED_MOST or len(stream.read_raw_bytes()) > _CONTENT_MOST:
            raise Refused("unsupported")
        if (known := self._drawings.get(stream.objgen)) is not None:
            self._unclear |= known.unclear
            return known
        outward = self._drawings[stream.objgen] = _Drawing()
        before, self._unclear = self._unclear, False
        content, drawing = self._rewritten(stream)
        stream.write(content)
        given = stream.get("/Resources")
        outward.writes = drawing.writes
        if isinstance(given, pikepdf.Dictionary):
            stream.Resources = self._resources(given, drawing, depth + 1)
            outward.writes |= self._inner_writes(stream.Resources)
        else:
            outward.names = drawing.names
        outward.unclear, self._unclear = self._unclear, self._unclear or before
        return outward

    def _inner_writes(self, resources: pikepdf.Dictionary) -> bool:
        forms = resources.get("/XObject")
        if not isinstance(forms, pikepdf.Dictionary):
            return False
        return any(self._drawings.get(forms[name].objgen, _Drawing()).writes for name in forms.keys())  # noqa: SIM118


class Search:
    """Looks for what was found in everything that pages still hold, drawn or not."""

    def __init__(self, needles: list[bytes], *, any_case: bool) -> None:
        self._needles, self._any_case = needles, any_case
        self._clean: dict[tuple[int, int], bool] = {}

    def vouch(self, root: pikepdf.Object) -> None:
        """Drop what lies beside the drawing; Unclear where a needle is in anything that is left."""
        waiting, seen = [root], 0
        met: set[tuple[int, int]] = set()
        while waiting:
            entry = waiting.pop()
            seen += 1
            if seen > _OBJECTS_MOST:
                raise Unclear
            if isinstance(entry, pikepdf.Object) and entry.is_indirect:
                if entry.objgen in met:
                    continue
                met.add(entry.objgen)
            if isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
                for name in _BESIDE:
                    if name in entry and entry is not root:
                        del entry[name]
                if isinstance(entry, pikepdf.Stream) and self._in_stream(entry):
                    raise Unclear
                waiting += [entry[name] for name in entry.keys()]  # noqa: SIM118
                if any(self._hit(name.encode()) for name in entry.keys()):  # noqa: SIM118
                    raise Unclear
            elif isinstance(entry, pikepdf.Array):
                waiting += list(entry)
            elif isinstance(entry, pikepdf.String | pikepdf.Name) and self._hit(_bytes(entry)):
                raise Unclear

    def _in_stream(self, stream: pikepdf.Stream) -> bool:
        if stream.objgen not in self._clean:
            jpeg_stream_clean(stream)
            self._clean[stream.objgen] = any(self._hit(content) for content in _contents(stream))
        return self._clean[stream.objgen]

    def _hit(self, content: bytes) -> bool:
        if self._any_case:
            content = content.lower()
        return any(needle in content for needle in self._needles)


def _bytes(entry: pikepdf.Object) -> bytes:
    return str(entry).encode() if isinstance(entry, pikepdf.Name) else bytes(entry)


def _contents(stream: pikepdf.Stream) -> Iterator[bytes]:
    yield stream.read_raw_bytes()
    if "/Filter" in stream:
        try:
            yield stream.read_bytes()
        except pikepdf.PdfError:  # a picture, whose raw bytes were looked at
            return


def needles_of(texts: set[str], *, any_case: bool) -> list[bytes]:
    """Texts as bytes, however a PDF may have written them down."""
    needles: set[bytes] = set()
    for text in texts:
        for form in {text, text.replace("\n", " "), "".join(text.split()), text.replace("-\n", "")}:
            for encoding in ("utf-8", "cp1252", "utf-16-be"):
                with suppress(UnicodeEncodeError):
                    coded = (form.lower() if any_case else form).encode(encoding)
                    needles |= {coded, coded.hex().encode(), coded.hex().upper().encode()}
    return sorted(needle for needle in needles if len(needle) > 2)


def strip_errors() -> tuple[type[Exception], ...]:
    """What a page that is not as it should be raises meanwhile."""
    return (Unclear, pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError)
