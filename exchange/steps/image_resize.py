"""image.resize: pictures of fewer pixels."""

from typing import Any

from pydantic import Field, model_validator

from exchange.sandbox import Limits
from exchange.steps.base import Step, StepContext, step

_SIDE_MOST = 20_000


@step(
    "image.resize",
    title="Make pictures smaller",
    version=1,
    consumes={"image/jpeg", "image/png", "image/webp", "image/tiff"},
    program="image_resize",
    unit="documents",
    sample="picture.png",
    sample_parameters={"percent": 50},
    limits=Limits(seconds=300, memory_mb=2048),
)
class Resize(Step):
    """Pictures keep their shape and format. They are turned as their camera says, in sRGB, and without metadata.

    A picture that is small enough already keeps its size. Of an animation or a TIFF of many pages the first is taken.
    """

    width: int | None = Field(default=None, ge=1, le=_SIDE_MOST, description="Pixels that it may be wide.")
    height: int | None = Field(default=None, ge=1, le=_SIDE_MOST, description="Pixels that it may be high.")
    percent: int | None = Field(default=None, ge=1, le=400, description="Of its width and height, instead of those.")
    enlarge: bool = Field(default=False, description="Make smaller pictures larger, too.")
    quality: int = Field(default=85, ge=30, le=95, description="Of JPEG and WebP: 95 is finest, 30 is smallest.")

    @model_validator(mode="after")
    def _one_way(self) -> "Resize":
        if (self.percent is None) == (self.width is None and self.height is None):
            raise ValueError("must be told either a percentage or a width or height")
        if self.percent is not None and self.percent > 100 and not self.enlarge:
            raise ValueError("must be allowed to enlarge for more than 100 percent")
        return self

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"media_type": media_type, **self.model_dump()}
