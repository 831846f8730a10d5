"""A row that somebody moves to another tenant by hand, past everything the database insists on, does not open."""

import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import SharedKey, User
from accounts.sealed import tenant_owner
from accounts.services.shared_key import keys_open, shared_key_open
from exchange import services
from exchange.models import DeliveredDocument, Delivery, Document, Message, Recipient
from sealpost.errors import DecryptionError
from tests.refusal import refused
from vault.errors import ObjectMissing
from vault.models import ObjectKey
from vault.services import object_reader

pytestmark = pytest.mark.django_db


def opens(row, texts) -> bool:
    """Whether these texts of a row can be read: those that services wrote, not those planted for being there."""
    try:
        return all(getattr(row, name) for name in texts)
    except DecryptionError:
        return False


def moved(by_hand, planted, model, *, texts=(), **found):
    """A row of Aster's that opened, as it is found under Birch's scope after its tenant was changed by hand."""
    with scopes_disabled():
        row = next(row for row in model.objects.filter(tenant=planted.aster, **found) if opens(row, texts))
    change = f"UPDATE {model._meta.db_table} SET tenant_id = %s WHERE id = %s"
    by_hand(change, [planted.birch.id, row.id], back=[planted.aster.id, row.id])
    with scope(tenant=planted.birch):
        return model.objects.get(id=row.id)


@pytest.mark.parametrize(
    ("model", "texts"),
    [
        (User, ["login", "name"]),
        (Message, ["subject", "note"]),
        (Recipient, ["login", "name", "organisation"]),
        (Document, ["name", "media_type"]),
        (Delivery, ["subject", "note", "sender_login"]),
        (DeliveredDocument, ["name", "media_type", "sha256"]),
    ],
)
def test_its_texts_do_not_open(by_hand, planted, model, texts):
    row = moved(by_hand, planted, model, texts=texts)
    for name in texts:
        with pytest.raises(DecryptionError):
            getattr(row, name)


def test_a_shared_key_does_not_open(by_hand, planted):
    with scopes_disabled():
        assert keys_open(SharedKey.objects.get(tenant=planted.aster, kid=planted.ana.peer.kid))
    row = moved(by_hand, planted, SharedKey, kid=planted.ana.peer.kid)
    for opened in (shared_key_open, keys_open):
        with pytest.raises(DecryptionError):
            opened(row)


def test_a_delivered_document_does_not_open(by_hand, planted):
    row = moved(by_hand, planted, DeliveredDocument, texts=["name"])
    aster, birch = tenant_owner(planted.aster.id), tenant_owner(planted.birch.id)
    assert object_reader(object_id=row.object, owner=aster).read_segment(0, memoryview(bytearray(1 << 20)))
    with scopes_disabled():
        ObjectKey.objects.filter(object_id=row.object, owner=birch).delete()
    with pytest.raises(ObjectMissing):
        object_reader(object_id=row.object, owner=birch)
    with scopes_disabled():  # and the wrapped data key given to the other by hand as well
        assert ObjectKey.objects.filter(object_id=row.object, owner=aster).update(owner=birch) == 1
    with pytest.raises(DecryptionError):
        object_reader(object_id=row.object, owner=birch)


def test_a_mailbox_of_another_tenant_does_not_get_it_either(by_hand, planted):
    """A delivery and its documents hung into Ben's mailbox: his inbox refuses to open it, and says nothing of it."""
    with scopes_disabled():
        theirs = Delivery.objects.get(tenant=planted.birch, mailbox__user=planted.ben.peer.user)
        mine = Delivery.objects.get(tenant=planted.aster, mailbox__user=planted.ana.peer.user)
    change = "UPDATE exchange_delivery SET tenant_id = %s, mailbox_id = %s WHERE id = %s"
    back = [mine.tenant_id, mine.mailbox_id, mine.id]
    by_hand(change, [theirs.tenant_id, theirs.mailbox_id, mine.id], back=back)
    with refused("decryption_failed"):
        services.inbox_show(peer=planted.ben.peer, message_id=mine.message_id)
