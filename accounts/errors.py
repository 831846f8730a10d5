"""What accounts refuse, one sentence each."""

from sealpost.errors import SealpostError


class SignInRefused(SealpostError):
    code = "sign_in_refused"
    status = 401
    sentence = (
        "The login or the password is wrong, or this sign-in took too long. "
        "Nothing was changed; check both and try again."
    )


class SignInPaused(SealpostError):
    code = "sign_in_paused"
    status = 429
    sentence = "Too many wrong passwords for this login. Nothing is lost; wait a little and try again."


class TooManyRequests(SealpostError):
    code = "too_many_requests"
    status = 429
    sentence = "Too many sign-ins from this address. Wait a minute and try again."


class SessionUnknown(SealpostError):
    code = "session_unknown"
    status = 401
    sentence = "This session has ended. Nothing was changed; sign in again and repeat what you did."


class SignatureInvalid(SealpostError):
    code = "signature_invalid"
    status = 401
    sentence = "This request was altered on its way, so it was refused. Nothing was changed; try again."


class SignatureStale(SealpostError):
    code = "signature_stale"
    status = 401
    sentence = "This request is too old or its clock is wrong. Nothing was changed; set the clock and sign in again."


class RequestReplayed(SealpostError):
    code = "request_replayed"
    status = 401
    sentence = "This request was already answered once, so the repetition was refused."


class PasswordChangeDue(SealpostError):
    code = "password_change_due"
    status = 403
    sentence = "Choose a password of your own first: the one you were given only serves to sign in once."


class PasswordRefused(SealpostError):
    code = "password_refused"
    status = 403
    sentence = "The current password is wrong, so nothing was changed. Try again."


class KeyRefused(SealpostError):
    code = "key_refused"
    status = 422
    sentence = "The new key does not follow this server's rules, so nothing was changed. Update your client."


class InvitationUnknown(SealpostError):
    code = "invitation_unknown"
    status = 404
    sentence = "This invitation is not valid any more: it was used, withdrawn or has expired. Ask for a new one."


class LoginTaken(SealpostError):
    code = "login_taken"
    status = 409
    sentence = "This address is in use already. Nothing was changed; choose another."


class LoginIsGuest(LoginTaken):
    code = "login_is_guest"
    sentence = (
        "This address is a guest's already, who was sent documents before. Nothing was created: "
        "a guest cannot become a person of an organisation; use another address of theirs."
    )


class GuestNeedless(SealpostError):
    code = "guest_needless"
    status = 409
    sentence = "You can send to this address already, so nobody was invited. Write the message as to anybody else."


class LoginInvalid(SealpostError):
    code = "login_invalid"
    status = 422
    sentence = (
        "An address looks like name@organisation.example, at most 254 characters. Nothing was changed; correct it."
    )


class ColleagueUnknown(SealpostError):
    """`logins` are those that belong to nobody who can be made a member."""

    code = "colleague_unknown"
    status = 422
    sentence = (
        "Nobody of your organisation who sends and receives has this address, so nothing was changed. "
        "Auditors and guests cannot be members."
    )


class TenantStateInvalid(SealpostError):
    code = "tenant_state_invalid"
    status = 409
    sentence = "The organisation is not in a state in which this can be done. Nothing was changed."


class TenantUnknown(SealpostError):
    code = "tenant_unknown"
    status = 404
    sentence = "There is no organisation with this id or name."


class TenantAmbiguous(SealpostError):
    code = "tenant_ambiguous"
    status = 409
    sentence = "Several organisations have this name, so nothing was changed. Give the id instead."


class TenantNameInvalid(SealpostError):
    code = "tenant_name_invalid"
    status = 422
    sentence = "An organisation's name has 1 to 120 characters. Nothing was created."


class ConnectionInvalid(SealpostError):
    code = "connection_invalid"
    status = 422
    sentence = "An organisation cannot be connected to itself."


class RoleForbidden(SealpostError):
    code = "role_forbidden"
    status = 403
    sentence = "Your role in your organisation does not include this. Nothing was changed; ask one of its admins."


class PolicyRefused(SealpostError):
    """`policy` names the rule, `set_by` whose it is: platform, organisation, partner or connection."""

    code = "policy_refused"
    status = 403
    sentence = "Your organisation's policy does not allow this. Nothing was changed; one of its admins can change it."


class QuotaExceeded(SealpostError):
    """`quota` names it, `limit` and `used` say how much."""

    code = "quota_exceeded"
    status = 403
    sentence = "Your organisation has used up what it may use. Nothing was changed; ask one of its admins."


class RequestsExceeded(SealpostError):
    code = "requests_exceeded"
    status = 429
    sentence = "Your organisation makes too many requests. Nothing was changed; wait a minute and try again."


class RulesInvalid(SealpostError):
    """`field` names the member."""

    code = "rules_invalid"
    status = 422
    sentence = "A rule is unknown or outside its bounds. Nothing was changed; correct it and save again."


class RulesChangedMeanwhile(SealpostError):
    code = "rules_changed_meanwhile"
    status = 409
    sentence = (
        "Somebody else has changed these rules since you opened them, so yours were not saved and theirs stand. "
        "Open them again, and repeat what you still want."
    )


class TenantClosing(SealpostError):
    code = "tenant_closing"
    status = 403
    sentence = "Your organisation is being closed here: documents can be fetched, and nothing new can be sent."


class SecondFactorDue(SealpostError):
    code = "second_factor_due"
    status = 403
    sentence = (
        "This sign-in needs your second factor first. Nothing was changed; use your security key or enter a code."
    )


class SecondFactorRefused(SealpostError):
    code = "second_factor_refused"
    status = 403
    sentence = "This code is wrong, or was used before. Nothing was changed; enter the one that your device shows now."


class SecondFactorExists(SealpostError):
    code = "second_factor_exists"
    status = 409
    sentence = "You have an authenticator app already. Nothing was changed; remove it first to set up another."


class SecondFactorMissing(SealpostError):
    code = "second_factor_missing"
    status = 409
    sentence = "You have no authenticator app, so there is none to remove."


class SecondFactorRequired(SealpostError):
    code = "second_factor_required"
    status = 403
    sentence = (
        "Your organisation's policy requires a second factor, so your last one was not removed. "
        "An admin of your organisation can change the policy, or re-issue your access where the device is lost."
    )


class ConnectionNotYours(SealpostError):
    code = "connection_suspended_by_other"
    status = 409
    sentence = "The other organisation suspended this connection, and it alone can resume it. Nothing was changed."


class NotificationInvalid(SealpostError):
    code = "notification_invalid"
    status = 422
    sentence = "There is no such notification, or no such way to hear of it. Nothing was changed."


class NotFound(SealpostError):
    code = "not_found"
    status = 404
    sentence = "There is nothing here, or it is not yours. If you followed a link, it may have expired."


class NameInvalid(SealpostError):
    code = "name_invalid"
    status = 422
    sentence = "A name has 1 to 120 characters on one line. Nothing was changed; choose another."


class LastAdmin(SealpostError):
    code = "last_admin"
    status = 409
    sentence = (
        "This is the last admin of your organisation, who stays its admin. Nothing was changed; "
        "make somebody else an admin first."
    )


class SecondAdminNeeded(SealpostError):
    """Several sentences: too few admins, the same one twice, oneself."""

    code = "second_admin_needed"
    status = 409
    sentence = (
        "A new passphrase takes two admins besides the person, and your organisation has fewer. Nothing was changed; "
        "make somebody else an admin, or ask an operator of this server, who can do it with a second one."
    )


class ReissueOpen(SealpostError):
    code = "reissue_open"
    status = 409
    sentence = "A new passphrase was asked for already and waits for a second admin. Nothing was changed."


class ReissueMissing(SealpostError):
    code = "reissue_missing"
    status = 409
    sentence = (
        "No new passphrase is asked for: it was decided on already, or more than a day has passed. "
        "Nothing was changed; ask for it again."
    )


class ChainBroken(SealpostError):
    code = "chain_broken"
    status = 500
    sentence = "The audit chain does not hold, so nothing was signed. Tell the operator, who can see where."
