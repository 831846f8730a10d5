"""The WSGI application. ASGI would spool every upload to a file (docs/adr/0001)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from portal.start_check import start_check  # noqa: E402  models are there from here on

start_check()
