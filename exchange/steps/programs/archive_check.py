"""Whether an archive may be unpacked: judged by its directory and its headers, before anything is."""

import stat
import struct
from pathlib import Path
from typing import Any, BinaryIO

from archive_paths import entry_path
from protocol import Refused

ENTRIES_MOST = 10_000
RATIO_MOST, RATIO_FREE = 100, 1 << 20
_LOCAL = struct.Struct("<4s5H3I2H")
_MAGIC = b"PK\x03\x04"
_DESCRIPTOR = 0x8
_LATER = 0xFFFFFFFF
_REPARSE_POINT = 0x400
_EDGE, _SUFFIX = 8192, 1 << 16
_TAR_AT = 257
# First bytes of archives: ZIP, 7z, RAR, gzip, bzip2, xz, zstd, cabinet, ARJ, compress, cpio/ar, LHA is by its method.
_ARCHIVES = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh",
    b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"MSCF\0\0\0\0", b"\x60\xea", b"\x1f\x9d", b"070701", b"!<arch>\n",
)  # fmt: skip
_ISO_AT, _ISO = 0x8001, b"CD001"
_PACKAGE = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/")  # an Office document, which is no archive


def archive_check(entries: list[Any], source: Path, directory: int) -> None:
    """Number, sizes, kinds, names, and that no byte belongs to two entries; `directory` is where the directory begins.

    Refused `archive_entries`, `archive_ratio`, `archive_link`, `archive_path`, `corrupt`. How much may come
    out is the sandbox's own limit.
    """
    if len(entries) > ENTRIES_MOST:
        raise Refused("archive_entries")
    paths = [entry_path(entry) for entry in entries]
    if len(set(paths)) != len(paths):  # programs disagree on which of two counts
        raise Refused("corrupt")
    for entry in entries:
        _kind_check(entry)
    _sizes_check(entries, source.stat().st_size)
    with source.open("rb") as file:
        _spans_check(entries, file, directory)


def _kind_check(entry: Any) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or entry.external_attr & _REPARSE_POINT:
        raise Refused("archive_link")


def _sizes_check(entries: list[Any], size: int) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > max(RATIO_FREE, RATIO_MOST * size):
        raise Refused("archive_ratio")
    if any(entry.file_size > max(RATIO_FREE, RATIO_MOST * entry.compress_size) for entry in entries):
        raise Refused("archive_ratio")


def _spans_check(entries: list[Any], file: BinaryIO, directory: int) -> None:
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("archive_ratio")
        end = _header_end(entry, file) + entry.compress_size
    if end > directory:
        raise Refused("archive_ratio")


def _header_end(entry: Any, file: BinaryIO) -> int:
    """Where a file's content begins, when the header before it says what the directory says."""
    if entry.header_offset < 0:
        raise Refused("corrupt")
    file.seek(entry.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise Refused("corrupt")
    magic, _, flags, method, _, _, _, packed, size, name, extra = _LOCAL.unpack(header)
    if magic != _MAGIC or (flags ^ entry.flag_bits) & 1 or method not in {entry.compress_type, 99}:
        raise Refused("corrupt")
    told = [(packed, entry.compress_size), (size, entry.file_size)]
    if not flags & _DESCRIPTOR and any(one not in {other, _LATER} for one, other in told):
        raise Refused("corrupt")
    return int(entry.header_offset + _LOCAL.size + name + extra)


def inner_archive(untrusted: Path) -> bool:
    """Whether a file that was unpacked is an archive itself; Office documents are none."""
    with untrusted.open("rb") as file:
        prefix = file.read(_EDGE)
        if prefix[_TAR_AT : _TAR_AT + 5] == b"ustar":
            return True
        file.seek(_ISO_AT)
        if file.read(len(_ISO)) == _ISO:
            return True
        if not prefix.startswith(_ARCHIVES) and prefix[2:5] != b"-lh":
            return False
        file.seek(max(0, untrusted.stat().st_size - _SUFFIX))
        ends = prefix + file.read(_SUFFIX)
    return not (prefix.startswith(_MAGIC) and any(mark in ends for mark in _PACKAGE))
