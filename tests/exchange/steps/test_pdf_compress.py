"""pdf.compress: fewer bytes, the same pages."""

import base64
import io
import zlib
from functools import cache

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageStat
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from exchange.sandbox import Limits
from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.pdf_compress import Compress
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import changed


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf").read_bytes()


def photograph(size: tuple[int, int]) -> Image.Image:
    """Something smooth with grain on it, as a camera makes it."""
    gradient = Image.linear_gradient("L").resize(size)
    grain = Image.effect_noise(size, 12)
    return Image.merge("RGB", (gradient, ImageChops.add(gradient, grain, 2), grain))


@cache
def scan(size: tuple[int, int] = (750, 600), *, jpeg: int = 0) -> bytes:
    """A page of 2.5 by 2 inches that a picture of that size fills, with a line of text."""
    picture = photograph(size)
    out, file = io.BytesIO(), io.BytesIO()
    canvas = Canvas(out, pagesize=(180, 144))
    canvas.drawImage(ImageReader(picture), 0, 0, 180, 144)
    canvas.drawString(20, 20, "A line of text")
    canvas.save()
    if not jpeg:
        return out.getvalue()
    picture.save(file, "JPEG", quality=jpeg)
    return on_pictures(out.getvalue(), lambda entry: entry.write(file.getvalue(), filter=Name.DCTDecode))


def on_pictures(content: bytes, change) -> bytes:
    def every(document) -> None:
        for entry in document.objects:
            if isinstance(entry, pikepdf.Stream) and entry.get("/Subtype") == "/Image":
                change(entry)

    return changed(content, every)


def picture_of(content: bytes) -> tuple[int, int, str]:
    with pikepdf.open(io.BytesIO(content)) as document:
        (stream,) = (entry for entry in document.objects if isinstance(entry, pikepdf.Stream)
                     and entry.get("/Subtype") == "/Image")  # fmt: skip
        return int(stream.Width), int(stream.Height), str(stream.Filter)


def difference(one: bytes, other: bytes) -> float:
    """Of 255, how far two first pages are apart."""
    shown = [pypdfium2.PdfDocument(content)[0].render(scale=1).to_pil().convert("RGB") for content in (one, other)]
    return max(ImageStat.Stat(ImageChops.difference(*shown)).mean)


@pytest.mark.parametrize(("quality", "width"), [("high", 750), ("medium", 375), ("low", 240)])
@pytest.mark.parametrize("jpeg", [0, 95], ids=["flate", "jpeg"])
def test_a_scan_has_the_dots_that_were_chosen_and_looks_alike(apply, quality, width, jpeg):
    whole = scan(jpeg=jpeg)
    done = apply("pdf.compress", whole, PDF, quality=quality)
    assert picture_of(done.content) == (width, width * 4 // 5, "/DCTDecode")
    assert difference(whole, done.content) < 6
    assert pdf_texts(done.content) == pdf_texts(whole)
    assert done.report == {"pages": 1, "pictures": 1, "saved_bytes": len(whole) - len(done.content)}
    assert len(done.content) < len(whole) * 0.7


def test_lossless_leaves_every_dot(apply):
    with_waste = changed(
        scan((300, 240)), lambda document: None, compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
    )  # fmt: skip
    done = apply("pdf.compress", with_waste, PDF, quality="lossless")
    assert len(done.content) < len(with_waste) * 0.9
    assert difference(with_waste, done.content) == 0
    assert done.report["pictures"] == 0


def test_what_does_not_get_smaller_goes_on_as_it_was(apply, contract):
    once = apply("pdf.compress", contract, PDF).content
    assert len(once) < len(contract)
    again = apply("pdf.compress", once, PDF)
    assert again.content == once
    assert [one["code"] for one in again.report["findings"]] == ["not_smaller"]
    assert again.report["saved_bytes"] == 0


SPECIAL = {
    "key": {"Mask": Array([0, 10, 0, 10, 0, 10])},
    "decode": {"Decode": Array([1, 0, 1, 0, 1, 0])},
    "cmyk": {"ColorSpace": Name.DeviceCMYK},
    "palette": {"ColorSpace": Array([Name.Indexed, Name.DeviceRGB, 0, b"abc"])},
    "damaged": {"ColorSpace": Array([Name.ICCBased, 7])},
    "huge": {"Width": 1 << 20, "Height": 1 << 20},
    "endless": {"Width": 1 << 60},
    "negative": {"Width": -300},
    "deep": {"BitsPerComponent": 16},
}


@pytest.mark.parametrize("jpeg", [0, 95], ids=["flate", "jpeg"])
def test_pictures_of_special_kinds_stay_as_they_are(apply, jpeg):
    def add(document) -> None:
        with pikepdf.open(io.BytesIO(scan((300, 240), jpeg=jpeg))) as plain:
            for entries in SPECIAL.values():
                document.pages.append(plain.pages[0])
                page = document.pages[-1]
                (name,) = page.get_images()
                picture = document.make_stream(page.get_images()[name].read_raw_bytes())
                picture.stream_dict.update(page.get_images()[name].stream_dict)
                picture.stream_dict.update(Dictionary(**entries))
                page.Resources = Dictionary(XObject=Dictionary({name: picture}))

    done = apply("pdf.compress", changed(scan(jpeg=jpeg), add), PDF, quality="low")
    assert done.report["pages"] == 1 + len(SPECIAL)
    assert done.report["pictures"] == 1  # the one that is not special


def test_a_picture_on_a_large_and_a_small_page_is_judged_by_the_large_one(apply):
    def twice(document) -> None:
        document.pages.append(document.pages[0])
        document.pages[0].mediabox = Array([0, 0, 1, 1])

    done = apply("pdf.compress", changed(scan(), twice), PDF, quality="medium")
    assert picture_of(done.content)[0] == 375


def test_a_picture_inside_a_form_that_contains_itself(apply):
    def nest(document) -> None:
        form = document.make_stream(b"/Im0 Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 180, 144]))
        form.Resources = Dictionary(
            XObject=Dictionary(Fm0=form, Im0=next(iter(document.pages[0].get_images().values())))
        )
        document.pages[0].Resources.XObject = Dictionary(Fm0=form)
        document.pages[0].Contents = document.make_stream(b"/Fm0 Do")

    done = apply("pdf.compress", changed(scan(), nest), PDF, quality="low")
    assert picture_of(done.content)[0] == 240


def test_a_jpeg_in_letters_is_read_too(apply):
    def wrap(entry) -> None:
        entry.write(
            base64.a85encode(entry.read_raw_bytes()) + b"~>", filter=Array([Name.ASCII85Decode, Name.DCTDecode])
        )

    done = apply("pdf.compress", on_pictures(scan(jpeg=95), wrap), PDF, quality="low")
    assert picture_of(done.content) == (240, 192, "/DCTDecode")


def test_a_picture_that_unpacks_to_more_than_there_is_memory_stays_as_it_is(apply, monkeypatch):
    monkeypatch.setattr(Compress, "limits", Limits(seconds=60, memory_mb=256))
    swollen = zlib.compress(bytes(160 << 20), 1)
    bomb = on_pictures(scan((80, 64)), lambda entry: entry.write(swollen, filter=Name.FlateDecode))
    assert len(bomb) < 1 << 20
    assert apply("pdf.compress", bomb, PDF, quality="low").report["pictures"] == 0


def test_parameters_that_it_does_not_take():
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.compress", {"quality": "best"})
    assert refused.value.members["field"] == "quality"


@pytest.mark.parametrize("jpeg", [0, 90], ids=["flate", "jpeg"])
def test_mutations(jpeg):
    assert mutations("pdf.compress", scan((200, 160), jpeg=jpeg), PDF, count=40, quality="low")["ok"]
