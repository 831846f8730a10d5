"""From what is remembered and what is asked to a session that works."""

from typing import Any

from sealpost.client import config
from sealpost.client.errors import NotSignedIn, SecondFactorUnset, ServerRefused
from sealpost.client.keychain import shared_key_forget, shared_key_keep, shared_key_load
from sealpost.client.passphrase import code_ask, passphrase_ask
from sealpost.client.records import Records
from sealpost.client.session import Server, Session, password_change, sign_in
from sealpost.crypto.encoding import b64u_encode

_ENDED = {"session_unknown", "signature_stale"}


def keyring_name(server: str, login: str, kid: str) -> str:
    """Under which name the keyring keeps K."""
    return f"{login} at {server} ({kid})"


def signed_in(server_url: str, login: str, passphrase_file: str | None, new_passphrase_file: str | None) -> Session:
    """Sign in and remember it; an issued passphrase is changed first."""
    server = Server(server_url)
    passphrase = passphrase_ask(passphrase_file)
    session, keys = sign_in(server, login, passphrase)
    if session.call("GET", "/api/v1/me")["password_change_due"]:
        new = passphrase_ask(new_passphrase_file, prompt="Choose a password of your own", new=True)
        password_change(session, keys, new)
        session, keys = sign_in(server, login, new)
    second_factor_pass(session, session.call("GET", "/api/v1/me"))
    config.remember(session, keys)
    _keep(session)
    return session


def second_factor_pass(session: Session, me: dict[str, Any]) -> None:
    """Enter the second factor's code where this session must pass one, as `GET /me` says.

    SecondFactorUnset, CodeMissing, SecurityKeyOnly.
    """
    factor = me["second_factor"]
    if not factor["due"]:
        return
    if not factor["enrolled"]:
        raise SecondFactorUnset
    session.call("POST", "/api/v1/second-factor/check", {"code": code_ask(keys_only=not factor["totp"])})


def _keep(session: Session) -> None:
    shared_key_keep(keyring_name(session.server.origin, session.login, b64u_encode(session.kid)), session.shared_key)


def session_again(passphrase_file: str | None) -> Session:
    """The remembered session, or a new one where it has ended. NotSignedIn, PassphraseMissing."""
    known = config.remembered()
    if known is None:
        raise NotSignedIn
    shared_key = shared_key_load(keyring_name(known.server, known.login, known.kid))
    passphrase = None
    if shared_key is None:
        passphrase = passphrase_ask(passphrase_file)
        shared_key = known.keys(passphrase).shared_key
    session = known.resumed(shared_key)
    try:
        me = session.call("GET", "/api/v1/me")
    except ServerRefused as error:
        if error.code not in _ENDED | {"signature_invalid"}:
            raise
        session, keys = sign_in(Server(known.server), known.login, passphrase or passphrase_ask(passphrase_file))
        second_factor_pass(session, session.call("GET", "/api/v1/me"))
        config.remember(session, keys)
        _keep(session)
    else:
        second_factor_pass(session, me)  # set up elsewhere since, or required since
    return session


def signed_out(session: Session) -> None:
    """End the session here and at the server."""
    shared_key_forget(keyring_name(session.server.origin, session.login, b64u_encode(session.kid)))
    config.forget()
    session.call("DELETE", f"/api/v1/sessions/{session.session}")


def records_of(session: Session) -> Records:
    """Where sealed upload records lie."""
    return Records(config.config_folder() / "records", session.shared_key)
