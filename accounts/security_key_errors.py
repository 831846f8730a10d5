"""What is refused about security keys, one sentence each."""

from sealpost.errors import SealpostError


class SecurityKeyRefused(SealpostError):
    code = "security_key_refused"
    status = 403
    sentence = "This security key is not one of yours, or its answer is wrong. Nothing was changed; try again."


class SecurityKeyCloned(SealpostError):
    code = "security_key_cloned"
    status = 403
    sentence = (
        "This security key has counted fewer uses than it was seen with before, so there may be a copy of it. "
        "Nothing was changed; enter a code instead, then remove the key."
    )


class SecurityKeyStale(SealpostError):
    code = "security_key_stale"
    status = 403
    sentence = "The security key answered too late, or this answer was used before. Nothing was changed; try again."


class SecurityKeyInvalid(SealpostError):
    code = "security_key_invalid"
    status = 422
    sentence = "This security key answered in a way that cannot be used here. It was not added; try another key."


class SecurityKeyExists(SealpostError):
    code = "security_key_exists"
    status = 409
    sentence = "This security key is one of yours already. Nothing was changed."


class SecurityKeyMissing(SealpostError):
    code = "security_key_missing"
    status = 409
    sentence = "You have no security key for this address. Nothing was changed; enter a code instead."


class SecurityKeysUnavailable(SealpostError):
    code = "security_keys_unavailable"
    status = 409
    sentence = (
        "Security keys work only where the portal has a name, and it was reached by an IP address. "
        "Nothing was changed; use an authenticator app, or ask for the portal's name."
    )


class TooManySecurityKeys(SealpostError):
    code = "too_many_security_keys"
    status = 409
    sentence = "You have as many security keys as there may be. Nothing was changed; remove one first."
