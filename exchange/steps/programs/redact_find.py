"""What may have to go from a text: account and card numbers with their check digits, addresses, numbers, own words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from redact_text import text_of

# Length of an IBAN by country (ISO 13616 registry).
_IBAN_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_IBAN = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}
# Patterns are written so that a text can match in one way alone, and of bounded length: no page makes them slow.
_GAP = "(?:[ \n]?-[ \n]?|[ \n])?"  # what may stand between the groups of a number, a line's end included
_IBAN_START = re.compile(rf"(?<![A-Za-z0-9])(?=[A-Za-z]{_GAP}[A-Za-z]{_GAP}\d{_GAP}\d)")
_ACCOUNT = re.compile(rf"[A-Za-z0-9](?:{_GAP}[A-Za-z0-9]){{14,33}}")
_DIGITS = re.compile(rf"(?<!\d)\d(?:{_GAP}\d)+")
_CARD_LENGTHS = (
    (("34", "37"), (15,)),
    (("30", "36", "38", "39"), (14, 16, 19)),
    (("4",), (13, 16, 19)),
    (("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"), (16,)),
    (("35", "60", "62", "64", "65", "81"), (16, 17, 18, 19)),
    (("50", "56", "57", "58", "59", "61", "63", "66", "67", "68", "69"), (16, 17, 18, 19)),
)
_LABEL = "[^\\W_](?:[\\w-]{0,61}[^\\W_])?"
# A line's end may lie beside the sign and the dots, and within the name before the first dot: where renderers break.
_EMAIL = re.compile(
    rf"[\w.+%'&/=?^{{|}}~!#$*-]{{1,64}}(?:(?<=[._+-])\n[\w.+%'&-]{{1,64}})?[ ]?\n?@\n?[ ]?"
    rf"(?:{_LABEL}-?\n)?{_LABEL}(?:\n?\.\n?{_LABEL}(?:-\n{_LABEL})?){{1,10}}"
)
_PHONE = re.compile(
    r"""
    (?:
      (?:(?<!\w)\+|(?<![\w.,/-])00)[ \n]?[1-9](?:(?:[ \n]?[-/.()]{1,2}[ \n]?|[ \n])?\d){6,14}  # +49 (0) 30 123456
    | (?<![\w.,/-])\(?0[1-9]\d{0,4}\)?(?:(?:[ \n]?[-/][ \n]?|[ \n])?\d){4,10}                  # 030 / 123 456-7
    | (?<![\w.,/-])0\d(?:[ .\n-]\d\d){4}                                                       # 01 23 45 67 89
    | (?<![\w.,/-])\(?[2-9]\d\d\)?[ .\n-][2-9]\d\d[ .\n-]\d{4}                                 # (212) 555-0123
    )(?!\d)
    """.replace("[ ", "[\\ "),
    re.VERBOSE,
)
_DATE = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(\d{4}|\d\d)|\d{4}([-/.])\d\d\3\d\d")
_BREAK = "(?:-?\n)?"
_GAP_IN_WORD = "(?:-?\n| )?"
_LONG = 6  # letters of a word in which a gap can only be one of typesetting


@dataclass(frozen=True)
class Hit:
    """One thing found: of which pattern, and its characters from `start` to before `end`."""

    pattern: str
    start: int
    end: int


def _compact(text: str) -> str:
    return re.sub("[^A-Za-z0-9]", "", text).upper()


def _end_of(text: str, start: int, count: int) -> int:
    """Behind the letter or digit number `count` from `start`."""
    for at in range(start, len(text)):
        count -= text[at].isalnum()
        if not count:
            return at + 1
    return len(text)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for begin in _IBAN_START.finditer(text):
        found = _ACCOUNT.match(text, begin.start())
        plain = _compact(found[0]) if found else ""
        length = _IBAN.get(plain[:2], 0)
        if not length or len(plain) < length:
            continue
        plain = plain[:length]
        if int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1:
            yield begin.start(), _end_of(text, begin.start(), length)


def _luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card_length(digits: str) -> int:
    """How many of these are a card's number; 0 where none are."""
    for prefixes, lengths in _CARD_LENGTHS:
        if digits.startswith(prefixes):
            return next((n for n in reversed(lengths) if len(digits) >= n and _luhn(digits[:n])), 0)
    return 0


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for run in _DIGITS.finditer(text):
        places = [at for at in range(run.start(), run.end()) if text[at].isdigit()]
        digits = "".join(text[at] for at in places)
        first = 0
        while first < len(digits) - 12:
            begins = not first or places[first] > places[first - 1] + 1  # a group does
            length = _card_length(digits[first : first + 19]) if begins else 0
            if length:
                yield places[first], places[first + length - 1] + 1
            first += length or 1


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for found in _EMAIL.finditer(text):
        if not found[0].rpartition(".")[2].strip().isdigit():  # as of a price
            yield found.span()


def _phones(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _PHONE.finditer(text) if not _DATE.fullmatch(found[0]))


_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "iban": _ibans, "card": _cards, "email": _emails, "phone": _phones,
}  # fmt: skip


class Finder:
    """Looks for `patterns` (of iban, card, email, phone) and for words, in a text as redact_text.py makes it."""

    def __init__(self, patterns: list[str], words: list[str], *, any_case: bool) -> None:
        self._finders = [(name, finder) for name, finder in _FINDERS.items() if name in patterns]
        flags = re.IGNORECASE if any_case else 0
        self._words = [re.compile(_word(text_of(enumerate(word)).text), flags) for word in words]

    def find(self, text: str) -> list[Hit]:
        """Everything found. A word may lie within another hit; another number is not one of telephone."""
        hits, covered = [], bytearray(len(text))
        for name, finder in self._finders:
            found = [Hit(name, *span) for span in finder(text)]
            hits += (kept := [hit for hit in found if not all(covered[hit.start : hit.end])])
            for hit in kept:
                covered[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
        return hits + [Hit("word", *found.span()) for word in self._words for found in word.finditer(text)]


def _word(phrase: str) -> str:
    """A word or phrase; a line may end anywhere in it, with a dash or without; spaces may be missing or be many."""
    return "[ \n]*".join(_spelled(word) for word in phrase.split())


def _spelled(word: str) -> str:
    signs = [re.escape(sign) for sign in word]
    if len(signs) >= _LONG:
        return _GAP_IN_WORD.join(signs)
    return f"(?:{_BREAK.join(signs)}|{' '.join(signs)})"
