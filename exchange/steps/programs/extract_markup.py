"""Text out of XML and HTML as it is read, without a tree of it."""

import codecs
import re
from collections.abc import Iterable
from typing import Any

from lxml import etree
from protocol import Refused

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_SPACES_MOST = 1000
_TEXT_MOST = 100 << 20
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
_CHARSET_WITHIN = 4096
_BLOCK = 1 << 16


class _Words:
    """What every parser tells: text counts inside `within`, where it is told of, and outside `without`."""

    within: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    ends: dict[str, str] = {}
    starts: dict[str, str] = {}

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._in = self._out = self._size = 0

    @property
    def _shown(self) -> bool:
        return not self._out and (self._in > 0 or not self.within)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._in += tag in self.within
        self._out += tag in self.without
        self._add(self.starts.get(tag, ""))

    def end(self, tag: str) -> None:
        self._in -= tag in self.within
        self._out -= tag in self.without and self._out > 0
        self._add(self.ends.get(tag, ""))

    def data(self, text: str) -> None:
        if self._shown:
            self._add(text)

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        raise Refused("corrupt")  # entities could follow; no office writes one

    def close(self) -> None:
        pass

    def _add(self, text: str) -> None:
        if text and not self._out:
            self._size += len(text)
            if self._size > _TEXT_MOST:
                raise Refused("archive_ratio")
            self.parts.append(text)


class WordText(_Words):
    """A part of a Word file: what is written, without what was deleted."""

    within = frozenset({f"{_W}t"})
    without = frozenset(
        {f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
    )
    starts = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
    ends = {f"{_W}p": "\n"}
    _runs = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        self._runs += tag == f"{_W}r"
        if tag == f"{_W}tab" and self._runs:  # elsewhere it is a tab stop of the paragraph's layout
            self._add("\t")

    def end(self, tag: str) -> None:
        super().end(tag)
        self._runs -= tag == f"{_W}r"


class OpenText(_Words):
    """The content of an OpenDocument text, without remarks and what was deleted."""

    within = frozenset({f"{_T}p", f"{_T}h"})
    without = frozenset({f"{_OFFICE}annotation", f"{_T}tracked-changes", f"{_OFFICE}scripts"})
    starts = {f"{_T}tab": "\t", f"{_T}line-break": "\n"}
    ends = {f"{_T}p": "\n", f"{_T}h": "\n"}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if tag == f"{_T}s":
            said = attributes.get(f"{_T}c", "1")
            self._add(" " * min(int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 1, _SPACES_MOST))

    def data(self, text: str) -> None:
        super().data(re.sub(r"[ \t\r\n]+", " ", text))


class PageText(_Words):
    """A web page, without its scripts and styles."""

    without = frozenset({"script", "style", "template", "noscript", "title", "svg", "math", "select"})
    ends = dict.fromkeys(
        "p div li tr h1 h2 h3 h4 h5 h6 pre blockquote table ul ol dl dt dd section article header footer".split(), "\n"
    ) | {"td": "\t", "th": "\t"}
    starts = {"br": "\n", "hr": "\n", "p": "\n", "div": "\n", "li": "\n"}

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        pass

    def data(self, text: str) -> None:
        super().data(re.sub(r"[ \t\r\n\f]+", " ", text))


def xml_text(blocks: Iterable[bytes], words: _Words) -> str:
    """The text of one part; lxml's errors where it is broken."""
    parser = etree.XMLParser(
        target=words, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    for block in blocks:
        parser.feed(block)
    parser.close()
    return "".join(words.parts)


def _charset(untrusted: bytes) -> str:
    found = _CHARSET.search(untrusted[:_CHARSET_WITHIN])
    try:
        name = codecs.lookup(found[1].decode() if found else "utf-8")
        untrusted[:_BLOCK].decode(name.name, "replace")
    except (LookupError, UnicodeError):
        return "utf-8"
    return name.name


def html_text(untrusted: bytes) -> str:
    """The text of a web page; lines that are empty beside each other become one."""
    words: Any = PageText()
    coding = next((c for mark, c in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
                   if untrusted.startswith(mark)), "") or _charset(untrusted)  # fmt: skip
    text = untrusted.decode(coding, "replace").removeprefix("\ufeff").replace("\0", "")
    parser = etree.HTMLParser(target=words, encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    coded = text.encode("utf-8", "replace")
    try:
        for at in range(0, len(coded), _BLOCK):
            parser.feed(coded[at : at + _BLOCK])
        if coded:
            parser.close()
    except etree.LxmlError:
        raise Refused("corrupt") from None
    lines = [line.strip() for line in "".join(words.parts).replace("\xa0", " ").split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines))
