"""The files of a ZIP archive.

The archive lies whole in the memory file system and is read by its central directory. A streaming reader would follow
the headers between the files instead: it would unpack what the directory no longer lists, and could not know a link,
an overlap or the number of files before it had given half of them away. What the directory says is what every other
program shows; where a header before a file says something else, the archive is refused. Of no file more is read than
the directory announces, so that its sums can be judged before the first byte is unpacked.
"""

import errno
import lzma
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import pyzipper
from archive_check import archive_check, inner_archive
from archive_names import Names
from archive_paths import document_name, entry_path, left_out
from parts import PartWriter, run_split
from protocol import WORK, Control, Refused

_BLOCK = 1 << 18
_BROKEN = (
    pyzipper.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, IndexError, ValueError, OverflowError, OSError,
    struct.error,
)  # fmt: skip


class Unpacking:
    """One archive and the password it is read with."""

    def __init__(self, archive: pyzipper.AESZipFile, password: str | None) -> None:
        self._archive, self._password = archive, password.encode() if password else None
        self._opened = False  # whether the password has opened a file of this archive

    def unpack(self, entry: pyzipper.ZipInfo, target: Path) -> None:
        """One file. Refused `password_protected`, `password_wrong`, `corrupt`, `unsupported`."""
        protected = bool(entry.flag_bits & 1)
        if protected and self._password is None:
            raise Refused("password_protected")
        try:
            with (
                self._archive.open(entry, pwd=self._password if protected else None) as content,
                target.open("wb") as file,
            ):
                shutil.copyfileobj(content, file, _BLOCK)
                if file.tell() != entry.file_size:  # less than announced; the library checks no sum then
                    raise pyzipper.BadZipFile
        except NotImplementedError:
            raise Refused("unsupported") from None
        except RuntimeError:  # what the library says of a password
            raise Refused("password_wrong" if protected else "corrupt") from None
        except _BROKEN as error:
            _room(error)
            # ZipCrypto lets one wrong password in 256 pass and shows by the content alone that it was wrong.
            guessed = protected and not self._opened and entry.wz_aes_version is None
            raise Refused("password_wrong" if guessed else "corrupt") from None
        self._opened |= protected


def _room(error: Exception) -> None:
    """Raise the error again where room is what is missing."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EFBIG, errno.ENOMEM}:
        raise error


def _opened(source: Path) -> pyzipper.AESZipFile:
    try:
        return pyzipper.AESZipFile(source)
    except NotImplementedError:
        raise Refused("unsupported") from None
    except (*_BROKEN, RuntimeError) as error:
        _room(error)
        raise Refused("corrupt") from None


def unpack(source: Path, writer: PartWriter, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of files, of those left out, and of those that were renamed because another had the name."""
    names, target = Names(), WORK / "unpacked"
    with _opened(source) as archive:
        archive_check(archive.infolist(), source, archive.start_dir)
        files = [(entry, path) for entry in archive.infolist() if not (path := entry_path(entry)).endswith("/")]
        wanted = [(entry, path) for entry, path in files if not left_out(path)]
        if not wanted:
            raise Refused("document_empty")
        unpacking = Unpacking(archive, arguments["password"])
        for done, (entry, path) in enumerate(wanted, 1):
            unpacking.unpack(entry, target)
            if inner_archive(target):
                raise Refused("archive_nested")
            with target.open("rb") as content:
                writer.add(names.free(document_name(path, folders=arguments["folders"] == "keep")), content)
            control.progress(done, len(wanted))
    return {"files": writer.count, "left_out": len(files) - len(wanted), "renamed": names.changed}


if __name__ == "__main__":
    run_split(unpack)
