"""What the portal's edge refuses, and the one translator of refusals into problem documents (RFC 9457)."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from sealpost.errors import SealpostError

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
        "detail": error.sentence,
    } | error.members


def problem(error: SealpostError) -> HttpResponse:
    """A problem document as an answer."""
    response = HttpResponse(json.dumps(problem_members(error)), status=error.status, content_type=PROBLEM)
    if "retry_after" in error.members:
        response.headers["Retry-After"] = str(error.members["retry_after"])
    return response
