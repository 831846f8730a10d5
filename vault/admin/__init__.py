"""The vault's pages for operators; the portal registers them on its one site."""

from vault.admin.rings import RingPage
from vault.admin.storage import StoragePage
from vault.models import KeyRing, StoredObject

PAGES = {KeyRing: RingPage, StoredObject: StoragePage}
