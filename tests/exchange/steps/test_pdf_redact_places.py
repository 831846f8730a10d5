"""pdf.redact: wherever a PDF may hold a word, beside its pages and on them, it is gone."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name

from exchange.steps.base import PDF
from tests.documents import pdf_texts
from tests.exchange.steps.redacted import SECRET, changed, gone, written


def _beside(document) -> None:
    """The secret in everything that a PDF has beside what its page shows."""
    page = document.pages[0]
    stream = document.make_stream
    document.docinfo["/Author"] = SECRET
    with document.open_metadata() as xmp:
        xmp["dc:title"] = SECRET
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(SECRET, 0))
    document.attachments["secret.txt"] = SECRET.encode()
    document.Root.Names.JavaScript = Dictionary(Names=[SECRET, Dictionary(S=Name.JavaScript, JS=SECRET)])
    document.Root.PageLabels = Dictionary(Nums=[0, Dictionary(P=SECRET)])
    document.Root.OpenAction = Dictionary(S=Name.URI, URI=SECRET)
    document.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=Dictionary(S=Name.P, ActualText=SECRET))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=SECRET))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=SECRET, F=2)
    page.Annots = Array([document.make_indirect(link), document.make_indirect(note)])
    page.PieceInfo = Dictionary(App=Dictionary(Private=SECRET))
    page.Metadata = stream(SECRET.encode())
    page.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=SECRET))
    page.Resources.XObject = Dictionary(Unused=stream(SECRET.encode(), Type=Name.XObject, Subtype=Name.Form))
    page.Resources.Properties = Dictionary(MC0=Dictionary(Private=SECRET))
    page.contents_add(b"/Span <</Private (%s)>> BDC EMC /A /MC0 BDC EMC %% %s\n" % ((SECRET.encode(),) * 2))
    for font in page.Resources.Font.as_dict().values():
        font.Metadata = stream(SECRET.encode())


def test_nothing_crosses_beside_the_pages(apply):
    given = changed(written("Nothing to see"), _beside)
    done = apply("pdf.redact", given, PDF, words=[SECRET])
    assert not gone(given, SECRET)
    assert gone(done.content, SECRET)
    assert pdf_texts(done.content) == ["Nothing to see"]
    with pikepdf.open(io.BytesIO(done.content)) as document:
        assert set(document.Root.keys()) <= {"/Type", "/Pages"}
        assert not document.docinfo
        assert set(document.pages[0].obj.keys()) <= {
            "/Type",
            "/Parent",
            "/MediaBox",
            "/CropBox",
            "/Resources",
            "/Contents",
            "/Rotate",
        }


def _content(code: bytes):
    return lambda document, page: page.contents_add(code)


def _form(document, page) -> None:
    inner = document.make_stream(
        b"BT /F1 12 Tf 100 100 Td (%s) Tj ET" % SECRET.encode(),
        Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 595, 842], Resources=Dictionary(Font=page.Resources.Font),
    )  # fmt: skip
    page.Resources.XObject = Dictionary(Fx=inner)
    page.contents_add(b"/Fx Do")


def _layer(document, page) -> None:
    group = document.make_indirect(Dictionary(Type=Name.OCG, Name="hidden"))
    document.Root.OCProperties = Dictionary(OCGs=[group], D=Dictionary(OFF=[group]))
    page.Resources.Properties = Dictionary(Oc=group)
    page.contents_add(b"/OC /Oc BDC BT /F1 12 Tf 100 100 Td (%s) Tj ET EMC" % SECRET.encode())


def _pattern(document, page) -> None:
    tile = document.make_stream(
        b"BT /F1 12 Tf 0 2 Td [(Quas) -90 (ten) 40 (flosser)] TJ ET", Type=Name.Pattern, PatternType=1, PaintType=1,
        TilingType=1, BBox=[0, 0, 120, 20], XStep=120, YStep=20, Resources=Dictionary(Font=page.Resources.Font),
    )  # fmt: skip
    page.Resources.Pattern = Dictionary(Tile=tile)
    page.contents_add(b"/Pattern cs /Tile scn 100 100 200 200 re f")


def _annotation(document, page) -> None:
    look = document.make_stream(
        b"BT /F1 12 Tf 2 4 Td (%s) Tj ET" % SECRET.encode(),
        Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 20], Resources=Dictionary(Font=page.Resources.Font),
    )  # fmt: skip
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=[100, 100, 300, 120], Contents=SECRET, AP=Dictionary(N=look), F=4
    )
    page.Annots = Array([document.make_indirect(note)])


def _field(document, page) -> None:
    _annotation(document, page)
    field = page.Annots[0]
    field.Subtype, field.FT, field.T, field.V = Name.Widget, Name.Tx, pikepdf.String("name"), pikepdf.String(SECRET)
    document.Root.AcroForm = Dictionary(Fields=[field])


_WORD = SECRET.encode()
_LETTERS = b"".join(b"BT /F1 12 Tf %d 100 Td (%c) Tj ET " % (100 + 9 * at, sign) for at, sign in enumerate(_WORD))
# Where the word is, and whether its page tells what it holds as text: then it is found, otherwise drawn anew.
_PLACES = {
    "invisible": (_content(b"BT /F1 12 Tf 3 Tr 100 100 Td (%s) Tj ET" % _WORD), True),
    "white": (_content(b"BT 1 g /F1 12 Tf 100 100 Td (%s) Tj ET" % _WORD), True),
    "below a box": (_content(b"BT /F1 12 Tf 100 100 Td (%s) Tj ET 0 g 90 90 200 30 re f" % _WORD), True),
    "clipped": (_content(b"q 0 0 1 1 re W n BT /F1 12 Tf 100 100 Td (%s) Tj ET Q" % _WORD), True),
    "off the page": (_content(b"BT /F1 12 Tf 900 -300 Td (%s) Tj ET" % _WORD), True),
    "letter by letter": (_content(_LETTERS), True),
    "in hexadecimal": (_content(b"BT /F1 12 Tf 100 100 Td <%s> Tj ET" % _WORD.hex().encode()), True),
    "kerned": (_content(b"BT /F1 12 Tf 100 100 Td [(Quas) -90 (ten) 40 (flosser)] TJ ET"), True),
    "said otherwise": (
        _content(b"/Span <</ActualText (nothing)>> BDC BT /F1 12 Tf 100 100 Td (%s) Tj ET EMC" % _WORD), True,
    ),
    "said of a drawing": (_content(b"/Span <</ActualText (%s)>> BDC 100 100 9 9 re f EMC" % _WORD), False),
    "upright": (_content(b"BT /F1 12 Tf 0 1 -1 0 300 100 Tm (%s) Tj ET" % _WORD), True),
    "in a form": (_form, True),
    "in an annotation": (_annotation, True),
    "in a field": (_field, True),
    "in a hidden layer": (_layer, True),
    "in a pattern": (_pattern, False),
}  # fmt: skip


def test_wherever_it_is_written(apply):
    def write(document) -> None:
        for page, (place, _) in zip(document.pages, _PLACES.values(), strict=False):
            page.Resources = Dictionary(Font=page.Resources.Font)  # of its own
            place(document, page)

    given = changed(written(*_PLACES, "the last"), write)
    done = apply("pdf.redact", given, PDF, words=[SECRET], dpi=100)
    assert gone(done.content, SECRET, "Quas) -90", "(Q)", SECRET[:4])
    texts = dict(zip([*_PLACES, "the last"], pdf_texts(done.content), strict=True))
    found = {one["where"] for one in done.report["findings"] if one["code"] == "redacted"}
    for number, (name, (_, told)) in enumerate(_PLACES.items(), 1):
        assert (f"page {number}" in found) == told, name
        assert texts[name] == ("" if told or name == "in a pattern" else name)
    assert texts["the last"] == "the last"
