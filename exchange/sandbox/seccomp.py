"""The system calls that a sandboxed program may not make, as a classic BPF program for `bwrap --seccomp`.

A list of what is forbidden and not of what is allowed: the programs are Python with C++ libraries, whose calls change
with every release; namespaces already take network, files and other processes away. This takes the kernel's rarely
needed and often attacked doors, new processes among them, so that one program cannot become many. Programs that start
others (LibreOffice, tesseract) may have new processes, of a number that a limit bounds, but no new namespaces.
"""

import os
import platform
import struct

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080
_FORKS = {"x86_64": {57, 58}, "aarch64": set()}
_CLONE3 = 435
_X32 = 0x40000000  # the same calls under other numbers on x86-64; no such number elsewhere
_FORBIDDEN_ALIKE = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442]
_TABLES = {
    "x86_64": (
        0xC000003E,
        56,
        """
        41 57 58 101 103 134 135 154 155 156 161 163 164 165 166 167 168 169 170 171 172 173 174 175 176 179
        180 212 220 237 238 239 246 248 249 250 256 272 279 298 300 304 308 310 311 313 320 321 323
        """,
    ),
    "aarch64": (
        0xC00000B7,
        220,
        """
        198 39 40 41 51 89 92 97 104 105 106 116 117 142 161 162 170 217 218 219 224 225 235 236 237 238 239
        241 262 265 268 270 271 273 280 282 294
        """,
    ),
}


def _op(code: int, true: int, false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, true, false, value)


def seccomp_filter(*, processes: bool = False) -> bytes:
    """The BPF program for this machine's architecture; KeyError where there is no table for it."""
    architecture, clone, forbidden = _TABLES[platform.machine()]
    allowed = _FORKS[platform.machine()] if processes else set()
    deny = _op(_RETURN, 0, 0, _ERRNO | _EPERM)
    program = [
        _op(_LOAD, 0, 0, _ARCHITECTURE),
        _op(_JUMP_EQUAL, 1, 0, architecture),
        _op(_RETURN, 0, 0, _KILL),
        _op(_LOAD, 0, 0, _NUMBER),
        _op(_JUMP_FROM, 0, 1, _X32),
        _op(_RETURN, 0, 0, _KILL),
        _op(_JUMP_EQUAL, 0, 1, _CLONE3),  # glibc falls back to clone, whose flags a filter can read
        _op(_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    for number in [*map(int, forbidden.split()), *_FORBIDDEN_ALIKE]:
        if number not in allowed:
            program += [_op(_JUMP_EQUAL, 0, 1, number), deny]
    flags, true, false = (_CLONE_NAMESPACES, 0, 1) if processes else (_CLONE_THREAD, 1, 0)
    program += [
        _op(_JUMP_EQUAL, 0, 3, clone),
        _op(_LOAD, 0, 0, _FIRST_ARGUMENT),
        _op(_JUMP_SET, true, false, flags),
        deny,
        _op(_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(program)


def seccomp_descriptor(*, processes: bool = False) -> int:
    """A pipe's reading end that holds the filter; the caller closes it."""
    read, write = os.pipe()
    os.write(write, seccomp_filter(processes=processes))
    os.close(write)
    return read
