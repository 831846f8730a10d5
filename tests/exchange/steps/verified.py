"""What pdf.verify says of many documents, asked in one sandbox."""

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.sandbox.base import Limits
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from exchange.sandbox.command import PROGRAMS
from exchange.steps.base import PDF
from exchange.steps.parts import Part, parts_joined


@dataclass(frozen=True)
class Said:
    """Counts, or the code of a refusal; and the findings: code, field and text."""

    counts: dict[str, int] | str
    findings: list[list[str]]

    def codes(self, field: str | None = None) -> list[str]:
        return [code for code, where, _ in self.findings if field in (None, where)]

    def text(self, code: str) -> str:
        return next(text for said, _, text in self.findings if said == code)


def verified(
    documents: Sequence[bytes], *, roots: Sequence[bytes] = (), own: Sequence[bytes] = (), required: bool = True
) -> list[Said]:
    """`roots` and `own` are certificates in DER."""
    arguments = {
        "required": required,
        "roots": [base64.b64encode(root).decode() for root in roots],
        "own": [hashlib.sha256(certificate).hexdigest() for certificate in own],
    }
    with tempfile.TemporaryDirectory() as folder:
        programs = Path(folder) / "programs"
        shutil.copytree(PROGRAMS, programs)
        shutil.copy(Path(__file__).with_name("verify_inside.py"), programs)
        Path(folder).chmod(0o755)  # inside everybody is nobody
        execution = BubblewrapSandbox(programs).run(
            program="verify_inside", arguments=arguments, tick=lambda done, total: None, limits=Limits(seconds=120),
            untrusted_input=parts_joined(Part("document", PDF, [content]) for content in documents),
        )  # fmt: skip
        return [Said(*one) for one in json.loads(b"".join(execution))]
