"""How far OCRmyPDF is, as a plugin of it."""

from typing import Any, ClassVar

from ocrmypdf import hookimpl
from protocol import Control


class Progress:
    """A progress bar that tells the control descriptor about pages, and nobody about the rest."""

    control: ClassVar[Control | None] = None

    def __init__(self, *, total: float | None = None, desc: str | None = None, unit_scale: float = 1.0, **_: Any):
        self._total, self._scale, self._done = total or 0, unit_scale, 0.0
        self._shown = desc == "OCR"

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, n: float = 1, *, completed: float | None = None) -> None:
        """One more, or `completed` in all."""
        self._done = self._done + n if completed is None else completed
        if self._shown and self.control:
            self.control.progress(int(self._done * self._scale), int(self._total * self._scale))


@hookimpl
def get_progressbar_class() -> type[Progress]:
    """What OCRmyPDF asks its plugins."""
    return Progress
