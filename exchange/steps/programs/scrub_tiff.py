"""Metadata of TIFF, in place: entries leave the directories and their bytes become zero; no strip moves."""

import struct

from protocol import Refused

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_EXIF, _GPS, _INTEROPERABILITY = 34665, 34853, 40965
_SUB_DIRECTORIES = 330
# Baseline and extension tags that say how to show the pixels (TIFF 6.0, colour profile, JPEG tables, sample formats).
_KEPT = {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 286,
         287, 288, 289, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 334,
         336, 338, 339, 340, 341, 342, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 34675,
         32997, 32998}  # fmt: skip
_DIRECTORIES_MOST = 4000


class _Tiff:
    def __init__(self, untrusted: bytes) -> None:
        self.data = bytearray(untrusted)
        self.order = "<" if untrusted[:2] == b"II" else ">"
        self.gone = 0
        self._seen: set[int] = set()

    def number(self, at: int, kind: str) -> int:
        return int(struct.unpack_from(self.order + kind, self.data, at)[0])

    def directory(self, at: int, *, keep: bool) -> int:
        """Clean the directory at an offset; where the next one is."""
        if at in self._seen or len(self._seen) > _DIRECTORIES_MOST or at + 2 > len(self.data):
            raise Refused("corrupt")
        self._seen.add(at)
        count = self.number(at, "H")
        end = at + 2 + 12 * count
        after = self.number(end, "I")
        entries = [bytes(self.data[place : place + 12]) for place in range(at + 2, end, 12)]
        kept = [entry for entry in entries if self._entry(entry, keep=keep)]
        clean = struct.pack(self.order + "H", len(kept)) + b"".join(kept) + struct.pack(self.order + "I", after)
        self.data[at : end + 4] = clean.ljust(end + 4 - at, b"\0")
        return after

    def _entry(self, entry: bytes, *, keep: bool) -> bool:
        tag, kind, count = struct.unpack_from(self.order + "HHI", entry)
        size = _SIZES.get(kind, 0) * count
        (at,) = struct.unpack_from(self.order + "I", entry, 8)
        if size > 4 and at + size > len(self.data):
            raise Refused("corrupt")
        if keep and tag == _SUB_DIRECTORIES:
            for place in [at] if count == 1 else [self.number(at + 4 * index, "I") for index in range(count)]:
                self.directory(place, keep=True)
        if keep and tag in _KEPT:
            return True
        if tag in {_EXIF, _GPS, _INTEROPERABILITY} and kind in {4, 13}:
            self.directory(at, keep=False)
        elif size > 4:
            self.data[at : at + size] = bytes(size)
        self.gone += 1
        return False


def tiff_scrub(untrusted: bytes) -> tuple[bytes, int]:
    """The pictures alone and how many entries went. Refused `corrupt`, or `unsupported` for BigTIFF."""
    tiff = _Tiff(untrusted)
    if tiff.number(2, "H") != 42:
        raise Refused("unsupported")
    at = tiff.number(4, "I")
    while at:
        at = tiff.directory(at, keep=True)
    return bytes(tiff.data), tiff.gone
