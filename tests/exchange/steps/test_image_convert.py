"""image.convert: the same picture in another format, upright, and without what lies beside its pixels."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms

from exchange.steps.base import StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pictures import MARK, animation, corners, opened, pages, photo, png_claiming, saved, shapes


def _bmp_claiming(side: int) -> bytes:
    content = saved(shapes(), "BMP")
    return content[:18] + side.to_bytes(4, "little") * 2 + content[26:]


TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff", "GIF": "image/gif",
         "BMP": "image/bmp"}  # fmt: skip


@pytest.mark.parametrize(("kind", "to"), [("JPEG", "webp"), ("PNG", "jpeg"), ("WEBP", "tiff"), ("TIFF", "png")])
def test_from_every_format_and_to_every_format(apply, kind, to):
    done = apply("image.convert", saved(shapes(), kind), TYPES[kind], format=to)
    image = opened(done.content)
    assert (image.format, image.size, corners(image)) == (to.upper(), (120, 80), "bwwo")
    assert done.report == {"width": 120, "height": 80}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (saved(shapes("RGBA"), "PNG"), "image/png"),
        (saved(shapes("RGBA").quantize(), "PNG"), "image/png"),
        (saved(shapes("P"), "GIF"), "image/gif"),
        (saved(shapes("CMYK"), "JPEG"), "image/jpeg"),
        (saved(shapes("LAB"), "TIFF"), "image/tiff"),
        (saved(shapes("YCbCr"), "TIFF", compression="jpeg"), "image/tiff"),
        (saved(shapes(), "BMP"), "image/bmp"),
    ],
    ids=["see-through", "see-through-palette", "palette", "cmyk", "lab", "ycbcr", "bmp"],
)
def test_other_models_of_colour(apply, content, media_type):
    assert corners(opened(apply("image.convert", content, media_type, format="jpeg").content)) == "bwwo"


@pytest.mark.parametrize("mode", ["LA", "1", "I;16", "I;16B"])
def test_grey_of_any_depth(apply, mode):
    kind = "TIFF" if mode == "I;16B" else "PNG"
    content = saved(shapes("I;16"), "TIFF", big_endian=True) if mode == "I;16B" else saved(shapes(mode), kind)
    grey = opened(apply("image.convert", content, TYPES[kind], format="jpeg").content).convert("L")
    dark = 128 if mode == "1" else 0
    assert abs(grey.getpixel((10, 10)) - shapes("L").getpixel((10, 10))) <= max(12, dark)
    assert grey.getpixel((60, 10)) > 230


@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_a_photo_is_turned_as_its_camera_says(apply, orientation):
    done = apply("image.convert", photo(orientation=orientation), "image/jpeg", format="png")
    image = opened(done.content)
    assert image.size == ((120, 80) if orientation < 5 else (80, 120))
    assert corners(image) == {3: "owwb", 5: "bwwo", 6: "wbow", 8: "wobw"}[orientation]
    assert not image.getexif()


@pytest.mark.parametrize("to", ["jpeg", "png", "webp", "tiff", "pdf"])
def test_metadata_is_dropped(apply, to):
    done = apply("image.convert", photo(), "image/jpeg", format=to)
    assert MARK not in done.content
    if to != "pdf":
        image = opened(done.content)
        assert not set(image.info) & {"exif", "xmp", "icc_profile", "comment"}
        assert not image.getexif().get_ifd(0x8825)


@pytest.mark.parametrize("to", ["jpeg", "png", "webp"])
def test_metadata_is_kept_where_it_is_asked_for(apply, to):
    image = opened(apply("image.convert", photo(), "image/jpeg", format=to, metadata="keep").content)
    exif = image.getexif()
    assert exif[0x010F] == MARK.decode()
    assert exif.get_ifd(0x8825)[1] == "N"
    assert 0x0112 not in exif  # it is upright now
    assert corners(image) == "wbow"


def test_a_colour_profile_is_applied_or_kept(apply):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    broken = saved(shapes(), "JPEG", icc_profile=b"nonsense" * 40)
    assert corners(opened(apply("image.convert", broken, "image/jpeg", format="png").content)) == "bwwo"
    other = saved(shapes(), "JPEG", icc_profile=profile)
    assert corners(opened(apply("image.convert", other, "image/jpeg", format="png").content)) == "bwwo"
    kept = apply("image.convert", photo(), "image/jpeg", format="png", profile="keep").content
    assert opened(kept).info["icc_profile"]
    assert MARK not in kept


@pytest.mark.parametrize(("kind", "media_type"), [("GIF", "image/gif"), ("WEBP", "image/webp")])
def test_of_an_animation_the_first_picture_is_taken_and_that_is_said(apply, kind, media_type):
    done = apply("image.convert", animation(kind), media_type, format="jpeg")
    assert corners(opened(done.content)) == "bwwo"
    finding = {"code": "first_frame_only", "where": "", "text": "It has 3 pictures; the first one was taken."}
    assert done.report["findings"] == [finding]


def test_pages_of_a_tiff_become_pages(apply):
    done = apply("image.convert", pages(3), "image/tiff", format="pdf")
    document = pypdfium2.PdfDocument(done.content)
    assert len(document) == done.report["pages"] == 3
    assert corners(document[2].render(scale=2).to_pil()) == "bwwo"
    with pikepdf.open(io.BytesIO(done.content)) as plain:
        assert not plain.docinfo


def test_quality_makes_a_smaller_file(apply):
    content = saved(Image.effect_noise((400, 300), 80), "PNG")
    sizes = [len(apply("image.convert", content, "image/png", format="jpeg", quality=q).content) for q in (30, 95)]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", "image/jpeg", "corrupt"),
        (photo()[: len(photo()) // 2], "image/jpeg", "corrupt"),
        (photo(), "image/png", "corrupt"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image/tiff", "corrupt"),
        (png_claiming(30_001, 10), "image/png", "picture_too_large"),
        (png_claiming(20_000, 20_000), "image/png", "picture_too_large"),
        (saved(Image.new("1", (17_000, 20)), "PNG"), "image/png", "picture_too_large"),
        (_bmp_claiming(40_000), "image/bmp", "picture_too_large"),
    ],
    ids=["empty", "cut", "other-type", "postscript", "long", "bomb", "too-long-for-webp", "bmp-bomb"],
)
def test_a_picture_that_cannot_be_converted_has_a_code(code, content, media_type, expected):
    assert code("image.convert", content, media_type, format="webp") == expected


@pytest.mark.parametrize(
    "parameters", [{}, {"format": "gif"}, {"format": "jpeg", "quality": 99}, {"format": "png", "x": 1}]
)
def test_parameters_that_it_does_not_take(parameters):
    with pytest.raises(StepParametersInvalid):
        step_parse("image.convert", parameters)


@pytest.mark.parametrize("kind", list(TYPES))
def test_mutations(kind):
    content = {"GIF": animation(), "BMP": saved(shapes(), "BMP")}.get(kind) or photo(kind)
    to = "pdf" if kind == "TIFF" else "png"
    assert mutations("image.convert", content, TYPES[kind], count=12, format=to, metadata="keep")["ok"]
