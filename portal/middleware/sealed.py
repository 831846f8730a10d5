"""Sealed requests and answers: views, forms and serializers never see ciphertext (docs/protocol.md, section 9)."""

import io
import logging
import secrets
from collections.abc import Callable

from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase

from accounts.errors import PasswordChangeDue, SecondFactorDue
from accounts.peer import Peer
from accounts.services import request_authenticate, requests_check
from portal.errors import (
    BadRequest,
    BodyNotSealed,
    BodyRefused,
    BodyTooLarge,
    HostUnknown,
    InternalError,
    SignatureMissing,
    problem,
    refusal_told,
)
from portal.middleware.headers import operators_path
from portal.origin import request_origin, request_target
from sealpost.crypto.hkdf import equal
from sealpost.errors import DecryptionError, SealpostError
from sealpost.protocol import body
from sealpost.protocol.signature import SignatureInput, content_digest, signature_parse

CONTENT = "application/octet-stream"
_PLAIN_MOST = 64 << 10
_OPEN_API = ("/api/v1/handshake/", "/api/v1/enrolment")
_BEFORE_OWN_PASSWORD = {"/api/v1/me", "/api/v1/password", "/password"}
_ONE_SESSION = "/api/v1/sessions/"
_SECOND_FACTOR = "/api/v1/second-factor"
_DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation)
_log = logging.getLogger("sealpost.portal")


class SealedMiddleware:
    """Leaves `request.peer`: the authenticated peer, or None for what is public."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.peer = None  # type: ignore[attr-defined]
        try:
            if "Signature-Input" not in request.headers:
                return self._public(request)
            target = request_origin(request) + request_target(request)
            peer = _authenticate(request, target)
            requests_check(peer.tenant.id)
        except Exception as error:
            return problem(_refusal(error))
        request.peer = peer  # type: ignore[attr-defined]
        return _seal(request, self._answer(request, peer, target), peer, target)

    def _public(self, request: HttpRequest) -> HttpResponseBase:
        api = request.path.startswith("/api/")
        if api and not request.path.startswith(_OPEN_API):
            raise SignatureMissing
        if api and int(request.META.get("CONTENT_LENGTH") or 0) > _PLAIN_MOST:
            raise BodyTooLarge(limit=_PLAIN_MOST)
        response = self.get_response(request)
        return response if operators_path(request.path) else refusal_told(request, response)

    def _answer(self, request: HttpRequest, peer: Peer, target: str) -> HttpResponseBase:
        try:
            if peer.password_change_due and not _before_own_password(request.path):
                raise PasswordChangeDue
            if peer.second_factor_due and not _before_second_factor(request.path):
                raise SecondFactorDue
            _open(request, peer, target)
            return refusal_told(request, self.get_response(request))
        except Exception as error:
            return problem(_refusal(error))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What no view has caught; Django's own refusals are left to Django, and told like the others afterwards."""
        if isinstance(error, _DJANGOS_OWN) and not isinstance(error, DisallowedHost):
            return None
        return problem(_refusal(error))


def _refusal(error: Exception) -> SealpostError:
    """A refusal as it is; for anything else a reference that the log explains, and no detail."""
    if isinstance(error, SealpostError):
        return error
    if isinstance(error, DisallowedHost):
        return HostUnknown()
    if isinstance(error, UnreadablePostError):  # who sent it has gone
        return BadRequest()
    reference = secrets.token_hex(4)
    _log.error("reference %s: %s in %s", reference, type(error).__name__, _place(error))
    return InternalError(reference=reference)


def _before_own_password(path: str) -> bool:
    """What is answered while an issued passphrase has not been replaced (docs/protocol.md, section 6.2)."""
    return path in _BEFORE_OWN_PASSWORD or path.startswith(_ONE_SESSION)


def _before_second_factor(path: str) -> bool:
    """What is answered while a session has not passed its second factor (docs/protocol.md, section 11.2)."""
    return _before_own_password(path) or path.startswith(_SECOND_FACTOR)


def _place(error: BaseException) -> str:
    """File and line of the innermost frame: enough to look, and nothing of the request."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"


def _is_content(request: HttpRequest) -> bool:
    """A part of an upload: its tags authenticate it, so it is neither sealed nor read here."""
    return (
        request.method == "PUT"
        and request.content_type == CONTENT
        and request.path.startswith("/api/v1/uploads/")
        and "/parts/" in request.path
    )


def _authenticate(request: HttpRequest, target: str) -> Peer:
    claim = signature_parse(request.headers.get("Signature-Input"), request.headers.get("Signature"))
    return request_authenticate(
        claim=claim,
        method=request.method or "",
        target_uri=target,
        digest=request.headers.get("Content-Digest") if claim.covers_digest else None,
    )


def _has_body(request: HttpRequest) -> bool:
    return bool(int(request.META.get("CONTENT_LENGTH") or 0)) or "Transfer-Encoding" in request.headers


def _open(request: HttpRequest, peer: Peer, target: str) -> None:
    """Open the body in place. BodyNotSealed, BodyTooLarge, BodyRefused."""
    if _is_content(request) or not _has_body(request):
        return
    if request.headers.get("Content-Encoding") != body.CODING:
        raise BodyNotSealed
    if int(request.META.get("CONTENT_LENGTH") or body.LIMIT + 1) > body.LIMIT:
        raise BodyTooLarge(limit=body.LIMIT)
    sealed = request.body
    claim: SignatureInput = signature_parse(request.headers.get("Signature-Input"), request.headers.get("Signature"))
    digest = request.headers.get("Content-Digest", "")
    if not claim.covers_digest or not equal(content_digest(sealed).encode(), digest.encode()):
        raise BodyRefused
    context = body.BodyContext(
        method=request.method or "",
        target_uri=target,
        nonce=peer.nonce,
        session=peer.session_id,
        content_type=request.headers.get("Content-Type", ""),
    )
    try:
        plaintext = body.request_open(peer.keys.c2s, sealed, context)
    except DecryptionError:
        raise BodyRefused from None
    request._body = plaintext  # type: ignore[attr-defined]
    request._stream = io.BytesIO(plaintext)  # type: ignore[attr-defined]
    request.META["CONTENT_LENGTH"] = str(len(plaintext))
    request.META.pop("HTTP_CONTENT_ENCODING", None)


def _seal(request: HttpRequest, response: HttpResponseBase, peer: Peer, target: str) -> HttpResponseBase:
    """Seal every answer but streamed content."""
    if response.streaming or not isinstance(response, HttpResponse):
        return response
    if hasattr(response, "render") and not getattr(response, "is_rendered", True):
        response.render()
    if not response.content:
        response.content, response.headers["Content-Type"] = b"{}", "application/json"
    context = body.BodyContext(
        method=request.method or "",
        target_uri=target,
        nonce=peer.nonce,
        session=peer.session_id,
        content_type=response.headers.get("Content-Type", ""),
        status=response.status_code,
    )
    response.content = body.answer_seal(peer.keys.s2c, response.content, context)
    response.headers["Content-Encoding"] = body.CODING
    response.headers["Content-Length"] = str(len(response.content))
    return response
