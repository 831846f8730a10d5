"""Metadata of JPEG, PNG, WebP and TIFF: whole segments, chunks and entries go, no pixel is touched."""

import struct
import zlib
from pathlib import Path

from exif import exif_orientation, exif_write
from protocol import Refused
from scrub_jpeg import jpeg_scrub
from scrub_tiff import tiff_scrub

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
             b"pHYs", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI"}  # fmt: skip
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(data: bytes) -> tuple[bytes, int]:
    out, at, gone = [_PNG], 8, 0
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        if kind in _PNG_KEPT:
            out.append(data[at:end])
        else:
            gone += 1
        if kind == b"eXIf" and (orientation := exif_orientation(data[at + 8 : end - 4])) != 1:
            out.append(_png_chunk(b"eXIf", exif_write(orientation)))
        if kind == b"IEND":
            return b"".join(out), gone + (end < len(data))
        at = end
    raise Refused("corrupt")


def _webp(data: bytes) -> tuple[bytes, int]:
    out: list[bytearray] = []
    at, gone, orientation = 12, 0, 1
    end = min(len(data), 8 + int(struct.unpack_from("<I", data, 4)[0]))
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        chunk = bytearray(data[at : at + 8 + length + (length & 1)])
        if len(chunk) < 8 + length:
            raise Refused("corrupt")
        if kind in _WEBP_KEPT:
            out.append(chunk)
        else:
            gone += 1
        if kind == b"EXIF":
            orientation = exif_orientation(bytes(chunk[8:]).removeprefix(b"Exif\0\0"))
        at += len(chunk)
    if not out:
        raise Refused("corrupt")
    if out[0][:4] == b"VP8X":
        out[0][8] &= ~(_WEBP_EXIF | _WEBP_XMP)
        if orientation != 1:
            out[0][8] |= _WEBP_EXIF
            exif = exif_write(orientation)
            out.append(bytearray(b"EXIF" + struct.pack("<I", len(exif)) + exif))
    body = b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, gone + (end < len(data))


def picture_clean(data: bytes) -> tuple[bytes, int]:
    """A picture without its metadata, and how many pieces went. Refused `corrupt` or `unsupported`."""
    try:
        if data[:3] == b"\xff\xd8\xff":
            return jpeg_scrub(data)
        if data[:8] == _PNG:
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:4] in {b"II*\0", b"MM\0*"} or data[:4] in {b"II+\0", b"MM\0+"}:
            return tiff_scrub(data)
    except (struct.error, IndexError):
        raise Refused("corrupt") from None
    raise Refused("unsupported")


def picture_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts the segments, chunks and entries that went."""
    clean, gone = picture_clean(source.read_bytes())
    target.write_bytes(clean)
    return {"metadata": gone}
