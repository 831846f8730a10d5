"""Looks for markers in folders and dumps, in every coding in which a leak would hide."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_BLOCK = 1 << 22


def codings(marker: bytes) -> dict[str, bytes]:
    """The marker raw, in hex, percent-encoded, in UTF-16 and in base64 at each of its three alignments.

    Also as logs and messages of errors write bytes: as Python's literal, and as a list of numbers.
    """
    found = {"raw": marker, "hex": marker.hex().encode(), "HEX": marker.hex().upper().encode()}
    found["percent"] = quote(marker, safe="").encode()
    found["percent, all of it"] = "".join(f"%{byte:02X}" for byte in marker).encode()
    found["percent, lower case"] = found["percent, all of it"].lower()
    found["literal"] = repr(marker)[2:-1].encode()
    found["numbers"] = ",".join(map(str, marker)).encode()
    found["numbers, spaced"] = ", ".join(map(str, marker)).encode()
    if marker.isascii():
        found["utf-16-le"] = marker.decode().encode("utf-16-le")
        found["utf-16-be"] = marker.decode().encode("utf-16-be")
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + marker)
        inner = text[(shift * 8 + 5) // 6 :].rstrip(b"=")[:-1]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return found


def search(data: Iterable[bytes], needles: dict[str, bytes]) -> set[str]:
    """Names of the needles found in a sequence of blocks, those across a border too."""
    overlap = max(map(len, needles.values())) - 1
    tail, hits = b"", set()
    for block in data:
        window = tail + block
        hits |= {name for name, needle in needles.items() if needle in window}
        tail = window[-overlap:]
    return hits


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def hits(places: Iterable[Path], markers: dict[str, bytes]) -> list[str]:
    """`place: marker (coding)` for every hit in the files below the places, their names included."""
    needles = {
        f"{name} ({coding})": bytes_ for name, marker in markers.items() for coding, bytes_ in codings(marker).items()
    }
    found = []
    for place in places:
        for path in [place, *place.rglob("*")] if place.is_dir() else [place]:
            names = search([str(path).encode()], needles)
            content = search(_blocks(path), needles) if path.is_file() and not path.is_symlink() else set()
            found += [f"{path}: {name}" for name in sorted(names | content)]
    return found
