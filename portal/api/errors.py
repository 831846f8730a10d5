"""Django REST framework's exceptions as problem documents."""

from typing import Any

from django.http import Http404, HttpResponse
from rest_framework import exceptions

from accounts.errors import NotFound
from portal.errors import BadRequest, FieldInvalid, MethodNotAllowed, SignatureMissing, problem
from sealpost.errors import SealpostError

_REFUSALS: dict[tuple[type[Exception], ...], type[SealpostError]] = {
    (exceptions.NotAuthenticated, exceptions.AuthenticationFailed): SignatureMissing,
    (exceptions.MethodNotAllowed,): MethodNotAllowed,
    (Http404, exceptions.NotFound): NotFound,
    (exceptions.APIException,): BadRequest,  # last: the base of the others
}


def _translated(error: Exception) -> SealpostError | None:
    if isinstance(error, SealpostError):
        return error
    if isinstance(error, exceptions.ValidationError):
        field = next(iter(error.detail), "body") if isinstance(error.detail, dict) else "body"
        return FieldInvalid(
            f"The field {field} is missing, unknown or not of its form. Nothing was changed.", field=field
        )
    for kinds, refusal in _REFUSALS.items():
        if isinstance(error, kinds):
            return refusal()
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """One translator for every refusal of the API."""
    translated = _translated(error)
    return problem(translated) if translated else None
