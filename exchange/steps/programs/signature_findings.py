"""What can be said of one signature, in words that promise no more than was looked at."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from asn1crypto import x509
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager
from signed import entry

_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
_GAP, _GAP_MOST = re.compile(rb"<([0-9a-f]+|[0-9A-F]+)>"), 8 << 20
_TIME_STAMP = "/DocTimeStamp"
_WEAK = {AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE, AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE}
_CERTIFIED = {
    MDPPerm.NO_CHANGES: ("certified_no_changes", "Its maker certified the document and allows no change at all."),
    MDPPerm.FILL_FORMS: ("certified_forms", "Its maker certified the document and allows filled forms and signatures."),
    MDPPerm.ANNOTATE: ("certified_comments", "Its maker certified the document and allows forms and comments."),
}
_LATER = {
    ModificationLevel.NONE: ("unchanged_later", "Nothing was added to the document since."),
    ModificationLevel.LTA_UPDATES: ("added_evidence", "Since then only evidence for signatures was added."),
    ModificationLevel.FORM_FILLING: ("added_forms", "Since then forms were filled in or signatures were added."),
    ModificationLevel.ANNOTATIONS: ("added_comments", "Since then comments were added."),
}
_OTHER = ("changed_later", "Since then the document was changed in ways that may alter what it says.")


class Trust:
    """Whom the operator trusts, and which certificates are the organisation's own (SHA-256, hexadecimal)."""

    def __init__(self, roots: list[str], own: list[str]) -> None:
        self._roots = [x509.Certificate.load(base64.b64decode(root)) for root in roots]
        self._own = frozenset(own)

    def context(self) -> ValidationContext:
        """For one signature: no network, and no roots but those."""
        roots = SimpleTrustManager.build(trust_roots=self._roots)
        return ValidationContext(trust_manager=roots, allow_fetching=False, revocation_mode="soft-fail")

    def own(self, certificate: x509.Certificate) -> bool:
        """Whether the organisation signs by this certificate."""
        return hashlib.sha256(certificate.dump()).hexdigest() in self._own


class Unreadable:
    """A signature of a kind that cannot be checked here."""

    intact = broken = trusted = changed_later = False
    unchecked = True

    def __init__(self, name: str) -> None:
        self.name = _plain(name)

    def findings(self) -> Iterator[tuple[str, str]]:
        """(code, text)."""
        yield "signature_unchecked", "The signature is damaged or of a kind that cannot be checked here."


class Signature:
    """One signature that was looked at. Raises what the library raises for one that it cannot read."""

    unchecked = False

    def __init__(self, reader: PdfFileReader, field: Any, name: str, trust: Trust) -> None:
        self.name = _plain(name)
        signature = EmbeddedPdfSignature(reader, field, name)
        self._stamp = signature.sig_object_type == _TIME_STAMP
        if self._stamp:
            status = validate_pdf_timestamp(signature, trust.context())
        else:
            status = validate_pdf_signature(signature, trust.context(), key_usage_settings=_USAGE)
        self._status, self._certificate = status, status.signing_cert
        self._own = trust.own(self._certificate)
        self._certified = _certified(reader, signature)
        self._whole = _gap_plain(reader, signature)
        self.intact = bool(status.intact and status.valid)
        self.broken = not self.intact
        self.trusted = self.intact and bool(status.trusted or self._own)

    @property
    def changed_later(self) -> bool:
        """Whether it does not hold for what the document says now."""
        return self._later() is _OTHER

    def findings(self) -> Iterator[tuple[str, str]]:
        """(code, text), the most important first."""
        if self.broken:
            yield "signature_broken", "What it covers was changed after signing, or the signature itself is wrong."
            yield "signed_by_claimed", f"It names {_subject(self._certificate)}, which proves nothing as it is broken."
            return
        yield "signature_intact", "What it covers is unchanged since it was made."
        yield "signed_by", f"Made by the key of {_subject(self._certificate)}."
        yield self._vouched()
        yield from self._certificate_ended()
        yield self._time()
        yield from self._extent()

    def _vouched(self) -> tuple[str, str]:
        if self._own:
            return "trust_own", "The certificate is your organisation's own, made on this server."
        if self._status.trusted:
            root = self._status.validation_path.trust_anchor.authority.name
            return "trust_root", f"The certificate leads to {_plain(root.human_friendly)}, which the operator trusts."
        if self._status.trust_problem_indic in _WEAK:
            return "trust_weak", "The signature or a certificate is made in a way that is too weak to rely on today."
        if self._status.revocation_details is not None:
            return "trust_revoked", "The document itself says that a certificate was revoked."
        if self._certificate.self_signed in ("yes", "maybe"):
            return "trust_self_made", "The certificate was made by its own holder; nobody else vouches for the name."
        return "trust_unknown", "The certificate leads to nobody that the operator of this server trusts."

    def _certificate_ended(self) -> Iterator[tuple[str, str]]:
        ended, begins = self._certificate.not_valid_after, self._certificate.not_valid_before
        if ended < datetime.now(UTC):
            yield "certificate_expired", f"The certificate ended on {_moment(ended)}."
        elif begins > datetime.now(UTC):
            yield "certificate_not_begun", f"The certificate begins on {_moment(begins)} only."

    def _time(self) -> tuple[str, str]:
        if self._stamp:
            return "time_stamp", f"It is itself a time stamp of {_moment(self._status.timestamp)}."
        stamp = self._status.timestamp_validity
        if stamp is not None and stamp.intact and stamp.valid:
            known = "which the operator trusts" if stamp.trusted else "which the operator does not know"
            by = _subject(stamp.signing_cert)
            return "time_stamped", f"It existed on {_moment(stamp.timestamp)}, as {by} says, {known}."
        if stamp is not None:
            return "time_stamp_broken", "Its time stamp is broken, so nobody tells when it was made."
        claimed = self._status.signer_reported_dt
        if claimed is None:
            return "time_missing", "It does not say when it was made."
        return "time_claimed", f"Its maker claims to have signed on {_moment(claimed)}; nobody else confirms that."

    def _extent(self) -> Iterator[tuple[str, str]]:
        if not self._whole or self._status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            yield "covers_part", "It leaves out parts of the document, so what is shown may not be what was signed."
        elif self._status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
            yield "covers_all", "It covers the whole document."
        else:
            yield "covers_revision", "It covers the whole document as it was when it was signed."
        yield self._later()
        if self._certified:
            yield _CERTIFIED[self._certified]
            if self._status.docmdp_ok is False:
                yield "certification_overstepped", "The document was changed in a way that its maker does not allow."
        elif not self._stamp:
            yield "approval", "It approves the document and sets no rule for later changes."

    def _later(self) -> tuple[str, str]:
        level = self._status.modification_level
        if not self._whole or level is None:
            return _OTHER
        return _LATER.get(level, _OTHER)


def _gap_plain(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Whether all that the signature leaves out is the signature: digits, and zeros where it ends."""
    ranges = [int(one) for one in signature.byte_range]
    if len(ranges) != 4 or ranges[0] or not 0 < ranges[2] - ranges[1] <= _GAP_MOST:
        return False
    reader.stream.seek(ranges[1])
    gap = _GAP.fullmatch(reader.stream.read(ranges[2] - ranges[1]))
    if gap is None or len(gap[1]) % 2:
        return False
    content = bytes.fromhex(gap[1].decode())
    return content == signature.pkcs7_content and not any(content[len(ContentInfo.load(content).dump()) :])


def _certified(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> MDPPerm | None:
    """What changes its maker allows, where this is the signature by which the document was certified."""
    certified = entry(reader.root, "/Perms", "/DocMDP")
    return signature.docmdp_level if certified is not None and certified == signature.sig_object else None


def _subject(certificate: x509.Certificate) -> str:
    """Who a certificate is of; of a person, with the organisation."""
    names = certificate.subject.native
    told = dict.fromkeys(str(names[kind]) for kind in ("common_name", "organization_name") if names.get(kind))
    return _plain(", ".join(told) or certificate.subject.human_friendly) or "a nameless certificate"


def _plain(text: str) -> str:
    """At most 150 characters that can be printed: neither lines nor changes of direction."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))[:150]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
