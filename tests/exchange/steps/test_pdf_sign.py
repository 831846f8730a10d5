"""pdf.sign: what comes out is what came in, signed; the key is never where the document is parsed."""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from exchange.sandbox import SandboxError
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from exchange.sandbox.command import PROGRAMS
from exchange.steps.base import PDF, StepContext, StepParametersInvalid
from exchange.steps.registry import step_parse
from exchange.steps.self_check import SAMPLES
from tests.documents import pdf
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.signers import holder, signed
from tests.exchange.steps.verified import verified
from vault.services import TemporarySigner

DOCUMENT = (SAMPLES / "document.pdf").read_bytes()
ASTER = TemporarySigner("Aster Légal & Söhne")
pytestmark = pytest.mark.engine


def changed(content: bytes, change, **saved) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def embedded(content: bytes):
    """The last signature, as pyHanko reads it."""
    return PdfFileReader(io.BytesIO(content)).embedded_signatures[-1]


def test_the_document_stays_and_the_signature_holds_for_all_of_it(apply):
    done = apply("pdf.sign", DOCUMENT, PDF, signer=ASTER, reason="Quartal, geprüft", location="Linz")
    assert done.report == {"pages": 2, "signatures": 1}
    assert done.content.startswith(DOCUMENT)
    signature = embedded(done.content)
    root = signature.signer_cert
    assert root.dump() == ASTER.certificates()[0]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    assert status.bottom_line and status.coverage.name == "ENTIRE_FILE"
    said = signature.sig_object
    assert (said["/Reason"], said["/Location"], said["/Name"]) == ("Quartal, geprüft", "Linz", ASTER.name)
    assert said["/SubFilter"] == "/ETSI.CAdES.detached"
    attributes = {one["type"].native for one in signature.signer_info["signed_attrs"]}
    assert attributes == {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="pdfsig (poppler-utils) is not installed")
def test_another_reader_reads_it_and_sees_a_change(apply, tmp_path):
    done = apply("pdf.sign", DOCUMENT, PDF, signer=ASTER)
    said = {}
    for name, content in {"good": done.content, "changed": done.content.replace(b"595.2756", b"595.2757", 1)}.items():
        (tmp_path / name).write_bytes(content)
        said[name] = subprocess.run(["pdfsig", tmp_path / name], check=False, capture_output=True, text=True).stdout
    assert "Signature is Valid." in said["good"] and "Total document signed" in said["good"]
    assert "Digest Mismatch" in said["changed"]


@pytest.mark.parametrize(
    ("turn", "corner"), [(0, "bottom-right"), (90, "top-left"), (180, "bottom-left"), (270, "top-left")]
)
def test_the_box_stands_in_the_corner_that_a_reader_sees(apply, turn, corner):
    source = changed(DOCUMENT, lambda document: document.pages[1].__setattr__("Rotate", turn))
    done = apply("pdf.sign", source, PDF, signer=ASTER, box=corner, page=0, reason="Checked")
    before, after = (drawn(content, 1) for content in (source, done.content))
    width, height = after.size
    across = (0, width // 2) if corner.endswith("left") else (width // 2, width)
    down = (0, height // 2) if corner.startswith("top") else (height // 2, height)
    quarter = (across[0], down[0], across[1], down[1])
    assert after.crop(quarter).tobytes() != before.crop(quarter).tobytes()
    before.paste(after.crop(quarter), quarter)
    assert before.tobytes() == after.tobytes()  # and nowhere else
    assert drawn(done.content, 0).tobytes() == drawn(source, 0).tobytes()


def drawn(content: bytes, page: int):
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    return document[page].render(scale=0.5, may_draw_forms=True).to_pil().convert("L")


def test_the_box_says_who_signed_and_on_a_turned_page_the_right_way_up(apply):
    source = changed(DOCUMENT, lambda document: document.pages[0].__setattr__("Rotate", 90))
    done = apply("pdf.sign", source, PDF, signer=ASTER, box="top-right", reason="日本 geprüft")
    with pikepdf.open(io.BytesIO(done.content)) as document:
        form = document.pages[0].Annots[0].AP.N
        lines = [bytes.fromhex(line.split(b"<")[1].split(b">")[0].decode()).decode("cp1252")
                 for line in form.read_bytes().splitlines() if b"Tj" in line]  # fmt: skip
        assert lines[0] == f"Signed by {ASTER.name}" and lines[1].endswith("UTC") and lines[2] == "?? geprüft"
        assert [float(one) for one in form.Matrix] == [0, 1, -1, 0, 0, 0]


def test_a_signed_document_gets_a_second_signature_and_keeps_its_first(apply):
    ana = holder("Ana")
    first = signed(DOCUMENT, ana, field_name="Signature")
    done = apply("pdf.sign", first, PDF, signer=ASTER, box="bottom-left")
    assert done.content.startswith(first)
    assert done.report == {"pages": 2, "signatures": 2}
    (said,) = verified([done.content], roots=[ana.der], own=ASTER.certificates())
    assert said.counts == {
        "signatures": 2, "intact": 2, "broken": 0, "unchecked": 0, "trusted": 2, "changed_later": 0
    }  # fmt: skip
    assert "trust_own" in said.codes("Signature 2") and "trust_root" in said.codes("Signature")


def test_who_certified_a_document_decides_whether_it_may_be_signed_again(code, apply):
    ana = holder("Ana")
    closed, open_ = (
        signed(DOCUMENT, ana, certify=True, docmdp_permissions=allowed)
        for allowed in (MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS)
    )
    assert code("pdf.sign", closed, PDF, signer=ASTER) == "signed"
    done = apply("pdf.sign", open_, PDF, signer=ASTER)
    (said,) = verified([done.content], roots=[ana.der])
    assert said.counts["intact"] == 2 and "certification_overstepped" not in said.codes()


def test_a_document_that_only_one_library_can_read_is_written_anew_and_signed(apply):
    damaged = DOCUMENT[: DOCUMENT.rindex(b"xref")]  # no table of objects, no trailer
    done = apply("pdf.sign", damaged, PDF, signer=ASTER)
    (said,) = verified([done.content], own=ASTER.certificates())
    assert said.counts["intact"] == 1 and said.counts["trusted"] == 1


def test_what_cannot_be_signed_has_a_code(code):
    def xfa(document) -> None:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]), XFA=pikepdf.String("x"))

    def ask(content: bytes, **parameters) -> str:
        return code("pdf.sign", content, PDF, signer=ASTER, **parameters)

    protected = changed(DOCUMENT, lambda document: None, encryption=pikepdf.Encryption(owner="o", user="secret"))
    assert ask(b"") == "corrupt"
    assert ask(DOCUMENT[:300]) == "corrupt"
    assert ask(protected) == "password_protected"
    assert ask(changed(DOCUMENT, xfa)) == "dynamic_form"
    assert ask(DOCUMENT, box="top-left", page=3) == "page_missing"


def test_a_thousand_pages_are_signed_and_more_than_two_thousand_are_not(apply, code, tmp_path):
    many = pikepdf.new()
    for _ in range(2001):
        many.add_blank_page(page_size=(100, 100))
    out = io.BytesIO()
    many.save(out)
    assert code("pdf.sign", out.getvalue(), PDF, signer=ASTER) == "too_many_pages"
    long = pdf(tmp_path / "long.pdf", pages=1000).read_bytes()
    assert apply("pdf.sign", long, PDF, signer=ASTER, box="top-left", page=0).report["pages"] == 1000


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"reason": "two\nlines"}, "must be one line of text"),
        ({"reason": "x" * 201}, "reason"),
        ({"location": "\x07"}, "must be one line of text"),
        ({"box": "middle"}, "box"),
        ({"page": -1}, "page"),
        ({"field": "a.b"}, "field"),
        ({"field": ""}, "field"),
        ({"key": "x"}, "key"),
    ],
)
def test_parameters_that_it_does_not_take_are_named(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.sign", parameters)
    assert says in refused.value.sentence


class Counted(TemporarySigner):
    """A signer that keeps how often it was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked = 0

    def sign(self, sha256: bytes) -> bytes:
        self.asked += 1
        return super().sign(sha256)


@pytest.fixture
def taken_over(tmp_path):
    """A run of a program that was taken over, and what the step makes of its output."""
    programs = tmp_path / "programs"
    shutil.copytree(PROGRAMS, programs)
    shutil.copy(Path(__file__).with_name("hostile_sign.py"), programs)
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)  # inside everybody is nobody

    def run(attack: str, signer: Counted):
        chosen, context = step_parse("pdf.sign", {"reason": attack}), StepContext("", "2026-11-25", signer=signer)
        execution = BubblewrapSandbox(programs).run(
            program="hostile_sign", arguments=chosen.arguments(PDF, context), untrusted_input=[DOCUMENT],
            tick=lambda done, total: None, limits=chosen.limits,
        )  # fmt: skip
        return execution, chosen.finish(execution, context)

    return run


@pytest.mark.parametrize(
    "attack", ["gap elsewhere", "covers less", "covers another gap", "more behind", "gap is filled"]
)
def test_a_program_that_was_taken_over_gets_no_signature_for_something_else_than_it_shows(taken_over, attack):
    signer = Counted("Aster")
    with pytest.raises(SandboxError) as refused:
        b"".join(taken_over(attack, signer)[1])
    assert (refused.value.code, signer.asked) == ("step_crashed", 0)


def test_the_same_program_without_malice_gets_one(taken_over):
    signer = Counted("Aster")
    assert b"".join(taken_over("none", signer)[1]).startswith(DOCUMENT)
    assert signer.asked == 1


def test_the_key_is_never_where_the_document_is_parsed(taken_over):
    """What the program is told, sees around it and may read holds the key in no form."""
    signer = Counted("Aster")
    execution, _ = taken_over("tells", signer)
    seen = b"".join(execution) + json.dumps(execution.report).encode()
    assert b"tells" in seen and b"hostile_sign.py" in seen and b"/scratch" in seen
    key = signer._private
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    der = key.private_bytes(serialization.Encoding.DER, *form)
    pem = key.private_bytes(serialization.Encoding.PEM, *form).splitlines()[2]
    forms = [scalar, scalar.hex().encode(), scalar.hex().upper().encode(), base64.b64encode(scalar)[:40]]
    assert scalar in der and base64.b64decode(pem) in der
    assert not [form for form in [*forms, pem, str(int.from_bytes(scalar)).encode()] if form in seen]


def test_mutations():
    arguments = step_parse("pdf.sign", {"box": "bottom-right"}).arguments(PDF, StepContext("", "2026", signer=ASTER))
    assert mutations("pdf.sign", DOCUMENT, PDF, program="sign", arguments=arguments)["ok"]


def test_mutations_of_what_is_signed_already():
    assert mutations("pdf.sign", (SAMPLES / "signed.pdf").read_bytes(), PDF, count=40)["ok"]
