"""A user as the services see one: a peer with keys, who seals and opens by the engine alone."""

import copy
import hashlib
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from django_scopes import scopes_disabled

from accounts.models import RulesKind, Tenant, User
from accounts.peer import Peer
from accounts.selectors import rules_version
from accounts.services import user_issue
from exchange import services
from exchange.models import Job
from sealpost.crypto.stream import HEADER, header_new, open_stream, seal_stream
from sealpost.protocol.content import PART, object_key
from tests.accounts.client import sign_in


class Body:
    """A request's body: bytes that come in pieces."""

    def __init__(self, content: bytes, pieces: int = 70_001) -> None:
        self._content, self._at, self._pieces = content, 0, pieces

    def read(self, size: int, /) -> bytes:
        block = self._content[self._at : self._at + min(size, self._pieces)]
        self._at += len(block)
        return block


@dataclass
class Sealed:
    """An upload's bytes as a client would send them."""

    upload: UUID
    content: bytes

    def part(self, number: int) -> bytes:
        return self.content[number * PART : (number + 1) * PART]

    @property
    def parts(self) -> range:
        return range(-(-len(self.content) // PART))


@dataclass
class Desk:
    """One signed-in user."""

    peer: Peer

    @property
    def login(self) -> str:
        return self.peer.user.login

    def begin(self, plaintext: bytes, *, name: str = "document.bin", size: int | None = None, **changed) -> Sealed:
        """Create an upload and seal its content."""
        peer, transfer, header = self.peer, uuid4(), header_new()
        key = object_key(peer.shared_key, direction="up", transfer=transfer, kid=peer.kid, document=transfer)
        given = {
            "transfer": transfer, "kid": peer.kid, "name": name, "media_type": "application/octet-stream",
            "size": len(plaintext) if size is None else size, "header": header, "commitment": key.commitment,
        } | changed  # fmt: skip
        shown = services.upload_create(peer=peer, **given)
        sealed = b"".join(seal_stream(key.key, [plaintext], aad=key.aad, header=header))
        return Sealed(UUID(shown["id"]), sealed)

    def put(self, sealed: Sealed, number: int, content: bytes | None = None) -> None:
        """Store one part."""
        content = sealed.part(number) if content is None else content
        services.upload_part_store(
            peer=self.peer, upload_id=sealed.upload, number=number, body=Body(content), length=len(content)
        )

    def upload(self, plaintext: bytes, *, name: str = "document.bin") -> UUID:
        """A complete upload."""
        sealed = self.begin(plaintext, name=name)
        for number in sealed.parts:
            self.put(sealed, number)
        services.upload_complete(peer=self.peer, upload_id=sealed.upload)
        return sealed.upload

    def send(self, *contents: bytes, to: "list[Desk] | tuple" = (), **changed) -> dict:
        """Upload and send; the outbox detail of a message whose job waits."""
        given = {
            "key": uuid4(), "subject": "Subject", "note": "Note", "recipients": [desk.login for desk in to],
            "to_self": False, "steps": [], "expires_days": 14,
            "uploads": [self.upload(content, name=f"file{number}.bin") for number, content in enumerate(contents)],
        } | changed  # fmt: skip
        return services.message_send(peer=self.peer, **given)

    def work(self, message: dict) -> dict:
        """Run the message's job as a worker does; the outbox detail afterwards."""
        services.job_run(job_id=job_of(message).id)
        return self.sent(message)

    def sent(self, message: dict) -> dict:
        return services.outbox_show(peer=self.peer, message_id=UUID(message["id"]))

    def received(self, message: dict) -> dict:
        return services.inbox_show(peer=self.peer, message_id=UUID(message["id"]))

    def transfer(self, document: dict, purpose: str = "save") -> dict:
        return services.transfer_create(peer=self.peer, document_id=UUID(document["id"]), purpose=purpose)

    def content(self, transfer: dict, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes of a transfer as they cross."""
        answer = services.transfer_content(
            peer=self.peer, transfer_id=UUID(transfer["transfer"]), start=start, stop=stop
        )
        return b"".join(answer.chunks)

    def read(self, document: dict) -> bytes:
        """Download, open and confirm a document."""
        transfer = self.transfer(document)
        key = object_key(
            self.peer.shared_key, direction="down", transfer=UUID(transfer["transfer"]), kid=self.peer.kid,
            document=UUID(document["id"]),
        )  # fmt: skip
        content = self.content(transfer)
        assert content[:HEADER].hex()
        plaintext = b"".join(open_stream(key.key, [content], aad=key.aad))
        digest = hashlib.sha256(plaintext).hexdigest()
        services.transfer_received(peer=self.peer, transfer_id=UUID(transfer["transfer"]), sha256=digest)
        return plaintext


def desk(tenant: Tenant, login: str, *, role: str = "member") -> Desk:
    """Somebody new in an organisation, with a machine secret, so that signing in costs nothing."""
    name = login.partition("@")[0].title()
    with scopes_disabled():
        issued = user_issue(tenant=tenant, login=login, name=name, role=role, kind="machine")
    return Desk(sign_in(issued.login, issued.passphrase).peer())


def job_of(message: dict) -> Job:
    """The row of a message's job as it is now."""
    with scopes_disabled():
        return Job.objects.get(message_id=message["id"])


def set_policy(desk: Desk, **members) -> None:
    """As an admin of the desk's organisation."""
    admin = copy.copy(desk.peer.user)
    admin.role = User.Role.ADMIN
    version = rules_version(desk.peer.tenant.id, RulesKind.POLICY)
    services.policy_change(peer=replace(desk.peer, user=admin), members=members, expected_version=version)
