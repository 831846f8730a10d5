"""image.resize: fewer pixels of the same shape."""

import pytest

from exchange.steps.base import StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pictures import MARK, animation, corners, opened, photo, png_claiming, saved, shapes


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"width": 60}, (60, 40)),
        ({"width": 60, "height": 20}, (30, 20)),
        ({"percent": 25}, (30, 20)),
        ({"width": 1000}, (120, 80)),
        ({"percent": 200, "enlarge": True}, (240, 160)),
    ],
)
def test_the_new_size(apply, parameters, size):
    done = apply("image.resize", saved(shapes(), "PNG"), "image/png", **parameters)
    image = opened(done.content)
    assert image.size == size
    assert done.report == {"width": size[0], "height": size[1]}
    if min(size) >= 20:
        assert corners(image) == "bwwo"


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("TIFF", "image/tiff")],
)
def test_the_format_stays_and_a_photo_is_upright_without_metadata(apply, kind, media_type):
    done = apply("image.resize", photo(kind), media_type, height=60)
    image = opened(done.content)
    assert (image.format, image.size, corners(image)) == (kind, (40, 60), "wbow")
    assert MARK not in done.content
    assert not set(image.info) & {"exif", "xmp", "icc_profile"}


def test_what_is_see_through_stays_so(apply):
    image = opened(apply("image.resize", saved(shapes("RGBA"), "PNG"), "image/png", percent=50).content)
    assert image.mode == "RGBA"
    assert image.getpixel((55, 4))[3] == 0


def test_of_an_animation_the_first_picture_is_taken(apply):
    done = apply("image.resize", animation("WEBP"), "image/webp", percent=50)
    assert corners(opened(done.content)) == "bwwo"
    assert [one["code"] for one in done.report["findings"]] == ["first_frame_only"]


@pytest.mark.parametrize(
    ("content", "parameters", "expected"),
    [
        (b"", {"percent": 50}, "corrupt"),
        (saved(shapes(), "PNG")[:100], {"percent": 50}, "corrupt"),
        (saved(shapes(), "JPEG"), {"percent": 50}, "corrupt"),
        (png_claiming(40_000, 40_000), {"width": 10}, "picture_too_large"),
        (saved(shapes(), "PNG"), {"width": 20_000, "enlarge": True}, "picture_too_large"),
    ],
    ids=["empty", "cut", "other-type", "bomb", "enlarged-beyond-all"],
)
def test_a_picture_that_cannot_be_resized_has_a_code(code, content, parameters, expected):
    assert code("image.resize", content, "image/png", **parameters) == expected


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "must be told either a percentage or a width or height"),
        ({"percent": 50, "width": 100}, "must be told either a percentage or a width or height"),
        ({"percent": 150}, "must be allowed to enlarge for more than 100 percent"),
        ({"width": 0}, "width"),
        ({"width": 20_001}, "width"),
    ],
)
def test_parameters_that_it_does_not_take(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("image.resize", parameters)
    assert says in refused.value.sentence


def test_mutations():
    assert mutations("image.resize", photo(), "image/jpeg", count=12, percent=50)["ok"]
