"""The letters that a PDF step can write: those of Noto Sans that need no shaping."""

import unicodedata

# First and last code points; what Unicode assigns between them the font has.
_WRITABLE = (
    (0x0020, 0x03E1),  # Latin, IPA, accents, Greek
    (0x03F0, 0x052F),  # Greek symbols, Cyrillic
    (0x1C80, 0x1C88),
    (0x1D00, 0x1DF9),
    (0x1DFB, 0x2071),  # Vietnamese, old Greek, punctuation
    (0x2074, 0x208E),
    (0x2090, 0x209C),
    (0x20A0, 0x20C0),  # currencies
    (0x2100, 0x215F),
    (0x2212, 0x2212),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2E5D),
    (0xA640, 0xA69F),
    (0xA720, 0xA7CA),
    (0xAB30, 0xAB6B),
    (0xFB00, 0xFB06),
)
SAID = "can be written in Latin, Greek and Cyrillic letters, and in no others"


def _writable(letter: str) -> bool:
    return letter.isprintable() and any(first <= ord(letter) <= last for first, last in _WRITABLE)


def letters_writable(text: str) -> bool:
    """Whether all of a text can be written."""
    return all(map(_writable, unicodedata.normalize("NFC", text)))


def letters_written(text: str) -> str:
    """A text as it is written: composed, with a question mark for what cannot be."""
    return "".join(letter if _writable(letter) else "?" for letter in unicodedata.normalize("NFC", text))
