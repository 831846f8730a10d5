"""A document up and down through the portal, beside the same bytes through the same server without cryptography."""

import sys
from uuid import uuid4

from bench.measure import measured
from bench.system import plain, portal, signed_in, web
from bench.traffic import SealedUpload, download, message_done, plain_download, plain_upload

_GIB = 1 << 30
_ROUNDS = 3


def main() -> None:
    """Alternate the two, and print the best round of each."""
    size = int(float(sys.argv[1]) * _GIB) if len(sys.argv) > 1 else _GIB
    rows: dict[str, list] = {}
    with portal() as system:
        session, ours = signed_in(system), web(system)
        with plain(system) as twin:
            for _ in range(_ROUNDS):
                upload, name = SealedUpload(session, size), uuid4()
                parts = [upload.part(number) for number in upload.parts]
                rows.setdefault("upload, no cryptography", []).append(
                    measured(twin.pids, lambda name=name, parts=parts: plain_upload(twin.url, name, parts))
                )
                rows.setdefault("upload, sealed", []).append(
                    measured(ours.pids, lambda upload=upload, parts=parts: upload.send(parts.__getitem__))
                )
                del parts
                document = message_done(session, upload.id, system.people[1].login)
                rows.setdefault("download, no cryptography", []).append(
                    measured(twin.pids, lambda name=name: plain_download(twin.url, name))
                )
                rows.setdefault("download, sealed", []).append(
                    measured(ours.pids, lambda document=document: download(session, document))
                )
    _report(rows, size)


def _report(rows: dict[str, list], size: int) -> None:
    print(f"portal, {size / _GIB:.2f} GiB, parts sealed beforehand, client on the same machine, best of {_ROUNDS}")
    best = {name: min(costs, key=lambda cost: cost.seconds) for name, costs in rows.items()}
    for name, cost in best.items():
        print(cost.line(name, size))
    for way in ("upload", "download"):
        ratio = best[f"{way}, no cryptography"].seconds / best[f"{way}, sealed"].seconds
        print(f"  {way}: {ratio:.2f} of the speed without cryptography")


if __name__ == "__main__":
    main()
