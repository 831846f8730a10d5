"""The portal's settings with the sealed middleware left out and two plain addresses in place of its own."""

from portal.settings import *  # noqa: F403
from portal.settings import MIDDLEWARE as _ALL

ROOT_URLCONF = "bench.plain.urls"
MIDDLEWARE = [name for name in _ALL if not name.endswith("SealedMiddleware")]
