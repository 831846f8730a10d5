"""Uploads in parts: what is refused, by which code, and that nothing is lost by it."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone
from django_scopes import scopes_disabled

from exchange import services
from exchange.models import Upload, UploadPart
from sealpost.crypto.stream import SEGMENT, segment_count
from sealpost.protocol.content import PART, object_key
from tests.exchange.desk import Body
from tests.refusal import refused

SIZES = [0, 1, SEGMENT - 56, SEGMENT - 55, PART - 40 - 8 * 16, PART - 40 - 8 * 16 + 1, 2 * PART + 5]


def noise(size: int) -> bytes:
    return (hashlib.sha256(str(size).encode()).digest() * (size // 32 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_uploaded_in_any_order_is_delivered_to_the_byte(ana, ben, size):
    plaintext = noise(size)
    sealed = ana.begin(plaintext)
    for number in reversed(sealed.parts):
        ana.put(sealed, number)
    shown = services.upload_complete(peer=ana.peer, upload_id=sealed.upload)
    assert (shown["state"], shown["stored"]) == ("complete", list(sealed.parts))
    message = ana.send(to=[ben], uploads=[sealed.upload])
    assert ana.work(message)["job"]["state"] == "done"
    assert ben.read(ben.received(message)["documents"][0]) == plaintext


def test_the_upload_says_which_parts_are_there(ana):
    sealed = ana.begin(noise(2 * PART))
    ana.put(sealed, 2)
    shown = services.upload_show(peer=ana.peer, upload_id=sealed.upload)
    assert (shown["parts"], shown["stored"], shown["part_size"], shown["state"]) == (3, [2], PART, "open")


def test_the_same_part_again_does_no_harm_and_other_bytes_for_it_are_refused(ana):
    sealed = ana.begin(noise(100))
    ana.put(sealed, 0)
    ana.put(sealed, 0)
    other = ana.begin(noise(101))
    with refused("upload_part_length"):
        ana.put(sealed, 0, other.part(0))
    same_length = ana.begin(noise(100)[::-1])
    with refused("upload_part_conflict"):
        ana.put(sealed, 0, same_length.part(0))
    assert services.upload_show(peer=ana.peer, upload_id=sealed.upload)["stored"] == [0]


@pytest.mark.parametrize("number", [-1, 1, 2**31])
def test_a_part_out_of_range(ana, number):
    sealed = ana.begin(noise(100))
    with refused("upload_part_out_of_range") as refusal:
        services.upload_part_store(
            peer=ana.peer, upload_id=sealed.upload, number=number, body=Body(sealed.content), length=None
        )
    assert refusal.error.members == {"parts": 1}


@pytest.mark.parametrize("at", [0, 1, 39, 40, 60, -16, -1])
def test_an_altered_part_is_refused_and_nothing_of_it_stored(ana, at):
    sealed = ana.begin(noise(1000))
    altered = bytearray(sealed.content)
    altered[at] ^= 1
    with refused("upload_part_refused"):
        ana.put(sealed, 0, bytes(altered))
    assert services.upload_show(peer=ana.peer, upload_id=sealed.upload)["stored"] == []
    ana.put(sealed, 0)


def test_parts_of_another_place_are_refused(ana):
    sealed = ana.begin(noise(3 * PART))
    with refused("upload_part_refused"):
        ana.put(sealed, 1, sealed.part(2)[:PART].ljust(PART, b"\0")[:PART])
    with refused("upload_part_refused"):
        ana.put(sealed, 2 - 1, sealed.part(0))


def test_a_stream_that_goes_on_behind_its_announced_end_is_refused(ana):
    """Its last segment is not sealed as the last one, whatever the size says."""
    sealed = ana.begin(noise(SEGMENT - 55), size=SEGMENT - 56)
    with refused("upload_part_refused"):
        ana.put(sealed, 0, sealed.content[:SEGMENT])
    with refused("upload_part_missing"):
        services.upload_complete(peer=ana.peer, upload_id=sealed.upload)


def test_a_stream_that_ends_before_its_announced_end_is_refused(ana):
    sealed = ana.begin(noise(SEGMENT - 56), size=SEGMENT - 55)
    with refused("upload_part_refused"):
        ana.put(sealed, 0, sealed.content + bytes(17))
    assert services.upload_show(peer=ana.peer, upload_id=sealed.upload)["stored"] == []


@pytest.mark.parametrize(
    ("content", "length"), [(b"", None), (b"x" * 10, 10), (b"x" * 1057, None), (b"x" * 1056, 1057)]
)
def test_a_part_of_another_length(ana, content, length):
    sealed = ana.begin(noise(1000))
    with refused("upload_part_length") as refusal:
        services.upload_part_store(peer=ana.peer, upload_id=sealed.upload, number=0, body=Body(content), length=length)
    assert refusal.error.members == {"expected": 1056}


def test_complete_with_parts_missing_names_them(ana):
    sealed = ana.begin(noise(3 * PART))
    ana.put(sealed, 1)
    with refused("upload_part_missing") as refusal:
        services.upload_complete(peer=ana.peer, upload_id=sealed.upload)
    assert refusal.error.members == {"missing": [0, 2, 3]}
    for number in (0, 2, 3):
        ana.put(sealed, number)
    for _ in range(2):
        assert services.upload_complete(peer=ana.peer, upload_id=sealed.upload)["state"] == "complete"
    with refused("upload_complete"):
        ana.put(sealed, 0)


def test_over_the_limit_is_told_before_any_part(ana):
    with refused("upload_too_large") as refusal:
        ana.begin(b"", size=settings.SEALPOST_UPLOAD_MAX + 1)
    assert refusal.error.members == {"limit": settings.SEALPOST_UPLOAD_MAX}
    with scopes_disabled():
        assert not Upload.objects.exists()


def test_a_disk_without_room_is_told_before_any_part(ana, settings):
    settings.SEALPOST_UPLOAD_MAX = 1 << 60
    with refused("storage_full"):
        ana.begin(b"", size=1 << 55)


def test_a_transfer_id_serves_once_even_after_it_was_discarded(ana):
    transfer = uuid4()
    key = object_key(ana.peer.shared_key, direction="up", transfer=transfer, kid=ana.peer.kid, document=transfer)
    sealed = ana.begin(b"x", transfer=transfer, commitment=key.commitment)
    services.upload_discard(peer=ana.peer, upload_id=sealed.upload)
    with refused("transfer_used"):
        ana.begin(b"x", transfer=transfer, commitment=key.commitment)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kid": bytes(16)}, "upload_key_retired"),
        ({"commitment": bytes(32)}, "header_malformed"),
        ({"header": bytes(40)}, "header_malformed"),
    ],
)
def test_what_an_upload_must_say(ana, changed, code):
    with refused(code):
        ana.begin(b"x", **changed)


def test_a_discarded_upload_leaves_no_bytes_behind(ana, django_capture_on_commit_callbacks):
    sealed = ana.begin(noise(PART))
    ana.put(sealed, 0)
    with scopes_disabled():
        stored = Upload.objects.get(id=sealed.upload).object
    path = settings.SEALPOST_OBJECTS / stored.hex[:2] / stored.hex[2:4] / stored.hex
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        services.upload_discard(peer=ana.peer, upload_id=sealed.upload)
    assert not path.exists()
    with refused("upload_unknown"):
        services.upload_show(peer=ana.peer, upload_id=sealed.upload)
    with scopes_disabled():
        assert not UploadPart.objects.filter(upload=sealed.upload).exists()


def test_unfinished_uploads_end_after_a_day_and_sent_ones_do_not(ana, ben):
    left, sent = ana.begin(b"left"), ana.send(b"sent", to=[ben])
    late = timezone.now() - timedelta(seconds=1)
    with scopes_disabled():
        Upload.objects.update(expires_at=late)
    with refused("upload_unknown"):
        ana.put(left, 0)
    assert services.uploads_expire() == 1
    assert ana.work(sent)["job"]["state"] == "done"
    assert ben.read(ben.received(sent)["documents"][0]) == b"sent"


def test_an_upload_that_expired_is_not_sent(ana, ben):
    upload = ana.upload(b"late")
    with scopes_disabled():
        Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with refused("upload_incomplete"):
        ana.send(to=[ben], uploads=[upload])


def test_many_segments_are_held_one_part_at_a_time(ana):
    """A part is the most that is in memory of an upload, whatever its size."""
    assert segment_count(2 * PART) > 16
    assert ana.begin(noise(2 * PART)).parts == range(3)
