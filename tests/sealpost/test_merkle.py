"""Merkle trees against the published heads of Certificate Transparency, and against the definition of RFC 9162."""

import pytest

from sealpost.crypto.hkdf import sha256
from sealpost.crypto.merkle import MerkleTree, Span, aligned_levels, leaf_hash, node_hash

pytestmark = pytest.mark.engine

# The reference inputs of the Certificate Transparency project and the tree heads that go with them.
_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_HEADS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def head(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, as it is written."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(head(leaves[:split]), head(leaves[split:]))


def tree_of(leaves: list[bytes]) -> MerkleTree:
    tree = MerkleTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_published_heads(size):
    assert tree_of([bytes.fromhex(leaf) for leaf in _LEAVES[:size]]).root().hex() == _HEADS[size]


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 1000])
def test_every_size_is_as_the_rfc_defines_it(size):
    assert tree_of(numbered(size)).root() == head(numbered(size))


def test_a_kept_edge_goes_on_as_if_it_had_never_stopped():
    for size in range(40):
        begun = tree_of(numbered(size))
        again = MerkleTree(size, begun.edge)
        assert again.root() == begun.root()
        for leaf in numbered(50)[size:]:
            again.append(leaf)
        assert again.root() == head(numbered(50))


@pytest.mark.parametrize(("size", "edge"), [(3, bytes(32)), (4, bytes(64)), (0, bytes(32)), (1, bytes(31))])
def test_an_edge_of_another_size_is_refused(size, edge):
    with pytest.raises(ValueError, match="edge"):
        MerkleTree(size, edge)


def test_left_out_spans_keep_the_head():
    """Whatever run of leaves is left out, its few hashes stand in for it."""
    leaves = numbered(37)
    for first in range(37):
        for last in range(first, 37):
            span = Span(first)
            for leaf in leaves[first : last + 1]:
                span.append(leaf)
            levels = list(aligned_levels(first, last - first + 1))
            assert (len(levels), span.count) == (len(span.nodes), last - first + 1)
            tree = tree_of(leaves[:first])
            for level, node in zip(levels, span.nodes, strict=True):
                tree.add(level, node)
            for leaf in leaves[last + 1 :]:
                tree.append(leaf)
            assert tree.root() == head(leaves)


def test_a_span_goes_on_from_the_edge_of_a_tree():
    span = Span(0, [tree_of(numbered(13)).edge[at : at + 32] for at in range(0, 96, 32)], 13)
    for leaf in numbered(20)[13:]:
        span.append(leaf)
    assert b"".join(span.nodes) == tree_of(numbered(20)).edge


def test_a_subtree_stands_at_a_multiple_of_its_size_only():
    with pytest.raises(ValueError, match="multiple"):
        tree_of(numbered(3)).add(1, bytes(32))
