"""A smaller picture of the same format."""

from pathlib import Path
from typing import Any

from picture import FORMATS, picture_open, srgb, upright
from picture_save import first_frame_tell, picture_save
from PIL import Image
from protocol import Control, run
from raster import pixels_check


def _size(width: int, height: int, arguments: dict[str, Any]) -> tuple[int, int]:
    """The new size: a share of the old one, or the largest of its shape within the bounds."""
    if percent := arguments["percent"]:
        scale = percent / 100
    else:
        bounds = ((arguments["width"], width), (arguments["height"], height))
        scale = min(bound / side for bound, side in bounds if bound)
    if not arguments["enlarge"]:
        scale = min(scale, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Gives the size in pixels."""
    with picture_open(source, arguments["media_type"]) as image:
        first_frame_tell(image, control)
        turned = srgb(upright(image))
        size = _size(*turned.size, arguments)
        pixels_check(*size)
        made = turned if size == turned.size else turned.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        picture_save(made, target, FORMATS[arguments["media_type"]], quality=arguments["quality"], beside={})
        return {"width": made.width, "height": made.height}


if __name__ == "__main__":
    run(resize)
