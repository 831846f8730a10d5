"""What a 4 GiB document adds to a web process: at most 64 MiB, or this ends with code 1."""

import sys

from bench.measure import measured
from bench.system import portal, signed_in, web
from bench.traffic import SealedUpload, download, message_done

_GIB = 1 << 30
_MOST_MIB = 64


def main() -> None:
    """Warm every web process by a small document, then send and fetch the large one."""
    size = int(float(sys.argv[1]) * _GIB) if len(sys.argv) > 1 else 4 * _GIB
    with portal() as system:
        session, running, to = signed_in(system), web(system), system.people[1].login
        for _ in range(4):
            download(session, message_done(session, _send(session, 1 << 20), to))
        sent: list[str] = []
        up = measured(running.pids, lambda: sent.append(_send(session, size)))
        document = message_done(session, sent[0], to)
        down = measured(running.pids, lambda: download(session, document))
    print(f"memory of the web processes, {size / _GIB:.2f} GiB")
    print(up.line("upload, sealed while it goes", size))
    print(down.line("download", size))
    if max(up.added_mib, down.added_mib) > _MOST_MIB:
        raise SystemExit(f"more than {_MOST_MIB} MiB were added")


def _send(session, size: int) -> str:
    upload = SealedUpload(session, size)
    upload.send(upload.part)
    return upload.id


if __name__ == "__main__":
    main()
