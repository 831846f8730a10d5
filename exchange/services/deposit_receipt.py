"""The receipt of a deposit: a text that the service signs (docs/protocol.md, section 11)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.hkdf import label
from vault.services.signing import statement_sign

_TITLE = "Sealpost receipt, version 1"
_WORDS = {"clean": "scanned, clean", "not_scanned": "not scanned", "infected": "malware", "pending": "not checked"}
_MEANING = (
    "This is evidence of arrival, by the service that took the documents: it had them, with this content, then.\n"
    "It is no non-repudiation: it proves neither who sent them nor that anybody has read them."
)


def receipt_text(*, request: UUID, organisation: str, arrived: datetime, deposit: dict[str, Any]) -> str:
    """What is signed: lines of UTF-8, each ended by a line feed. Names are of one line already."""
    lines = [
        _TITLE,
        f"To: {' '.join(organisation.split())}",
        f"Request: {request}",
        f"Deposit: {deposit['id']}",
        f"Number: {deposit['number']}",
        f"Sent: {deposit['at']}",
        f"Arrived: {arrived.isoformat()}",
        f"Documents: {len(deposit['documents'])}",
    ]
    for number, row in enumerate(deposit["documents"], 1):
        lines.append(f"{number}. {row['name']}")
        lines.append(f"   {row['size']} bytes, SHA-256 {row['sha256']}, {_WORDS[row['verdict']]}")
    return "\n".join([*lines, _MEANING]) + "\n"


def receipt_make(
    *, request: UUID, organisation: str, arrived: datetime | None, deposit: dict[str, Any]
) -> dict[str, str] | None:
    """The text, the id of the key that signed it and the signature, `b64u`; None before it has arrived."""
    if arrived is None:
        return None
    text = receipt_text(request=request, organisation=organisation, arrived=arrived, deposit=deposit)
    key, signature = statement_sign(label("receipt", text))
    return {"text": text, "key": str(key), "signature": b64u_encode(signature)}
