"""What the client itself refuses or reports, one sentence each."""

from typing import Any

from sealpost.errors import SealpostError


class ServerRefused(SealpostError):
    """The server answered with a problem document; code, status and sentence are the server's."""

    @classmethod
    def from_problem(cls, members: dict[str, Any], status: int) -> "ServerRefused":
        """The refusal that a problem document tells."""
        known = {"type", "title", "status", "code", "detail"}
        further = {name: value for name, value in members.items() if name.isidentifier() and name not in known}
        error = cls(str(members.get("detail") or "The server refused the request."), status=status)
        error.code, error.members = str(members.get("code") or "refused"), further
        return error


class ServerUnreachable(SealpostError):
    code = "server_unreachable"
    status = 503
    sentence = "The server cannot be reached. Nothing was lost; check its address and your network, then try again."


class AnswerNotSealed(SealpostError):
    code = "answer_not_sealed"
    status = 502
    sentence = "The server's answer was not sealed, so it was refused: something stands between you and the server."


class SecondFactorUnset(SealpostError):
    code = "second_factor_unset"
    status = 403
    sentence = "Your organisation requires a second factor, and you have none. Set it up in the portal first."


class StepNotListed(SealpostError):
    code = "step_not_listed"
    status = 404
    sentence = "This server knows no such step. Those that it knows are listed by: sealpost steps"


class PipelineUnknown(SealpostError):
    code = "pipeline_unknown"
    status = 404
    sentence = "Your organisation has saved no instruction of this name. They are listed by: sealpost pipelines"


class DocumentUnknown(SealpostError):
    code = "document_unknown"
    status = 404


class NotSignedIn(SealpostError):
    code = "not_signed_in"
    status = 401
    sentence = "Nobody is signed in here. Run: sealpost signin --server URL --login LOGIN"


class PassphraseMissing(SealpostError):
    code = "passphrase_missing"
    status = 401
    sentence = "The passphrase is needed: give it at the prompt, by --passphrase-file, or in SEALPOST_PASSPHRASE."


class NewPassphraseMissing(PassphraseMissing):
    code = "new_passphrase_missing"
    sentence = (
        "A new passphrase is needed, and nothing was changed: choose it at the prompt, or by --new-passphrase-file."
    )


class CodeMissing(SealpostError):
    code = "code_missing"
    status = 401
    sentence = "The code of your second factor is needed: give it at the prompt, or in SEALPOST_CODE."


class SecurityKeyOnly(CodeMissing):
    code = "security_key_only"
    sentence = (
        "Your second factor is a security key, which only a browser can ask: give a recovery code at the prompt or in "
        "SEALPOST_CODE, or add an authenticator app in the portal first."
    )


class MessageUnclear(SealpostError):
    code = "message_unclear"
    status = 404
    sentence = "No message has this id. Copy it from the inbox or the outbox."


class MailboxUnknown(SealpostError):
    code = "mailbox_unknown"
    status = 404
    sentence = "You read no mailbox with this address. Those that you read are listed by: sealpost mailboxes"


class FileUnreadable(SealpostError):
    code = "file_unreadable"
    sentence = "A file cannot be read. Nothing was sent."


class FileChanged(SealpostError):
    code = "file_changed"
    sentence = "A file changed while it was sent, so the upload was discarded. Nothing was delivered; send it again."


class ContainerUnreadable(SealpostError):
    code = "container_unreadable"
    sentence = "This is no .sealed file of a version that this program knows, or it was cut short. Nothing was written."


class FileUnwritable(SealpostError):
    code = "file_unwritable"
    sentence = "A file cannot be written. What was already saved is kept; make room or choose another folder."
