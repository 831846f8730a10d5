"""The one thing of Exif that a picture needs: which way it is turned."""

import struct

_ORIENTATION = 0x0112


def exif_orientation(untrusted_tiff: bytes) -> int:
    """The Orientation tag of an Exif block without its `Exif` prefix, 1 when it says none."""
    order = {b"II": "<", b"MM": ">"}.get(untrusted_tiff[:2])
    if order is None or len(untrusted_tiff) < 8:
        return 1
    (at,) = struct.unpack_from(order + "I", untrusted_tiff, 4)
    if at + 2 > len(untrusted_tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", untrusted_tiff, at)
    for entry in range(at + 2, min(at + 2 + 12 * count, len(untrusted_tiff) - 11), 12):
        tag, _, _, value = struct.unpack_from(order + "HHIH", untrusted_tiff, entry)
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else 1
    return 1


def exif_write(orientation: int) -> bytes:
    """An Exif block of that tag alone."""
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
