"""What the command remembers between calls: server, login, session; neither password nor shared key."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import platformdirs

from sealpost.client.records import private_write
from sealpost.client.session import Server, Session, keys_derive
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.kdf import KdfParameters
from sealpost.errors import SealpostError
from sealpost.protocol.keys import UserKeys


def config_folder() -> Path:
    """The user's config folder, or SEALPOST_CONFIG."""
    return Path(os.environ.get("SEALPOST_CONFIG") or platformdirs.user_config_dir("sealpost"))


@dataclass(frozen=True, slots=True)
class Remembered:
    """Public parameters of the last sign-in. With the passphrase, and not without it, they give the session again."""

    server: str
    login: str
    session: str
    transcript: str
    kid: str
    salt: str
    suite: int
    m: int
    t: int
    p: int
    clock_offset: int

    def keys(self, passphrase: str) -> UserKeys:
        """The user's keys. KdfRefused, SecretMalformed."""
        parameters = KdfParameters(self.suite, self.m, self.t, self.p)
        salt, kid = b64u_decode(self.salt, 16), b64u_decode(self.kid, 16)
        return keys_derive(passphrase, parameters=parameters, salt=salt, kid=kid)

    def resumed(self, shared_key: bytes) -> Session:
        """The session that K continues."""
        return Session(
            Server(self.server),
            self.login,
            UUID(self.session),
            b64u_decode(self.transcript, 32),
            b64u_decode(self.kid, 16),
            shared_key,
            clock_offset=self.clock_offset,
            parameters=KdfParameters(self.suite, self.m, self.t, self.p),
            salt=b64u_decode(self.salt, 16),
        )


def remember(session: Session, keys: UserKeys) -> None:
    """Write the config file with mode 0600."""
    parameters = keys.parameters
    remembered = Remembered(
        server=session.server.origin,
        login=session.login,
        session=str(session.session),
        transcript=b64u_encode(session.transcript),
        kid=b64u_encode(keys.kid),
        salt=b64u_encode(keys.salt),
        suite=parameters.suite,
        m=parameters.m,
        t=parameters.t,
        p=parameters.p,
        clock_offset=session.clock_offset,
    )
    private_write(config_folder() / "session.json", json.dumps(asdict(remembered), indent=1).encode())


def remembered() -> Remembered | None:
    """What was remembered, or None."""
    try:
        return Remembered(**json.loads((config_folder() / "session.json").read_bytes()))
    except (OSError, ValueError, TypeError, SealpostError):
        return None


def forget() -> None:
    """Forget the session."""
    (config_folder() / "session.json").unlink(missing_ok=True)
