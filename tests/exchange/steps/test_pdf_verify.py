"""pdf.verify: what is said of a signature is what was looked at, and every change of a signed document shows."""

import base64
import io
import random
import re

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper

from exchange.steps.base import PDF
from exchange.steps.self_check import SAMPLES
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.signers import Holder, holder, signed, updated
from tests.exchange.steps.verified import verified

DOCUMENT = (SAMPLES / "document.pdf").read_bytes()
SIGNED = (SAMPLES / "signed.pdf").read_bytes()


@pytest.fixture(scope="module")
def root() -> Holder:
    return holder("Notary Root")


@pytest.fixture(scope="module")
def ana(root) -> Holder:
    return holder("Ana of Aster", issuer=root)


@pytest.fixture(scope="module")
def stamper(root) -> Holder:
    return holder("Clock of Cedar", issuer=root, stamps=True)


@pytest.fixture(scope="module")
def contract(ana) -> bytes:
    return signed(DOCUMENT, ana)


def gap_of(content: bytes) -> tuple[int, int]:
    """Where the first signature's gap is."""
    first, second = re.search(rb"/ByteRange\s*\[\s*0 (\d+) (\d+) ", content).groups()
    return int(first), int(second)


def test_a_signature_that_holds_says_who_when_and_what_it_covers(apply, contract, root, settings):
    settings.SEALPOST_TRUSTED_ROOTS = [root.der]
    done = apply("pdf.verify", contract, PDF)
    assert done.content == b""
    findings = {one["code"]: one for one in done.report.pop("findings")}
    assert done.report == {
        "signatures": 1, "intact": 1, "broken": 0, "unchecked": 0, "trusted": 1, "changed_later": 0
    }  # fmt: skip
    assert findings.keys() == {
        "signature_intact", "signed_by", "trust_root", "time_claimed", "covers_all", "unchanged_later", "approval",
        "not_asked_online",
    }  # fmt: skip
    assert {one["where"] for code, one in findings.items() if code != "not_asked_online"} == {"Approval"}
    assert "Ana of Aster" in findings["signed_by"]["text"] and "Notary Root" in findings["trust_root"]["text"]


def test_nothing_that_is_said_judges_what_a_signature_means_in_law(contract, root):
    (one, other) = verified([contract, contract.replace(b"page 1", b"page 9")], roots=[root.der])
    said = " ".join(text for findings in (one.findings, other.findings) for _, _, text in findings).lower()
    assert said and not re.search(r"\b(valid|legal|legally|genuine|qualified)\b", said)


@pytest.mark.parametrize(("required", "expected"), [(True, "not_signed"), (False, {"signatures": 0})])
def test_a_document_without_a_signature(required, expected):
    (one,) = verified([DOCUMENT], required=required)
    assert one.counts == expected
    assert one.codes() == ([] if required else ["not_signed"])


def test_who_vouches_for_the_signer(ana, root, contract):
    self_made, other = holder("Notary Root"), holder("Other Root")
    documents = [contract, signed(DOCUMENT, self_made), signed(DOCUMENT, holder("Eve", issuer=other))]

    def trust(**known) -> list[str]:
        return [next(code for code in one.codes() if code.startswith("trust_")) for one in verified(documents, **known)]

    assert trust() == ["trust_unknown", "trust_self_made", "trust_unknown"]
    assert trust(roots=[root.der]) == ["trust_root", "trust_self_made", "trust_unknown"]
    assert trust(own=[self_made.der]) == ["trust_unknown", "trust_own", "trust_unknown"]
    assert trust(roots=[other.der, self_made.der]) == ["trust_unknown", "trust_root", "trust_root"]


def test_a_certificate_that_has_ended_is_not_trusted_and_says_so(root):
    late = signed(DOCUMENT, holder("Late", issuer=root, days=(-30, 1)))
    ended = holder("Ended", issuer=root, days=(-30, -2))
    (one, other) = verified([late, signed(DOCUMENT, ended)], roots=[root.der])
    assert "trust_root" in one.codes()
    assert other.counts["trusted"] == 0 and other.counts["intact"] == 1
    assert {"trust_unknown", "certificate_expired"} <= set(other.codes())


def test_time_is_told_by_whom_it_is_known(ana, root, stamper):
    unknown = holder("Clock", issuer=holder("Elsewhere"), stamps=True)
    stamped = [signed(DOCUMENT, ana, stamped_by=one) for one in (stamper, unknown)]
    (known, other) = verified(stamped, roots=[root.der])
    assert "Clock of Cedar says, which the operator trusts" in known.text("time_stamped")
    assert "Clock says, which the operator does not know" in other.text("time_stamped")
    broken = bytearray(stamped[0])
    start, end = gap_of(stamped[0])
    cms = bytes.fromhex(broken[start + 1 : end - 1].decode())
    at = cms.index(b"Clock of Cedar")  # inside the time stamp, which the signature itself does not cover
    broken[start + 1 + 2 * at : start + 3 + 2 * at] = b"44"
    (said,) = verified([bytes(broken)], roots=[root.der])
    assert said.counts == "corrupt" or {"time_stamp_broken", "signature_unchecked"} & set(said.codes())


def test_a_time_stamp_of_the_whole_document_is_said_to_be_one(contract, root, stamper):
    writer = IncrementalPdfFileWriter(io.BytesIO(contract))
    stamp = PdfTimeStamper(DummyTimeStamper(*stamper.asn1, certs_to_embed=stamper.chain))
    (said,) = verified([stamp.timestamp_pdf(writer, "sha256").getvalue()], roots=[root.der])
    assert said.counts["signatures"] == 2 and said.counts["trusted"] == 2
    assert "time_stamp" in said.codes() and "added_evidence" in said.codes("Approval")


def note(text: str):
    """An update that adds a comment to the first page."""

    def change(writer) -> None:
        page = writer.find_page_for_modification(0)[0]
        made = {"/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Text"), "/Contents": pdf_string(text)}
        rect = generic.ArrayObject([generic.NumberObject(at) for at in (9, 9, 30, 30)])
        annotation = generic.DictionaryObject({pdf_name(key): value for key, value in made.items()})
        annotation["/Rect"] = rect
        writer.register_annotation(page, writer.add_object(annotation))

    return change


def paint(writer) -> None:
    """An update that writes over the first page."""
    stream = generic.StreamObject(stream_data=b"0 0 600 800 re f")
    writer.add_stream_to_page(0, writer.add_object(stream))


def test_what_came_later_is_told_and_a_second_signature_is_no_change(ana, contract, root):
    twice = signed(contract, ana, field_name="Second")
    (second, noted, painted, cut) = verified(
        [twice, updated(contract, note("Seen")), updated(contract, paint), twice[: len(contract)]], roots=[root.der]
    )
    assert second.counts == {
        "signatures": 2, "intact": 2, "broken": 0, "unchecked": 0, "trusted": 2, "changed_later": 0
    }  # fmt: skip
    assert {"covers_revision", "added_forms"} <= set(second.codes("Approval"))
    assert "covers_all" in second.codes("Second")
    assert noted.counts["changed_later"] == painted.counts["changed_later"] == 1
    assert "changed_later" in noted.codes() and "changed_later" in painted.codes()
    assert "covers_all" in cut.codes()


@pytest.mark.parametrize(
    ("allowed", "code", "overstepped"),
    [
        (MDPPerm.NO_CHANGES, "certified_no_changes", True),
        (MDPPerm.FILL_FORMS, "certified_forms", False),
        (MDPPerm.ANNOTATE, "certified_comments", False),
    ],
)
def test_a_certified_document_says_what_its_maker_allows(ana, root, allowed, code, overstepped):
    certified = signed(DOCUMENT, ana, certify=True, docmdp_permissions=allowed)
    # another tool may sign all the same
    more = signed(certified, ana, field_name="Second") if not overstepped else updated(certified, note("x"))
    (one, other) = verified([certified, more], roots=[root.der])
    assert code in one.codes() and "approval" not in one.codes()
    assert ("certification_overstepped" in other.codes("Approval")) is overstepped
    assert "certification_overstepped" not in one.codes()


def test_every_changed_byte_that_a_signature_covers_shows(contract, root):
    """Every place of the update that holds the signature, every tenth of the rest, and all of the gap's ends."""
    start, end = gap_of(contract)
    source = random.Random(7)
    outside = [at for at in range(len(contract)) if not start <= at < end and (at > 1500 or at % 10 == 0)]
    outside = sorted(source.sample(outside, 220))
    inside = [start, start + 1, end - 1, end - 2, end - 40, *source.sample(range(start + 1, end - 1), 60)]

    def flipped(at: int) -> bytes:
        changed = bytearray(contract)
        changed[at] ^= 1 << source.randrange(8)
        return bytes(changed)

    said = verified([flipped(at) for at in [*outside, *inside]], roots=[root.der])
    held = [at for at, one in zip(outside, said, strict=False) if isinstance(one.counts, dict) and one.counts["intact"]]
    assert held == []
    assert any(isinstance(one.counts, dict) and one.counts["broken"] for one in said)
    content = end - start - 2
    padding = [at for at, one in zip(inside, said[len(outside) :], strict=True) if _as_good(one)]
    cms = bytes.fromhex(contract[start + 1 : end - 1].decode()).rstrip(b"\0")
    assert all((at - start - 1) // 2 < len(cms) for at in padding), content  # nothing hides behind the signature


def _as_good(said) -> bool:
    return isinstance(said.counts, dict) and said.counts["intact"] == 1 and said.counts["changed_later"] == 0


def test_bytes_that_hide_behind_a_signature_are_told(contract, root):
    start, end = gap_of(contract)
    hidden = contract[: end - 9] + b"DEADBEEF" + contract[end - 1 :]
    wide = contract[: end - 9] + b"        " + contract[end - 1 :]
    mixed = contract[: start + 1] + contract[start + 1 : start + 41].lower() + contract[start + 41 :]
    for one in verified([hidden, wide, mixed], roots=[root.der]):
        assert one.counts["changed_later"] == 1 and "covers_part" in one.codes()


def test_a_signature_of_a_kind_that_cannot_be_checked_does_not_pass_as_none(contract, root):
    (old, twisted) = verified(
        [
            contract.replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 "),
            contract.replace(b"/ByteRange [0 ", b"/ByteRange [7 "),
        ],
        roots=[root.der],
    )
    for one in (old, twisted):
        assert one.counts["intact"] == 0 and one.counts["broken"] + one.counts["unchecked"] == 1


def test_what_cannot_be_read_is_refused(code):
    protected = io.BytesIO()
    with pikepdf.open(io.BytesIO(DOCUMENT)) as document:
        document.save(protected, encryption=pikepdf.Encryption(owner="o", user="secret"))
    pages = pikepdf.new()
    for _ in range(2001):
        pages.add_blank_page(page_size=(100, 100))
    many = io.BytesIO()
    pages.save(many)
    documents = [b"", SIGNED[:300], b"PK\x03\x04 not a pdf", protected.getvalue(), many.getvalue()]
    expected = ["corrupt", "corrupt", "corrupt", "password_protected", "too_many_pages"]
    assert [one.counts for one in verified(documents)] == expected
    assert code("pdf.verify", DOCUMENT, PDF) == "not_signed"


def test_names_that_would_turn_the_report_around_are_told_without(root):
    eve = holder("Eve\u202egnihton\nSecond line" + "x" * 30, issuer=root)
    (said,) = verified([signed(DOCUMENT, eve, field_name="Field")], roots=[root.der])
    assert "Eve gnihton Second line" in said.text("signed_by")
    assert all(text.isprintable() for _, _, text in said.findings)


def test_roots_are_told_to_the_sandbox_and_no_more_than_its_pipe_holds(monkeypatch, tmp_path, root):
    from portal import environment

    pem = tmp_path / "roots.pem"
    armour = "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n"
    pem.write_text(armour.format(base64.encodebytes(root.der).decode()) * 2)
    monkeypatch.setenv("SEALPOST_TRUSTED_ROOTS", str(pem))
    assert environment.certificates("SEALPOST_TRUSTED_ROOTS") == [root.der] * 2
    pem.write_text(armour.format(base64.encodebytes(root.der).decode()) * 200)
    with pytest.raises(SystemExit, match="more certificates than the 40000 bytes"):
        environment.certificates("SEALPOST_TRUSTED_ROOTS")
    pem.write_text("nothing")
    with pytest.raises(SystemExit, match="must name a file of certificates in PEM"):
        environment.certificates("SEALPOST_TRUSTED_ROOTS")
    monkeypatch.setenv("SEALPOST_TRUSTED_ROOTS", str(tmp_path / "missing"))
    with pytest.raises(SystemExit, match="cannot be read"):
        environment.certificates("SEALPOST_TRUSTED_ROOTS")


def test_mutations():
    assert mutations("pdf.verify", SIGNED, PDF)["ok"]
