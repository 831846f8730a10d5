"""Names of documents: no two alike, none too long."""

import unicodedata

NAME_MOST = 255


def shortened(name: str, most: int = NAME_MOST) -> str:
    """The name with its ending, cut in the middle of what stands before that."""
    if len(name) <= most:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        return name[:most]
    return f"{stem[: most - len(ending) - 2]}…{dot}{ending}"


class Names:
    """Gives each name once; Windows and macOS take upper and lower case for the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}
        self.changed = 0

    def free(self, name: str) -> str:
        """The name, or the same with a number before its ending."""
        name = shortened(unicodedata.normalize("NFC", name))
        chosen, stem, ending = name, *self._cut(name)
        number = self._next.get(self._key(name), 2)
        while self._key(chosen) in self._taken:
            suffix = f" ({number}){ending}"
            chosen, number = stem[: NAME_MOST - len(suffix)] + suffix, number + 1
        self._next[self._key(name)] = number
        self.changed += chosen != name
        self._taken.add(self._key(chosen))
        return chosen

    @staticmethod
    def _cut(name: str) -> tuple[str, str]:
        stem, dot, ending = name.rpartition(".")
        return (stem, dot + ending) if stem and len(ending) <= 20 else (name, "")

    @staticmethod
    def _key(name: str) -> str:
        return name.casefold()
