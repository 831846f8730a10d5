"""Metadata of JPEG, PNG and WebP: whole segments and chunks go, no pixel is touched."""

import struct
from pathlib import Path

from protocol import Refused

_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs",
             b"acTL", b"fcTL", b"fdAT", b"cICP"}  # fmt: skip
_WEBP_GONE = {b"EXIF", b"XMP "}
_JPEG_GONE = {0xE1, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEF, 0xFE}
_ORIENTATION = 0x0112


def _orientation(exif: bytes) -> int:
    """The Orientation tag of an Exif segment's payload, 1 when it says none."""
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if exif[:6] != b"Exif\0\0" or order is None or len(tiff) < 8:
        return 1
    (at,) = struct.unpack_from(order + "I", tiff, 4)
    if at + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, at)
    for entry in range(at + 2, min(at + 2 + 12 * count, len(tiff) - 11), 12):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else 1
    return 1


def _exif_minimal(orientation: int) -> bytes:
    """An Exif segment that says how to turn the picture and nothing else."""
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    payload = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def _jpeg(data: bytes) -> tuple[bytes, int]:
    out, at, gone, orientation = [data[:2]], 2, 0, 1
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise Refused("corrupt")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xDA:
            head = _exif_minimal(orientation) if orientation != 1 else b""
            end = data.rfind(b"\xff\xd9")
            tail = data[at : end + 2] if end > at else data[at:]
            return b"".join([out[0], head, *out[1:], tail]), gone
        segment = data[at : at + 2 + length]
        if marker in _JPEG_GONE:
            orientation = _orientation(segment[4:]) if marker == 0xE1 and orientation == 1 else orientation
            gone += 1
        else:
            out.append(segment)
        at += 2 + length
    raise Refused("corrupt")


def _png(data: bytes) -> tuple[bytes, int]:
    out, at, gone = [data[:8]], 8, 0
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if kind in _PNG_KEPT:
            out.append(chunk)
        else:
            gone += 1
        if kind == b"IEND":
            return b"".join(out), gone
        at += 12 + length
    raise Refused("corrupt")


def _webp(data: bytes) -> tuple[bytes, int]:
    out, at, gone = [], 12, 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        padded = length + (length & 1)
        chunk = bytearray(data[at : at + 8 + padded])
        if len(chunk) < 8 + length:
            raise Refused("corrupt")
        if kind in _WEBP_GONE:
            gone += 1
        else:
            if kind == b"VP8X":
                chunk[8] &= ~0x0C  # no Exif, no XMP any more
            out.append(bytes(chunk))
        at += 8 + padded
    body = b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, gone


def picture_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts the segments and chunks that went."""
    data = source.read_bytes()
    try:
        if data[:3] == b"\xff\xd8\xff":
            clean, gone = _jpeg(data)
        elif data[:8] == b"\x89PNG\r\n\x1a\n":
            clean, gone = _png(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            clean, gone = _webp(data)
        else:
            raise Refused("unsupported")
    except (struct.error, IndexError):
        raise Refused("corrupt") from None
    target.write_bytes(clean)
    return {"metadata": gone}
