"""`.sealed` files: every alteration is refused, and what an interruption left is gone on with."""

import hashlib
import io
import os

import pytest

from sealpost.client.container import HEAD, Container, ContainerCipher, ContainerHead
from sealpost.client.errors import ContainerUnreadable
from sealpost.client.saved_file import PlainFile, SealedFile
from sealpost.crypto.kdf import PASSWORD
from sealpost.crypto.stream import SEGMENT, segment_count, segment_plaintext
from sealpost.errors import DecryptionError

pytestmark = pytest.mark.engine
KEY, SALT, KID = os.urandom(32), os.urandom(16), os.urandom(16)
DESCRIPTION = {"name": "a.pdf", "type": "application/pdf", "size": 3}


def head() -> ContainerHead:
    return ContainerHead(PASSWORD, SALT, KID, os.urandom(16))


def made(plaintext: bytes = b"abc", **changed) -> bytes:
    cipher = ContainerCipher(KEY, head(), DESCRIPTION | changed)
    return cipher.begin + cipher.segment(0, True, plaintext)


def opened(container: bytes, key: bytes = KEY) -> tuple[dict, bytes]:
    file = Container(io.BytesIO(container))
    return file.description(key), b"".join(file.content(key))


def test_it_opens_with_its_key_and_with_no_other():
    container = made()
    assert opened(container) == (DESCRIPTION, b"abc")
    assert b"a.pdf" not in container
    with pytest.raises(DecryptionError):
        opened(container, os.urandom(32))


def test_no_altered_bit_is_accepted():
    container = made()
    for at in range(len(container)):
        for bit in (1, 128):
            altered = bytearray(container)
            altered[at] ^= bit
            with pytest.raises((DecryptionError, ContainerUnreadable)):
                opened(bytes(altered))


def test_cut_short_prolonged_or_spliced_it_is_refused():
    one, other = made(), made(b"xyz", name="b.pdf")
    start = Container(io.BytesIO(one)).start
    for altered in (
        one[:-1], one[:start], one[: HEAD + 2], one[:HEAD], one[:10], b"", one + b"x", b"SEALPOST" + bytes(500),
        one[:start] + other[start:], other[:HEAD] + one[HEAD:], one[:HEAD] + other[HEAD:],
        one[:HEAD] + bytes([255] * 4) + one[HEAD + 4 :],
    ):  # fmt: skip
        with pytest.raises((DecryptionError, ContainerUnreadable)):
            opened(altered)


@pytest.mark.parametrize("size", [0, 5, SEGMENT - 56, SEGMENT - 55, 3 * SEGMENT])
@pytest.mark.parametrize("sealed", [False, True])
def test_what_an_interruption_left_is_gone_on_with_from_the_last_whole_segment(tmp_path, size, sealed):
    plaintext, path = os.urandom(size), tmp_path / "document.part"
    count, kept = segment_count(size), []

    def begin(file):
        if not sealed:
            return PlainFile(file, size)
        return SealedFile(file, size, shared_key=KEY, head=head(), description=DESCRIPTION)

    def write(saved, index: int) -> None:
        offset, length = segment_plaintext(index, size)
        saved.append(index, index == count - 1, plaintext[offset : offset + length])

    path.touch()
    for _ in range(count):
        with path.open("r+b") as file:
            saved = begin(file)
            index = min(saved.whole(), count - 1)
            kept.append(index)
            saved.cut(index)
            write(saved, index)
            file.write(b"half a segm" if index < count - 1 else b"")
    assert kept == list(range(count))
    with path.open("r+b") as file:
        assert begin(file).digest() == hashlib.sha256(plaintext).hexdigest()
    if sealed:
        assert opened(path.read_bytes()) == (DESCRIPTION, plaintext)


def test_what_was_begun_under_another_key_or_for_another_document_begins_anew(tmp_path):
    path = tmp_path / "document.part"
    path.write_bytes(made())
    for key, description in ((os.urandom(32), DESCRIPTION), (KEY, DESCRIPTION | {"size": 4})):
        with path.open("r+b") as file:
            saved = SealedFile(file, 3, shared_key=key, head=head(), description=description)
            assert saved.whole() == 0
            saved.append(0, True, b"new")
        assert opened(path.read_bytes(), key) == (description, b"new")
