"""LibreOffice as a library (LibreOfficeKit), in this very process: nothing is started, so nothing may be started.

The interface is C and grows at its end alone; the places of the functions used here are those of LibreOffice 7.4.
"""

import ctypes
import json
import os
import signal
from pathlib import Path
from typing import Any

from protocol import WORK, Refused

PROGRAM = Path("/usr/lib/libreoffice/program")
_LIBRARIES = ("libsofficeapp.so", "libmergedlo.so")  # as builds differ
_PROFILE = Path(__file__).with_name("office_profile.xcu")
_LOAD, _REGISTER, _FEATURES, _PASSWORD = 4, 6, 8, 9  # of the office
_SAVE = 2  # of a document
_READING = "Language=en-GB"  # a document that says no size of paper is on A4
_PASSWORD_FEATURES = 0b11  # to be asked for a password to open, and for one to modify
_ASKED_TO_OPEN, _ASKED_TO_MODIFY = 20, 21
_WINDOW, _DIALOG = 36, 46
_FAULTS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
_Handler = ctypes.CFUNCTYPE(None, ctypes.c_int)
_Callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_KIT = ctypes.CDLL(str(next(path for name in _LIBRARIES if (path := PROGRAM / name).exists())))


@_Handler
def _fault(_number: int) -> None:
    """A signal that says that LibreOffice is broken: what was said of the document last, stands."""
    os._exit(0)


def faults_end_it() -> None:
    """From now on a crash is a quiet end; LibreOffice's own handlers would try to save the document."""
    libc = ctypes.CDLL(None)
    for number in _FAULTS:
        libc.signal(number, _fault)


def _call(thing: int, place: int, result: Any, *arguments: tuple[Any, Any]) -> Any:
    """Call the function at a place of a thing's class, which is the first pointer in it."""
    table = ctypes.cast(thing, ctypes.POINTER(ctypes.c_void_p))[0]
    address = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[place]
    function = ctypes.CFUNCTYPE(result, ctypes.c_void_p, *(kind for kind, _ in arguments))(address)
    return function(thing, *(value for _, value in arguments))


def _text(value: str) -> tuple[Any, bytes]:
    return ctypes.c_char_p, value.encode()


class Office:
    """LibreOffice with a fresh profile in /scratch, in which macros are off and links stay as they are."""

    def __init__(self) -> None:
        profile = WORK / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_bytes(_PROFILE.read_bytes())
        os.environ["SAL_USE_VCLPLUGIN"] = "svp"  # draws into memory
        hook = _KIT.libreofficekit_hook_2
        hook.restype, hook.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
        self._office = hook(str(PROGRAM).encode(), profile.as_uri().encode())
        faults_end_it()
        self._url, self._asked = b"", False
        self._answer = _Callback(self._hear)  # kept: LibreOffice calls it later
        _call(self._office, _FEATURES, None, (ctypes.c_ulonglong, _PASSWORD_FEATURES))
        _call(self._office, _REGISTER, None, (_Callback, self._answer), (ctypes.c_void_p, None))

    def _hear(self, event: int, _said: bytes | None, _data: Any) -> None:
        """Nobody knows a password: none is given, and the document stays shut or opens to be read alone.

        Any other question, as how to read what is only half a table, would wait for ever: it ends the program. The
        address is ours, because LibreOffice says another for old Word documents than the one that it knows.
        """
        if event in (_WINDOW, _DIALOG):
            os._exit(0)
        if event in (_ASKED_TO_OPEN, _ASKED_TO_MODIFY):
            self._asked |= event == _ASKED_TO_OPEN
            _call(self._office, _PASSWORD, None, (ctypes.c_char_p, self._url), (ctypes.c_char_p, None))

    def to_pdf(self, source: Path, target: Path, options: dict[str, dict[str, str]]) -> None:
        """Load a document and write it as a PDF, with options of LibreOffice's PDF filter. Refused."""
        self._url = source.as_uri().encode()
        document = _call(self._office, _LOAD, ctypes.c_void_p, (ctypes.c_char_p, self._url), _text(_READING))
        if not document:
            raise Refused("password_protected" if self._asked else "corrupt")
        writing = json.dumps(options) if options else ""
        done = _call(document, _SAVE, ctypes.c_int, _text(target.as_uri()), _text("pdf"), _text(writing))
        if not done or not target.exists():
            raise Refused("corrupt")
