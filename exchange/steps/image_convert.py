"""image.convert: pictures in another format, or as PDFs."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, PICTURES, Product, Step, StepContext, step

_PRODUCTS = {
    "jpeg": Product("image/jpeg", ".jpg"),
    "png": Product("image/png", ".png"),
    "webp": Product("image/webp", ".webp"),
    "tiff": Product("image/tiff", ".tif"),
    "pdf": Product(PDF, ".pdf"),
}
_PAPER_INCHES = 11.69
_PAGE_DPI = 150


@step(
    "image.convert",
    title="Convert pictures",
    version=1,
    consumes=PICTURES,
    program="image_convert",
    unit="documents",
    sample="picture.png",
    sample_parameters={"format": "jpeg"},
    limits=Limits(seconds=300, memory_mb=2048),
)
class Convert(Step):
    """Pictures are turned as their camera says; what is see-through becomes white where the format cannot have it.

    Of an animation the first picture is taken, and the report says so; every page of a TIFF becomes a page of a PDF,
    which is no longer than A4 and keeps all pixels. A PDF never carries metadata.
    """

    format: Literal["jpeg", "png", "webp", "tiff", "pdf"] = Field(description="What to make of every picture.")
    quality: int = Field(default=85, ge=30, le=95, description="Of JPEG, WebP and PDF: 95 is finest, 30 is smallest.")
    metadata: Literal["drop", "keep"] = Field(
        default="drop", description="Keep says where and with what a photo was taken, in JPEG, PNG and WebP."
    )
    profile: Literal["srgb", "keep"] = Field(
        default="srgb", description="Turn colours into sRGB, which every screen shows, or keep the colour profile."
    )

    def product(self, media_type: str) -> Product:
        return _PRODUCTS[self.format]

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {
            "media_type": media_type,
            "kind": self.format.upper(),
            "quality": self.quality,
            "metadata": self.metadata,
            "profile": self.profile,
            "dpi": _PAGE_DPI,
            "longest_inches": _PAPER_INCHES,
        }
