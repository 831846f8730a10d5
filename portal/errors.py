"""What the portal's edge refuses, and the one translator of refusals into problem documents (RFC 9457)."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.errors import NotFound
from sealpost.errors import SealpostError
from vault.errors import VaultError

PROBLEM = "application/problem+json"


class SignatureMissing(SealpostError):
    code = "signature_missing"
    status = 401
    sentence = "This address answers only signed requests. Sign in first; nothing was changed."


class BodyNotSealed(SealpostError):
    code = "body_not_sealed"
    status = 415
    sentence = "This address takes only sealed bodies, so the plain one was refused and not read."


class BodyRefused(SealpostError):
    code = "body_refused"
    status = 400
    sentence = "The request's body could not be opened: it was altered on its way. Nothing was changed; try again."


class BodyTooLarge(SealpostError):
    code = "body_too_large"
    status = 413
    sentence = "The request is larger than this address takes. Nothing was changed."


class HostUnknown(SealpostError):
    code = "host_unknown"
    status = 400
    sentence = (
        "This server does not answer under this name. Nothing was changed; "
        "use its own address, or ask its operator to allow this one."
    )


class FieldInvalid(SealpostError):
    code = "field_invalid"
    status = 422
    sentence = "A field of the request is missing, unknown or not of its form. Nothing was changed."


class InternalError(SealpostError):
    code = "internal_error"
    status = 500
    sentence = "Something broke on the server. What was stored before is safe; try again, and tell the operator."


class MethodNotAllowed(SealpostError):
    code = "method_not_allowed"
    status = 405
    sentence = "This address does not take requests of that kind."


class BadRequest(SealpostError):
    code = "bad_request"
    status = 400
    sentence = "The request is malformed. Nothing was changed."


def problem_members(error: SealpostError) -> dict[str, Any]:
    """The members of a problem document (docs/protocol.md, section 9.3)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        # what the vault says of paths is for its operator, who reads it at the start
        "detail": type(error).sentence if isinstance(error, VaultError) else error.sentence,
    } | error.members


def problem(error: SealpostError) -> HttpResponse:
    """A problem document as an answer."""
    response = HttpResponse(json.dumps(problem_members(error)), status=error.status, content_type=PROBLEM)
    if "retry_after" in error.members:
        response.headers["Retry-After"] = str(error.members["retry_after"])
    return response


_BY_STATUS: dict[int, type[SealpostError]] = {
    400: BadRequest,
    403: MethodNotAllowed,  # Django asks for a token of its forms first; a page takes no form at all
    404: NotFound,
    405: MethodNotAllowed,
}


def refusal_told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Refusals that Django answers by itself, before or beside any view, as problem documents.

    Who navigates to an address that is not there gets the shell, whose engine then tells the problem.
    """
    kind = _BY_STATUS.get(response.status_code)
    if kind is None or response.headers.get("Content-Type") == PROBLEM:
        return response
    signed = getattr(request, "peer", None) is not None
    if kind is NotFound and not signed and _navigated(request):
        return render(request, "base.html", status=404)
    told = problem(kind())
    if "Allow" in response.headers:
        told.headers["Allow"] = response.headers["Allow"]
    return told


def _navigated(request: HttpRequest) -> bool:
    """Whether a person went there in a browser, rather than a program or a page's own file."""
    page = not request.path.startswith(("/api/", "/static/"))
    return page and request.method == "GET" and "text/html" in request.headers.get("Accept", "")
