"""Operators at their pages: signed in, walking, and asking as a browser does."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from django.contrib.auth.models import User as Operator
from django.http.response import HttpResponseBase
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

HOME = "/admin/"
_HREF = re.compile(r'href="([^"]+)"')
_ENDS_THE_WALK = ("/admin/logout", "/admin/jsi18n", "/admin/accounts/auditevent/export/")


@dataclass
class Desk:
    """One operator's browser."""

    operator: Operator
    http: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @property
    def number(self) -> str:
        return str(self.operator.pk)

    def get(self, path: str, status: int = 200) -> str:
        """The page of an address."""
        response = self.http.get(path)
        assert response.status_code == status, (path, response.status_code, said(response)[:500])
        return said(response)

    def post(self, path: str, **members: str) -> HttpResponseBase:
        """Send the form of a page, as a browser does, with the token that the page holds."""
        hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', said(self.http.get(path)))[1]
        return self.http.post(path, {"csrfmiddlewaretoken": hidden} | members)

    def walk(self, begin: str = HOME) -> dict[str, str]:
        """Every page that a link leads to, sign-out excepted; of filtered and sorted lists each one way."""
        found: dict[str, str] = {}
        waiting = [begin]
        while waiting:
            path = waiting.pop()
            if path in found or path.startswith(_ENDS_THE_WALK):
                continue
            response = self.http.get(path)
            assert response.status_code in {200, 302}, (path, response.status_code)
            found[path] = said(response) if response.status_code == 200 else ""
            links = [urljoin(path, link.replace("&amp;", "&").partition("#")[0]) for link in _HREF.findall(found[path])]
            waiting += [link for link in links if link.startswith(HOME) and not ("?" in path and "?" in link)]
        return found


def said(response: HttpResponseBase) -> str:
    """The whole body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def desk(name: str = "ops") -> Desk:
    """An operator who has signed in with both factors, without the cost of a password."""
    operator = Operator(username=name, is_staff=True, is_superuser=True, password="!")
    operator.save()
    device = TOTPDevice.objects.create(user=operator, name="first", confirmed=True)
    one = Desk(operator)
    one.http.force_login(operator)
    session = one.http.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return one
