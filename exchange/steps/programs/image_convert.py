"""A picture in another format, or as a PDF."""

import io
from pathlib import Path
from typing import Any

from picture import frames, picture_open, srgb, upright
from picture_save import first_frame_tell, keepsakes, pdf_save, picture_save
from PIL import Image
from protocol import Control, run


def _encoded(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


def convert(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts pages of a PDF, or gives the size in pixels."""
    kind, quality = arguments["kind"], arguments["quality"]
    with picture_open(source, arguments["media_type"]) as image:
        if kind == "PDF":
            pages = [_encoded(frame, quality) for frame in frames(image, arguments["media_type"])]
            pdf_save(pages, target, dpi=arguments["dpi"], longest_inches=arguments["longest_inches"])
            if arguments["media_type"] != "image/tiff":
                first_frame_tell(image, control)
            return {"pages": len(pages)}
        first_frame_tell(image, control)
        profile = image.info.get("icc_profile")
        turned = upright(image)
        beside = keepsakes(turned) if arguments["metadata"] == "keep" else {}
        if arguments["profile"] == "keep" and profile and turned.mode in {"RGB", "RGBA", "L", "CMYK"}:
            made, beside = turned, beside | {"icc_profile": profile}
        else:
            made = srgb(turned)
        if kind == "PNG" and made.mode == "CMYK":  # which has no such colours, so no such profile
            made, beside = srgb(turned), {name: value for name, value in beside.items() if name != "icc_profile"}
        picture_save(made, target, kind, quality=quality, beside=beside)
        return {"width": made.width, "height": made.height}


if __name__ == "__main__":
    run(convert)
