"""Lines as a file that is made while it is fetched."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse


def lines_answer(lines: Iterator[str], *, name: str) -> StreamingHttpResponse:
    """The lines, each with its line feed, to be saved under a name."""
    response = StreamingHttpResponse((f"{line}\n" for line in lines), content_type="application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
