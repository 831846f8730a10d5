"""The text of a page as one string in which things are looked for, and where each of its characters comes from."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

BREAK, SPACE = "\n", " "
_DROPPED = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\x00", "\u2061"}
_ACCENTS = set("¨´¸¯˘˙˚˛˜˝ˇˉ")  # beside their letters, as TeX draws them
_DASHES = dict.fromkeys("‐‑‒–—−﹣－", "-")
_DASHES_AT_END = "\x02\ufffe"  # what pdfium makes of a dash and the line's end behind it


@dataclass
class Text:
    """`text[i]` stands for the source's character or word number `origin[i]`."""

    text: str = ""
    origin: list[int] = field(default_factory=list)


def folded(sign: str) -> str:
    """A character as it is looked for: ligatures apart, without accents, one kind of dash, of space and of width."""
    if sign in _DROPPED or sign in _ACCENTS:
        return ""
    if sign in _DASHES_AT_END:
        return "-" + BREAK
    if sign in _DASHES:
        return "-"
    if sign in "\r\n\u2028\u2029\x0b\x0c":
        return BREAK
    if sign.isspace():
        return SPACE
    plain = unicodedata.normalize("NFKD", sign)
    return "".join(_DASHES.get(one, one) for one in plain if one not in _DROPPED and not unicodedata.combining(one))


def text_of(signs: Iterable[tuple[int, str]]) -> Text:
    """Of characters or words with their numbers; breaks and spaces in a row become one, a break before a space."""
    parts: list[str] = []
    made = Text()
    for number, sign in signs:
        for one in "".join(folded(each) for each in sign):
            if parts and one in (BREAK, SPACE) and parts[-1] in (BREAK, SPACE):
                parts[-1] = BREAK if BREAK in (one, parts[-1]) else SPACE
                continue
            parts.append(one)
            made.origin.append(number)
    made.text = "".join(parts)
    return made
