"""Metadata of JPEG: whole segments go, and what lies behind the picture; no pixel is touched (ITU-T T.81 annex B)."""

import re
import struct

from exif import exif_orientation, exif_write
from protocol import Refused

_START_OF_SCAN, _END = 0xDA, 0xD9
# Frames, tables, restart interval, JFIF, Adobe's colour transform, and of APP2 the colour profile.
_KEPT = {0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDB, 0xDC, 0xDD,
         0xDE, 0xDF, 0xE0, 0xE2, 0xEE}  # fmt: skip
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def jpeg_scrub(data: bytes) -> tuple[bytes, int]:
    """The picture alone, turned as before, and how many segments went. Refused `corrupt`."""
    out, at, gone, orientation = [b"\xff\xd8"], 2, 0, 1
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise Refused("corrupt")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            head = exif_segment(orientation) if orientation != 1 else b""
            gone += len(data) > at + 2
            return b"".join([out[0], head, *out[1:], b"\xff\xd9"]), gone
        segment = _segment(data, at)
        at += len(segment)
        if marker == 0xE1 and orientation == 1 and segment[4:10] == b"Exif\0\0":
            orientation = exif_orientation(segment[10:])
        clean = _clean(marker, segment)
        gone += clean != segment
        out.append(clean)
        if marker == _START_OF_SCAN:
            found = _MARKER.search(data, at)
            end = found.start() if found else len(data)
            out.append(data[at:end])
            at = end
            if not found:  # cut short; what is there can still be shown
                data += b"\xff\xd9"
    raise Refused("corrupt")


def _segment(data: bytes, at: int) -> bytes:
    (length,) = struct.unpack_from(">H", data, at + 2)
    if length < 2 or at + 2 + length > len(data):
        raise Refused("corrupt")
    return data[at : at + 2 + length]


def _clean(marker: int, segment: bytes) -> bytes:
    if marker == 0xE0:  # JFIF: version, units and density stay, a thumbnail goes
        whole = segment[4:9] == b"JFIF\0" and len(segment) >= 18
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0" if whole else b""
    if marker == 0xE2 and segment[4:16] != b"ICC_PROFILE\0":
        return b""
    return segment if marker in _KEPT or marker == _START_OF_SCAN else b""


def exif_segment(orientation: int) -> bytes:
    """An Exif segment that says how to turn the picture and nothing else."""
    payload = b"Exif\0\0" + exif_write(orientation)
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
