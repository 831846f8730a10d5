"""What the exchange refuses: a fixed code, a status, one sentence."""

from accounts.errors import NotFound
from sealpost.errors import SealpostError

__all__ = ["NotFound"]


class OverLimit(Exception):
    """Stands before SealpostError: the sentence, and the member `limit`, name the limit."""

    sentence: str

    def __init__(self, *, limit: int) -> None:
        super().__init__(type(self).sentence.format(limit=f"{limit:,}"), limit=limit)  # type: ignore[call-arg]


class UploadUnknown(SealpostError):
    code = "upload_unknown"
    status = 404
    sentence = "This upload does not exist any more: it was discarded or has expired. Start it again."


class UploadTooLarge(OverLimit, SealpostError):
    code = "upload_too_large"
    status = 413
    sentence = (
        "A document may have {limit} bytes here and this one has more. Nothing was sent; split it or ask the operator."
    )


class UploadPartOutOfRange(SealpostError):
    code = "upload_part_out_of_range"
    status = 400
    sentence = "This upload has no part of that number. Nothing was stored; what was uploaded before is kept."


class UploadPartLength(SealpostError):
    code = "upload_part_length"
    status = 400
    sentence = "This part has not the length it must have, so it was not stored. Send it again."


class UploadPartRefused(SealpostError):
    code = "upload_part_refused"
    status = 422
    sentence = "This part was altered on its way, so it was not stored. Send it again."


class UploadPartConflict(SealpostError):
    code = "upload_part_conflict"
    status = 409
    sentence = "This part was already stored with other bytes: the file has changed. Start a new upload."


class UploadPartMissing(SealpostError):
    code = "upload_part_missing"
    status = 409
    sentence = "The upload is not complete yet. Nothing was lost; send the missing parts."


class UploadComplete(SealpostError):
    code = "upload_complete"
    status = 409
    sentence = "This upload is complete already; its parts cannot be changed."


class UploadIncomplete(SealpostError):
    code = "upload_incomplete"
    status = 409
    sentence = "A document of this message is not uploaded completely. Nothing was sent; finish it and send again."


class UploadKeyRetired(SealpostError):
    code = "upload_key_retired"
    status = 409
    sentence = "The password was changed since this upload began. Start it again; nothing else was lost."


class TransferUsed(SealpostError):
    code = "transfer_used"
    status = 409
    sentence = "This transfer was begun before. Start a new upload."


class HeaderMalformed(SealpostError):
    code = "header_malformed"
    status = 422
    sentence = "The upload's header or key commitment is not what this server expects. Nothing was stored."


class RecipientUnreachable(SealpostError):
    code = "recipient_unreachable"
    status = 422
    sentence = (
        "A recipient cannot be reached: the address is in no organisation, or in one that yours is not connected to. "
        "Nothing was sent; check the address or ask your admin to connect the organisations."
    )


class RecipientNotInvited(SealpostError):
    code = "recipient_not_invited"
    status = 409
    sentence = "Nothing waits for this address any more: it was delivered, taken back or has expired."


class InvitedLately(SealpostError):
    code = "invited_lately"
    status = 429
    sentence = "They were told less than an hour ago, so no mail was sent. Wait a little, or ask them to look for it."


class RequestInvalid(SealpostError):
    """`field` names it, `limit` says how long or how much it may be."""

    code = "request_invalid"
    status = 422
    sentence = "A field is empty, too long or outside what is allowed here. Nothing was made or sent; correct it."


class RequestClosed(SealpostError):
    code = "request_closed"
    status = 410
    sentence = "This file request is closed or has expired. Nothing was sent; ask who gave you the link for another."


class RequestFull(SealpostError):
    code = "request_full"
    status = 409
    sentence = "This file request was answered as often as it may be. Nothing was sent; ask who gave you the link."


class RequestTooLarge(SealpostError):
    code = "request_too_large"
    status = 413
    sentence = "This is more than the file request takes at a time. Nothing was sent; send less."


class RecipientsMissing(SealpostError):
    code = "recipients_missing"
    status = 422
    sentence = "A message needs a recipient. Nothing was sent; add one, or choose to get the result yourself."


class TooManyFiles(OverLimit, SealpostError):
    code = "too_many_files"
    status = 413
    sentence = "A message takes at most {limit} documents. Nothing was sent; send them in several messages."


class DepositTooManyFiles(TooManyFiles):
    sentence = "This request takes at most {limit} documents at a time. Nothing was sent; remove some and send again."


class TooManyRecipients(OverLimit, SealpostError):
    code = "too_many_recipients"
    status = 413
    sentence = "A message takes at most {limit} recipients. Nothing was sent; send several messages."


class SubjectMissing(SealpostError):
    code = "subject_missing"
    status = 422
    sentence = "A message needs a subject. Nothing was sent."


class FieldTooLong(OverLimit, SealpostError):
    code = "field_too_long"
    status = 422
    sentence = "The subject, the note or a file's name has more than {limit} characters. Nothing was sent; shorten it."


class ExpiryInvalid(OverLimit, SealpostError):
    code = "expiry_invalid"
    status = 422
    sentence = "A message can be available for 1 to {limit} days. Nothing was sent; choose another time."


class JobNotHeld(SealpostError):
    code = "job_not_held"
    status = 409
    sentence = "Only a held message can be tried again; this one is not held."


class JobFinished(SealpostError):
    code = "job_finished"
    status = 409
    sentence = "This message is delivered or ended already, so it cannot be cancelled any more."


class SwitchUnknown(SealpostError):
    code = "switch_unknown"
    status = 404
    sentence = "There is no such switch. Nothing was changed."


class HashMismatch(SealpostError):
    code = "hash_mismatch"
    status = 422
    sentence = "The received bytes are not those of the document. Discard them and download it again."


class RangeUnsatisfiable(SealpostError):
    code = "range_unsatisfiable"
    status = 416
    sentence = "The document has no such bytes. Ask for the length first and try again."


class ContentExpired(SealpostError):
    code = "delivery_expired"
    status = 410
    sentence = "This delivery has expired, so it cannot be downloaded any more. Ask the sender to send it again."


class DocumentDiscarded(SealpostError):
    code = "document_discarded"
    status = 410
    sentence = "This document was destroyed because malware was found in its message. Nothing of it was delivered."


class MailboxAdminLast(SealpostError):
    code = "mailbox_admin_last"
    status = 409
    sentence = (
        "This mailbox would have nobody left who manages it, so nothing was changed. "
        "Make another member its admin first, or ask an admin of your organisation."
    )


class PipelineNameTaken(SealpostError):
    code = "pipeline_name_taken"
    status = 409
    sentence = "Your organisation has an instruction of this name already. Nothing was changed; choose another name."


class StepFailureInvalid(SealpostError):
    code = "step_failure_invalid"
    status = 422
    sentence = "What happens where a step refuses a document is hold, skip or stop. Nothing was changed or sent."


class RunEmpty(SealpostError):
    code = "run_empty"
    status = 422
    sentence = "Choose at least one document and one step. Nothing was begun."


class PipelineEmpty(SealpostError):
    code = "pipeline_empty"
    status = 422
    sentence = "An instruction needs at least one step. Nothing was changed."


class PipelineKeepsNoPassword(SealpostError):
    """`step` names the step."""

    code = "pipeline_keeps_no_password"
    status = 422
    sentence = "A saved instruction keeps no passwords. Leave the step out, and add it when you send."


HELD_SENTENCES = {
    "jobs_off": "The operator of this server lets no work begin just now. Nothing was lost; this goes on by itself.",
    "step_off": "The operator has switched a step off. Nothing was lost; it goes on by itself when it is on again.",
    "jobs_at_once": "Your organisation has as many jobs running as it may; this one starts when one of them ends.",
    "infected": "A document contains malware, so nothing was delivered. Remove it and send a new message.",
    "password_protected": "A document has a password, so it was not processed. Remove the password and send again.",
    "signed": "A document is signed and would lose its signature, so it was not changed. Send it without that step.",
    "corrupt": "A document could not be read by the step: it is damaged or not of its type. Nothing was delivered.",
    "unsupported": "A document is of a kind that the step cannot process. Nothing was delivered; send without it.",
    "too_many_pages": "A PDF has more pages than a step may process. Nothing was delivered; split it.",
    "archive_entries": "An archive holds more files than may be unpacked. Nothing was delivered; send fewer in it.",
    "archive_link": "An archive holds a link instead of a file. Nothing was delivered; pack the file itself.",
    "archive_nested": "An archive holds another archive. Nothing was delivered; unpack the inner one first.",
    "archive_path": "An archive holds a name that leads out of its folder. Nothing was delivered; pack it anew.",
    "archive_ratio": "An archive unpacks to far more than it has, as a bomb would. Nothing was delivered.",
    "document_empty": "A document is empty, so the step had nothing to do. Nothing was delivered; send the whole file.",
    "dynamic_form": "A PDF is a dynamic form (XFA), which cannot be processed. Print it to a PDF and send that.",
    "invoice_invalid": "An invoice breaks rules of EN 16931. Nothing was delivered; ask for it corrected.",
    "invoice_missing": "A document holds no invoice of EN 16931 (UBL, CII or Factur-X). Nothing was delivered.",
    "not_protected": "A document has no password that could be removed. Nothing was delivered; send without the step.",
    "not_searchable": "A PDF has pages whose text cannot be searched, as scans. Nothing was delivered; choose OCR.",
    "not_signed": "A document has no signature to be checked. Nothing was delivered; send it without the step.",
    "not_text": "A table is not in the encoding that the step was told. Nothing was delivered; choose another.",
    "page_missing": "A PDF has fewer pages than the step asks for. Nothing was delivered; correct the page numbers.",
    "password_wrong": "A document does not open with the password that the step was given. Nothing was delivered.",
    "pdfa_failed": "A PDF could not be made into PDF/A. Nothing was delivered; send it without the step.",
    "picture_too_large": "A picture or page has more pixels than a step may process. Nothing was delivered.",
    "sheet_missing": "A workbook has no sheet of the name that the step was told. Nothing was delivered; correct it.",
    "table_invalid": "A table has other columns or values than the step asks for. Nothing was delivered; correct it.",
    "too_many_rows": "A table has more rows or columns than a step may process. Nothing was delivered; split it.",
    "step_unavailable": "A step's program is not on this server. Nothing was lost; ask the operator, then retry.",
    "step_timeout": "A step took too long and was stopped. Nothing was delivered; try again or send without it.",
    "step_memory": "A step needed too much memory and was stopped. Nothing was delivered; send without it.",
    "step_crashed": "A step failed on a document. Nothing was delivered; try again or send without it.",
    "step_input_too_large": "What a step was given has more than the {limit} that it may process. Nothing was "
    "delivered; send it without the step.",
    "step_output_too_large": "A step's result has more than the {limit} that it may. Nothing was delivered; send "
    "without it.",
    "sandbox_missing": "This server cannot process documents: its sandbox is missing. Ask the operator, then retry.",
    "storage_full": "The server has no room. Nothing was lost; try again when the operator has made some.",
    "type_refused": "A document is of a kind that somebody's policy refuses. Nothing was delivered; send another kind.",
    "not_scanned": "A document could not be scanned, and somebody's policy holds such messages. Nothing was delivered.",
    "attempts_exhausted": "The work on this message failed three times. Nothing was lost; retry, or ask the operator.",
    "no_recipient_left": "No recipient can be reached any more, so nothing was delivered.",
}


class HeirInvalid(SealpostError):
    code = "heir_invalid"
    status = 422
    sentence = (
        "The mailbox can only be handed to somebody of your organisation who has enrolled and reads messages here. "
        "Nothing was changed; choose another."
    )
