"""What is refused of messages that were sent already, and of legal holds."""

from sealpost.errors import SealpostError


class DeliveryRecalled(SealpostError):
    code = "delivery_recalled"
    status = 410
    sentence = "The sender has recalled this delivery, so its documents cannot be opened any more. Ask the sender why."


class ContentErased(SealpostError):
    code = "content_erased"
    status = 410
    sentence = "This message was erased when the time for which it is kept was over. Ask for it to be sent again."


class MessageNotSent(SealpostError):
    code = "message_not_sent"
    status = 409
    sentence = (
        "This message is not with its recipients: it is not delivered yet, or it has ended. Nothing was changed; "
        "an expired message can be extended."
    )


class ExpiryNotLater(SealpostError):
    code = "expiry_not_later"
    status = 422
    sentence = "The message is available longer than that already, so nothing was changed. Choose more days."


class RecipientUnknown(SealpostError):
    code = "recipient_unknown"
    status = 422
    sentence = "Somebody whom you named is no recipient of this message. Nothing was changed; check the address."


class RecipientRecalled(SealpostError):
    code = "recipient_recalled"
    status = 409
    sentence = "You have recalled this message from somebody whom you named. Nothing was changed; send them a new one."


class NothingToRemind(SealpostError):
    code = "nothing_to_remind"
    status = 409
    sentence = "Everybody who was to be reminded has opened the message already. Nobody was written to."


class RemindedAlready(SealpostError):
    code = "reminded_already"
    status = 409
    sentence = "Everybody who has not opened the message was reminded within the last 24 hours. Try again tomorrow."


class DownloadLimitReached(SealpostError):
    """`limit`: how many downloads were allowed."""

    code = "download_limit_reached"
    status = 403
    sentence = (
        "This document was downloaded as often as its sender allows, so it cannot be opened any more. "
        "Ask the sender to send it again."
    )


class HoldExists(SealpostError):
    code = "hold_exists"
    status = 409
    sentence = "There is a legal hold on this already, so nothing was changed."


class HoldLifted(SealpostError):
    code = "hold_lifted"
    status = 409
    sentence = "This legal hold was lifted before, so nothing was changed. Place a new one if it is needed again."


class HoldTargetUnknown(SealpostError):
    code = "hold_target_unknown"
    status = 422
    sentence = "Your organisation has no such person, mailbox or message. Nothing was changed; check the id."


class HoldReasonMissing(SealpostError):
    code = "hold_reason_missing"
    status = 422
    sentence = "A legal hold is placed and lifted with a reason of at most 1,000 characters. Nothing was changed."
