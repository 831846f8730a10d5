"""Merkle trees as RFC 9162 section 2.1 hashes them, built from the left in memory that grows with the logarithm."""

from collections.abc import Iterator

from sealpost.crypto.hkdf import sha256

HASH = 32
_LEAF, _NODE = b"\0", b"\1"


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf."""
    return sha256(_LEAF + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return sha256(_NODE + left + right)


def aligned_levels(first: int, count: int) -> Iterator[int]:
    """Levels of the fewest whole subtrees that cover the leaves [first, first + count), from left to right.

    A subtree of level k covers 2**k leaves and begins at a multiple of that.
    """
    while count:
        fits = count.bit_length() - 1
        level = min(fits, (first & -first).bit_length() - 1) if first else fits
        yield level
        first, count = first + (1 << level), count - (1 << level)


class MerkleTree:
    """The right edge of a tree of `size` leaves: roots of its whole subtrees, the largest first."""

    def __init__(self, size: int = 0, edge: bytes = b"") -> None:
        """An empty tree, or one whose `edge` was kept. ValueError where edge and size do not fit."""
        levels = list(aligned_levels(0, size))
        if len(edge) != HASH * len(levels):
            raise ValueError("an edge has one hash for every bit set in the size")
        self.size = size
        self._nodes = [(level, edge[HASH * at : HASH * (at + 1)]) for at, level in enumerate(levels)]

    def append(self, leaf: bytes) -> None:
        """Add one leaf."""
        self.add(0, leaf_hash(leaf))

    def add(self, level: int, subtree: bytes) -> None:
        """Add a whole subtree by its root. ValueError where one of this level cannot stand."""
        if self.size % (1 << level):
            raise ValueError("a subtree begins at a multiple of its size")
        self.size += 1 << level
        self._nodes.append((level, subtree))
        while len(self._nodes) > 1 and self._nodes[-1][0] == self._nodes[-2][0]:
            (level, left), (_, right) = self._nodes[-2:]
            self._nodes[-2:] = [(level + 1, node_hash(left, right))]

    def root(self) -> bytes:
        """The tree head; SHA-256 of nothing for an empty tree."""
        if not self._nodes:
            return sha256(b"")
        *lefts, (_, root) = self._nodes
        for _, left in reversed(lefts):
            root = node_hash(left, root)
        return root

    @property
    def edge(self) -> bytes:
        """What a tree of this size can be built on with: 32 bytes for every bit set in `size`."""
        return b"".join(subtree for _, subtree in self._nodes)


class Span:
    """Leaves [first, first + count) of a larger tree, as the roots of the fewest whole subtrees."""

    def __init__(self, first: int, nodes: list[bytes] | None = None, count: int = 0) -> None:
        self.first, self.count = first, count
        levels = aligned_levels(first, count)
        self._nodes = list(zip(levels, nodes or [], strict=True))

    def append(self, leaf: bytes) -> None:
        """Add the next leaf on the right."""
        self._nodes.append((0, leaf_hash(leaf)))
        self.count += 1
        end = self.first + self.count
        while len(self._nodes) > 1 and self._nodes[-1][0] == self._nodes[-2][0]:
            level = self._nodes[-1][0] + 1
            if end % (1 << level):  # the pair would not begin where a subtree of its level does
                return
            left, right = self._nodes[-2][1], self._nodes[-1][1]
            self._nodes[-2:] = [(level, node_hash(left, right))]

    @property
    def nodes(self) -> list[bytes]:
        """Roots from left to right; their levels follow from `first` and `count`."""
        return [subtree for _, subtree in self._nodes]
