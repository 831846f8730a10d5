"""Whatever is altered, cut, swapped, appended or bound to something else is refused, with the one error."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealpost.crypto import stream
from sealpost.crypto.encoding import EncodingInvalid, b64u_decode, b64u_encode
from sealpost.crypto.hpke import hpke_open, hpke_seal, key_pair_new
from sealpost.crypto.wrap import unwrap, wrap
from sealpost.errors import DecryptionError

pytestmark = pytest.mark.engine

KEY, AAD = bytes(range(32)), b"aad"
PLAINTEXT = os.urandom(2_200_000)
SEALED = stream.seal(KEY, PLAINTEXT, aad=AAD)


def refused(sealed: bytes, *, key: bytes = KEY, aad: bytes = AAD) -> None:
    with pytest.raises(DecryptionError) as error:
        stream.open(key, sealed, aad=aad)
    assert error.value.args == DecryptionError().args  # it says nothing of the cause
    assert error.value.__cause__ is None


@pytest.mark.parametrize("bit", range(40 * 8))
def test_every_bit_of_the_header(bit):
    altered = bytearray(stream.seal(KEY, b"short", aad=AAD))
    altered[bit >> 3] ^= 1 << (bit & 7)
    refused(bytes(altered))


@pytest.mark.parametrize("near", [0, 1, 39, 40, 41, 55, 56, 57, 1 << 20, 2 << 20, len(SEALED)])
@pytest.mark.parametrize("by", [-1, 0, 1])
def test_every_truncation_near_a_border(near, by):
    cut = near + by
    if 0 <= cut < len(SEALED):
        refused(SEALED[:cut])


def test_every_truncation_of_a_short_stream():
    sealed = stream.seal(KEY, bytes(100), aad=AAD)
    for cut in range(len(sealed)):
        refused(sealed[:cut])


@given(st.integers(0, len(SEALED) - 1))
def test_any_truncation(cut):
    refused(SEALED[:cut])


def test_appending_swapping_repeating_and_leaving_out_segments():
    first, second, third = SEALED[: 1 << 20], SEALED[1 << 20 : 2 << 20], SEALED[2 << 20 :]
    assert first + second + third == SEALED
    for altered in (
        SEALED + b"\0",
        SEALED + third,
        first + third,
        first + second,
        first + second + second,
        first + second + second + third,
        second + first + third,
        first[:40] + second + third,
        stream.seal(KEY, PLAINTEXT, aad=AAD)[:40] + SEALED[40:],
    ):
        refused(altered)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_any_bit(bit):
    altered = bytearray(SEALED)
    altered[bit >> 3] ^= 1 << (bit & 7)
    refused(bytes(altered))


def test_another_key_or_aad():
    refused(SEALED, aad=b"another")
    refused(SEALED, aad=b"")
    refused(SEALED, key=bytes(32))


def test_nothing_of_a_cut_stream_is_taken_for_the_whole():
    """The iteration gives what it has opened and then says that it is not the whole."""
    opened = []
    with pytest.raises(DecryptionError):
        opened.extend(stream.open_stream(KEY, [SEALED[: 2 << 20]], aad=AAD))
    assert sum(map(len, opened)) < len(PLAINTEXT)


def test_every_bit_of_a_wrapped_key():
    wrapped = wrap(KEY, bytes(32), version=3, aad=AAD)
    assert len(wrapped) == 117
    for bit in range(len(wrapped) * 8):
        altered = bytearray(wrapped)
        altered[bit >> 3] ^= 1 << (bit & 7)
        with pytest.raises(DecryptionError):
            unwrap(KEY, bytes(altered), aad=AAD)
    for changed in ({"aad": b"x"}, {"key": bytes(32)}):
        with pytest.raises(DecryptionError):
            unwrap(changed.get("key", KEY), wrapped, aad=changed.get("aad", AAD))
    for cut in range(len(wrapped)):
        with pytest.raises(DecryptionError):
            unwrap(KEY, wrapped[:cut], aad=AAD)


def test_hpke_of_another_key_or_purpose():
    private, public = key_pair_new()
    sealed = hpke_seal(public, b"bundle", info=b"info")
    for altered in (
        sealed[:-1],
        sealed + b"\0",
        sealed[:31],
        b"",
        bytes(32) + sealed[32:],
        bytes([sealed[0] ^ 1]) + sealed[1:],
    ):
        with pytest.raises(DecryptionError):
            hpke_open(private, altered, info=b"info")
    with pytest.raises(DecryptionError):
        hpke_open(private, sealed, info=b"other")
    with pytest.raises(DecryptionError):
        hpke_open(key_pair_new()[0], sealed, info=b"info")


@given(st.binary(max_size=70))
def test_base64url_goes_there_and_back_and_nothing_else_is_taken(data):
    text = b64u_encode(data)
    assert b64u_decode(text, len(data)) == data
    for other in (text + "=", text + "\n", " " + text, text + "A" * (1 if len(text) % 4 == 0 else 4), "+" + text):
        with pytest.raises(EncodingInvalid):
            b64u_decode(other, len(data))


def test_javascript_refuses_the_same(javascript):
    from tests.sealpost.conftest import Refused

    for altered in (SEALED[:-1], SEALED[: 2 << 20], SEALED + b"\0", SEALED[: 1 << 20] + SEALED[2 << 20 :]):
        with pytest.raises(Refused, match="decryption_failed"):
            javascript("streamOpen", key=KEY, sealed=altered, aad=AAD)
    private, public = key_pair_new()
    sealed = hpke_seal(public, b"bundle", info=b"info")
    with pytest.raises(Refused, match="decryption_failed"):
        javascript("hpkeOpen", privateKey=private, sealed=sealed[:-1], info=b"info")
