"""How long sign-in takes for a login that exists and for one that does not: the same, or it tells who is there."""

import os
import statistics
import time

from bench.system import portal
from sealpost.client.errors import ServerRefused
from sealpost.client.session import Server
from sealpost.crypto.encoding import b64u_encode

_LOGINS = 20
_TRIES = 4  # the fifth failure makes a login wait


def main() -> None:
    """Wrong proofs for both kinds in turn; the medians, and their ratio beside the spread of one kind."""
    with portal() as system:
        known = [
            system.manage("user_issue", "Aster Legal", f"person{number}@aster.example")["login"]
            for number in range(_LOGINS)
        ]
        unknown = [f"nobody{number}@aster.example" for number in range(_LOGINS)]
        server = Server(system.url)
        _try(server, "warm@aster.example")
        seconds: dict[str, list[float]] = {"known": [], "unknown": []}
        for _ in range(_TRIES):
            for pair in zip(known, unknown, strict=True):
                for kind, login in zip(seconds, pair, strict=True):
                    seconds[kind].append(_try(server, login))
    known_ms, unknown_ms = (statistics.median(values) * 1000 for values in seconds.values())
    spread = statistics.quantiles(seconds["known"], n=4)
    print(f"sign-in with a wrong proof, {_LOGINS * _TRIES} tries of each kind")
    print(f"  median of a known login {known_ms:.2f} ms, of an unknown one {unknown_ms:.2f} ms")
    print(f"  ratio {unknown_ms / known_ms:.3f}; half of the known lie within {(spread[2] - spread[0]) * 1000:.2f} ms")


def _try(server: Server, login: str) -> float:
    started = time.perf_counter()
    challenge = server.plain("/api/v1/handshake/start", {"login": login, "nonce": b64u_encode(os.urandom(32))})
    proof = {"proof": b64u_encode(os.urandom(32)), "confirmation": b64u_encode(os.urandom(32))}
    try:
        server.plain("/api/v1/handshake/finish", {"challenge": challenge["challenge"], **proof})
    except ServerRefused as refused:
        if refused.code != "sign_in_refused":
            raise
    else:
        raise SystemExit("a wrong proof was taken")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
