"""All documents in one archive."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyzipper
from archive_names import Names
from parts import Part, run_join
from protocol import Control

_BLOCK = 1 << 18
_MOMENT = (1980, 1, 1, 0, 0, 0)  # when a document was packed is nobody's business
_FILE = 0o100600 << 16
# What compression makes no smaller, by the beginning of its type or the ending of its name.
_PACKED_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/gif", "audio/mp", "video/",
                 "application/zip", "application/gzip", "application/x-7z", "application/x-xz", "application/x-bzip2",
                 "application/zstd", "application/vnd.rar", "application/vnd.openxmlformats-officedocument.",
                 "application/vnd.oasis.opendocument.", "application/epub+zip")  # fmt: skip
_PACKED_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif", ".mp3", ".m4a", ".mp4", ".mov", ".zip", ".gz",
                   ".7z", ".xz", ".bz2", ".zst", ".rar", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub",
                   ".sealed")  # fmt: skip


def _method(part: Part) -> int:
    packed = part.media_type.startswith(_PACKED_TYPES) or part.name.lower().endswith(_PACKED_ENDINGS)
    return int(pyzipper.ZIP_STORED if packed else pyzipper.ZIP_DEFLATED)


def _archive(target: Path, password: str | None) -> pyzipper.AESZipFile:
    archive = pyzipper.AESZipFile(target, "w", encryption=pyzipper.WZ_AES if password else None)
    if password:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
    return archive


def _emptied(parts: list[Part]) -> Iterator[Part]:
    """Each document, which is removed when it is packed: memory holds no document twice."""
    for part in parts:
        yield part
        part.path.unlink()


def pack(parts: list[Part], target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of the documents packed, and of those that were renamed because another had the name."""
    names, password = Names(), arguments["password"]
    with _archive(target, password) as archive:
        for done, part in enumerate(_emptied(parts), 1):
            entry = archive.zipinfo_cls(names.free(part.name.replace("/", "_").replace("\\", "_")), date_time=_MOMENT)
            entry.compress_type, entry.external_attr, entry.create_system = _method(part), _FILE, 3
            entry.file_size = part.path.stat().st_size
            with part.path.open("rb") as content, archive.open(entry, "w") as packed:
                shutil.copyfileobj(content, packed, _BLOCK)
            control.progress(done, len(parts))
    return {"documents": len(parts), "renamed": names.changed}


if __name__ == "__main__":
    run_join(pack)
