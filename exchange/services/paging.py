"""Pages of 50, newest first, by a cursor that holds a time and an id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sealpost.errors import SealpostError

PAGE = 50


class CursorInvalid(SealpostError):
    code = "cursor_invalid"
    status = 400
    sentence = "This page of the list does not exist. Go back to its beginning."


def page(rows: QuerySet[Any], *, before: str | None, by: str) -> tuple[list[Any], str | None]:
    """One page of rows ordered by a time column and id, and the cursor of the next. CursorInvalid."""
    if before:
        try:
            at, _, last = before.partition("_")
            moment, row_id = datetime.fromisoformat(at), UUID(last)
        except ValueError as error:
            raise CursorInvalid from error
        rows = rows.filter(Q(**{f"{by}__lt": moment}) | Q(**{by: moment, "id__lt": row_id}))
    found = list(rows.order_by(f"-{by}", "-id")[: PAGE + 1])
    if len(found) <= PAGE:
        return found, None
    last_row = found[PAGE - 1]
    return found[:PAGE], f"{getattr(last_row, by).isoformat()}_{last_row.id}"
