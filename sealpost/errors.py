"""Errors that a person may see. Each has a fixed code, an HTTP status and one sentence."""

from typing import Any


class SealpostError(Exception):
    """A refusal with a fixed `code`, an HTTP `status` and one `sentence` for people.

    `members` are further members of the RFC 9457 problem document (docs/protocol.md, section 9.3). A subclass gives
    the defaults; an instance may give a sentence of its own. Neither may hold content, names or keys.
    """

    code = "refused"
    status = 400
    sentence = "The request was refused."

    def __init__(
        self, sentence: str | None = None, *, code: str | None = None, status: int | None = None, **members: Any
    ) -> None:
        self.sentence = sentence or type(self).sentence
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.members = members
        super().__init__(self.sentence)


class DecryptionError(SealpostError):
    """The one answer to every failure to open, verify or authenticate sealed bytes; it says nothing of the cause."""

    code = "decryption_failed"
    status = 400
    sentence = "These bytes could not be opened: the key is another one, or they were altered. Nothing was released."

    def __init__(self) -> None:
        super().__init__()


class KdfRefused(SealpostError):
    """The server asked for a key derivation outside the bounds of docs/protocol.md, section 2."""

    code = "kdf_refused"
    status = 400
    sentence = (
        "The server asked for a password derivation that is too weak or too costly, so nothing was sent. "
        "Check the server's address, and tell its operator."
    )
