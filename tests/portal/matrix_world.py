"""The eleven people of the matrix, all signed in, and the things that they ask for."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Notification, User
from accounts.selectors import address_index
from accounts.services import user_issue
from exchange.models import Delivery, Job, Recipient
from exchange.services import job_run
from exchange.services.switches import switch_off
from exchange.services.waiting import waiting_deliver
from tests.exchange.outside import link_in, mails
from tests.portal.caller import CONTENT, JSON, Answer, Caller, answered, caller
from tests.portal.conftest import (
    CONTENT_BYTES,
    World,
    delivered,
    message,
    part_put,
    people_signed_in,
    upload,
    upload_begin,
    user_tenant,
    world_furnished,
)
from tests.portal.operators import desk
from tests.portal.outsiders import depositor, guest, proved, request_made
from vault.models import KeyRing

OUTSIDE = "nobody@nowhere.example"


@dataclass
class Everybody:
    """Who asks: signed-in people, and browsers that sign nothing. `places` is what they ask for; `part` is the whole
    stream of the owner's whole upload."""

    people: dict[str, Caller]
    browsers: dict[str, Client]
    places: dict[str, str]
    part: bytes

    def signer(self, who: str) -> Caller:
        """Whose keys go into a body: one's own, and the owner's where somebody has none."""
        return self.people.get(who, self.people["owner"])

    def others(self, than: str) -> list[str]:
        """Everybody else's names."""
        return [name for name in (*self.people, *self.browsers) if name != than]

    def ask(self, who: str, method: str, path: str, body: Any) -> Answer:
        """The answer to a well-formed request; bytes are content, anything else JSON."""
        if who in self.browsers:
            return self._plain(who, method, path, body)
        person = self.people[who]
        if isinstance(body, bytes):
            return person.send(person.request(method, path, body, seal=False, content_type=CONTENT))
        return person.ask(method, path, body)

    @cached_property
    def shell(self) -> Answer:
        """The static shell."""
        return self.ask("nobody", "GET", "/signin", None)

    @cached_property
    def forbidden(self) -> Answer:
        """The one refusal of a role."""
        return self.ask("guest", "GET", "/api/v1/team", None)

    @cached_property
    def unsigned(self) -> Answer:
        """The one refusal of whoever has not signed."""
        return self.ask("nobody", "GET", "/api/v1/me", None)

    def _plain(self, who: str, method: str, path: str, body: Any) -> Answer:
        kind = CONTENT if isinstance(body, bytes) else JSON
        data = body if isinstance(body, bytes) else json.dumps(body)
        given = {} if body is None else {"data": data, "content_type": kind}
        return answered(self.browsers[who].generic(method, path, **given))


def everybody_signed_in() -> Everybody:
    """The world of the other tests with an auditor, a second admin and everybody outside, and what is asked for."""
    world = world_furnished(people_signed_in())
    asked = request_made(world.owner)
    people = {name: getattr(world, name) for name in ("owner", "teammate", "admin", "reader", "chief")}
    people |= {"auditor": issued(world, "aster", "auditor"), "stranger": issued(world, "cedar", "admin")}
    people |= {"guest": guest(), "depositor": depositor(asked)}
    begun = upload_begin(world.owner, CONTENT_BYTES)
    assert part_put(world.owner, begun["id"], begun["stream"]).members == {"part": 0}
    world.places |= {"whole_upload": begun["id"], "ready_upload": upload(world.owner)}
    world.places |= sent(world, people) | deposited(people["depositor"], depositor(asked)) | {"asked": asked["id"]}
    world.places |= locked_out(world) | held(world) | rows(world)
    for person in people.values():
        person.http.handler.enforce_csrf_checks = False  # only who asks decides
    return Everybody(people, {"operator": operator(), "nobody": browser()}, world.places, begun["stream"])


def issued(world: World, tenant: str, role: str, name: str = "") -> Caller:
    """Somebody new in an organisation, by a machine's key, which costs no derivation."""
    login = f"{name or role}@{tenant}.example"
    made = user_issue(tenant=user_tenant(world.tenants[tenant]), login=login, name=login, role=role, kind="machine")
    return caller(made.login, made.passphrase)


def browser() -> Client:
    """One without a cookie."""
    return Client()


def operator(*, factors: int = 2) -> Client:
    """A browser that sends an operator's cookie to every address; with the first factor alone it lacks the second."""
    http = desk(f"operator-{factors}").http
    http.handler.enforce_csrf_checks = False
    if factors == 1:
        session = http.session
        del session[DEVICE_ID_SESSION_KEY]
        session.save()
    for morsel in http.cookies.values():
        morsel["path"] = "/"
    return http


def sent(world: World, people: dict[str, Caller]) -> dict[str, str]:
    """Messages of the owner: to the guest, to the shared mailbox, and to somebody who must enrol first."""
    owner, places = world.owner, {}
    for name, to in (("guest", people["guest"].login), ("shared", "shared@aster.example"), ("waiting", OUTSIDE)):
        answer = message(owner, [to], uploads=[upload(owner)])
        assert answer.status == 201, answer.body
        places[f"{name}_message"] = answer.members["id"]
    delivered()
    for mail in mails("guest_invitation", people["guest"].login):
        assert people["guest"].ask("POST", "/api/v1/address", proved(link_in(mail))).status == 200
    waiting_deliver()
    received = people["guest"].ask("GET", f"/api/v1/inbox/{places['guest_message']}").members
    with scopes_disabled():  # one may be invited or reminded again after a day
        Recipient.objects.update(reminded_at=timezone.now() - timedelta(days=2))
    return places | {"guest_document": received["documents"][0]["id"]}


def deposited(one: Caller, other: Caller) -> dict[str, str]:
    """A deposit of each, another of the second that is held, and an upload of the first that is not deposited yet."""
    places = {"deposited_upload": upload(one, complete=False)}
    for name, person in (("deposit", one), ("other_deposit", other), ("held_deposit", other)):
        body = {"key": str(uuid4()), "name": "Otto", "uploads": [upload(person)]}
        places[name] = person.ask("POST", "/api/v1/request/deposits", body).members["id"]
    delivered()
    with scopes_disabled():
        Job.objects.filter(message_id=places["held_deposit"]).update(state=Job.State.HELD, code="no_recipient_left")
    return places


def locked_out(world: World) -> dict[str, str]:
    """A person of Aster for whom a second admin has asked for a new passphrase."""
    person, second = issued(world, "aster", "member", "locked-out"), issued(world, "aster", "admin", "second")
    with scopes_disabled():
        identity = str(User.objects.get(login_index=address_index(person.login)).id)
    assert second.ask("POST", f"/api/v1/team/{identity}/reissue", {}).status == 201
    return {"locked_out": identity}


def held(world: World) -> dict[str, str]:
    """A message of the owner that is held, since an operator has switched a step of it off."""
    step = {"step": "pdf.stamp", "parameters": {"text": "Copy"}}
    answer = message(world.owner, [world.reader.login], uploads=[upload(world.owner)], steps=[step])
    switch_off(name="step:pdf.stamp", operator="1")
    with scopes_disabled():
        job = Job.objects.get(message_id=answer.members["id"])
    job_run(job_id=job.id)
    return {"held_message": answer.members["id"], "held_job": str(job.id)}


def rows(world: World) -> dict[str, str]:
    """What operators look at, and the words in their addresses."""
    with scopes_disabled():
        places = {
            "tenant": world.tenants["aster"],
            "event": AuditEvent.objects.first().id,
            "mail": Notification.objects.first().id,
            "delivery": Delivery.objects.first().id,
            "ring": KeyRing.objects.first().id,
        }
    words = {word: word for word in ("none", "suspend", "sign-out", "retry", "jobs", "off")}
    return {name: str(value) for name, value in places.items()} | words
