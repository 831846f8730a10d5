"""The text of RTF (specification 1.9.1): groups, control words, and what of them is text."""

import codecs
import re

from protocol import Refused

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
# Groups of these hold no text of the document; `\*` says so of all that a reader does not know.
_LEFT_OUT = set(
    b"""fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf
    themedata colorschememapping datastore latentstyles listtable listoverridetable rsidtbl generator xmlnstbl
    fldinst annotation atnid atnauthor""".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"emspace": " ", b"enspace": " ", b"bullet": "•", b"lquote": "‘",
    b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip
_ESCAPED = {b"~": " ", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"{": "{", b"}": "}", b"\\": "\\"}
_DEEP = 1000
_BINARY_MOST = 1 << 30


class _Reader:
    """State of the group that is read: whether it is left out, and how many signs stand for one of Unicode."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._groups: list[tuple[bool, int]] = []
        self._left_out, self._stands_for, self._skip = False, 1, 0
        self._coding = "cp1252"
        self._bytes = bytearray()

    def group(self, bracket: bytes) -> None:
        self._flush()
        self._skip = 0
        if bracket == b"{":
            if len(self._groups) >= _DEEP:
                raise Refused("corrupt")
            self._groups.append((self._left_out, self._stands_for))
        elif self._groups:
            self._left_out, self._stands_for = self._groups.pop()

    def text(self, untrusted: bytes) -> None:
        skipped = min(self._skip, len(untrusted))
        self._skip -= skipped
        if not self._left_out:
            self._bytes += untrusted[skipped:]

    def escaped(self, sign: bytes) -> None:
        if sign == b"*":
            self._left_out = True
        elif self._skip:
            self._skip -= 1
        else:
            self._sign(_ESCAPED.get(sign, ""))

    def word(self, name: bytes, number: int | None) -> None:
        if name in _LEFT_OUT:
            self._left_out = True
        elif name == b"u" and number is not None:
            code = number % 65536
            self._sign(chr(code))
            self._skip = self._stands_for
        elif name == b"uc" and number is not None:
            self._stands_for = max(0, min(number, 10))
        elif name == b"ansicpg" and number is not None:
            self._encoding(number)
        elif name in _SIGNS:
            self._sign(_SIGNS[name])

    def _encoding(self, number: int) -> None:
        try:
            self._coding = codecs.lookup(f"cp{number}").name
        except LookupError:
            self._coding = "cp1252"

    def _sign(self, sign: str) -> None:
        self._flush()
        if not self._left_out:
            self.parts.append(sign)

    def _flush(self) -> None:
        if self._bytes:
            self.parts.append(self._bytes.decode(self._coding, "replace"))
            self._bytes.clear()

    def end(self) -> str:
        self._flush()
        joined = "".join(self.parts)  # pairs of surrogates are one sign
        return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def rtf_text(untrusted: bytes) -> str:
    """The text; Refused where it is no RTF."""
    if not untrusted.startswith(b"{\\rtf"):
        raise Refused("corrupt")
    reader, at = _Reader(), 0
    while found := _TOKEN.match(untrusted, at):
        at = found.end()
        name, number, coded, escaped, bracket, plain = found.groups()
        if name:
            value = int(number) if number else None
            if name == b"bin" and value:
                at += max(0, min(value, _BINARY_MOST))
            else:
                reader.word(name.lower(), value)
        elif coded:
            reader.text(bytes.fromhex(coded.decode()))
        elif escaped:
            reader.escaped(escaped)
        elif bracket:
            reader.group(bracket)
        elif plain:
            reader.text(plain)
    return reader.end()
