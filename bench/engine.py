"""Open + seal of content, in MB/s on one core, beside OpenSSL's own AES-256-GCM in the same run.

What a server does with a document is open each segment under one key and seal it under another: two passes of the
cipher. `openssl speed` is the system's OpenSSL; the engine calls the one that the `cryptography` wheel brings, which
may be newer and faster on this machine, so both versions are named.
"""

import os
import re
import subprocess
import time

from cryptography.hazmat.backends.openssl.backend import backend

from sealpost.crypto.stream import HEADER, SEGMENT, TAG, SegmentCipher, header_new

_SECONDS = 3.0
_ROUNDS = 5
_ROOM = SEGMENT - TAG


def openssl_speed() -> float:
    """AES-256-GCM of 1 MiB blocks on one core, MB/s, by OpenSSL's own program."""
    command = ["openssl", "speed", "-seconds", "3", "-bytes", str(1 << 20), "-evp", "aes-256-gcm"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^AES-256-GCM\s+([0-9.]+)k", said, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise SystemExit(f"openssl speed printed no figure:\n{said}")
    return float(found[1]) / 1000


def engine_speed() -> float:
    """Plaintext MB/s of open under one key and seal under another, in the one buffer that the server reuses."""
    sender, vault = (SegmentCipher(os.urandom(32), header_new(), b"bench") for _ in range(2))
    buffer = memoryview(bytearray(SEGMENT))
    sender.seal_into(1, False, os.urandom(_ROOM), buffer)
    sealed = bytes(buffer)
    done, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < _SECONDS:
        buffer[:] = sealed
        sender.open_into(1, False, buffer, buffer[:_ROOM])
        vault.seal_into(1, False, buffer[:_ROOM], buffer)
        done += _ROOM
    return done / elapsed / 1e6


def main() -> None:
    """Alternate the two, so that both see the same machine, and print the best of each."""
    rounds = [(openssl_speed(), engine_speed()) for _ in range(_ROUNDS)]
    one_pass, engine = max(limit for limit, _ in rounds), max(ours for _, ours in rounds)
    print(f"engine, one core, best of {_ROUNDS} (segments of {SEGMENT >> 20} MiB, header {HEADER} bytes)")
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    print(f"  {version.split(' (')[0]}; {backend.openssl_version_text()} in the engine")
    print(f"  openssl speed -evp aes-256-gcm, 1 MiB      {one_pass:8.0f} MB/s a pass, {one_pass / 2:.0f} for two")
    print(f"  open + seal of a segment                   {engine:8.0f} MB/s = {engine / one_pass * 2:.2f} of the limit")


if __name__ == "__main__":
    main()
