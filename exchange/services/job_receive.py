"""What every document goes through before anything is delivered: type by content, SHA-256, malware scan."""

import hashlib
from collections.abc import Generator

from django.conf import settings
from django.db import transaction

from accounts.sealed import tenant_owner
from exchange.models import Document, Verdict
from exchange.services.job_lease import Lease
from exchange.steps.content_type import PREFIX, SUFFIX, content_type_detect
from exchange.steps.malware import Scan, ScannerDown, malware_scan
from vault.services import object_reader

_LAST_ATTEMPT = 3


class Infected(Exception):
    """A document contains malware: nothing of the message is delivered."""


def document_receive(lease: Lease, document: Document) -> None:
    """Fill in type, hash and verdict of a document, reading it once. Infected, ScannerDown, DecryptionError."""
    if document.verdict == Verdict.PENDING:
        _receive(lease, document)
    if document.verdict == Verdict.INFECTED:
        raise Infected


def _receive(lease: Lease, document: Document) -> None:
    digest, prefix, suffix = hashlib.sha256(), bytearray(), bytearray()

    done = 0

    def observed() -> Generator[memoryview]:
        nonlocal done
        done = 0
        for chunk in object_reader(object_id=document.object, owner=tenant_owner(document.tenant_id)).chunks():
            digest.update(chunk)
            prefix.extend(chunk[: max(PREFIX - len(prefix), 0)])
            suffix[:] = (suffix + chunk[-SUFFIX:])[-SUFFIX:]
            done += len(chunk)
            lease.beat(done, document.size)
            yield chunk

    stream = observed()
    try:
        scan = malware_scan(
            chunks=stream, clamd=settings.SEALPOST_CLAMD, wait=lambda: lease.beat(done, document.size)
        )  # fmt: skip
    except ScannerDown:
        if lease.job.attempts < _LAST_ATTEMPT:
            raise
        scan = Scan("not_scanned", "scanner_down")
    if scan.verdict == Verdict.NOT_SCANNED and scan.reason in {"too_large", "scanner_down"}:
        stream.close()
        digest, prefix, suffix = hashlib.sha256(), bytearray(), bytearray()
        stream = observed()
    for _ in stream:
        pass
    found = content_type_detect(bytes(prefix), name=document.name, untrusted_suffix=bytes(suffix))
    document.media_type, document.type_agrees = found.media_type, found.agrees
    document.sha256 = digest.hexdigest()
    document.verdict, document.verdict_reason = scan.verdict, scan.reason
    with transaction.atomic():
        lease.hold()
        document.save()
