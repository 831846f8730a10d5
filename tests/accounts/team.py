"""An organisation with two admins and a member, all with machine secrets: signing in costs no Argon2."""

from dataclasses import dataclass

from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.peer import Peer
from accounts.services import user_issue
from tests.accounts.client import SignedIn, sign_in
from tests.accounts.conftest import organisation


@dataclass
class Somebody:
    """A signed-in person and their secret."""

    login: str
    secret: str
    signed_in: SignedIn

    @property
    def peer(self) -> Peer:
        """What the server makes of a new request: roles and sessions are those of now."""
        return self.signed_in.peer()

    @property
    def row(self) -> User:
        with scopes_disabled():
            return User.objects.select_related("tenant").get(id=self.signed_in_user)

    def __post_init__(self) -> None:
        self.signed_in_user = self.peer.user.id


def somebody(tenant: Tenant, name: str, role: str = "member") -> Somebody:
    """Somebody new in an organisation."""
    login = f"{name}@{tenant.name.split()[0].lower()}.example"
    issued = user_issue(tenant=tenant, login=login, name=name.title(), role=role, kind="machine")
    return Somebody(issued.login, issued.passphrase, sign_in(issued.login, issued.passphrase))


@dataclass
class Team:
    """Aster: Ana and Bo are admins, Cleo is a member; `stranger` is the admin of another organisation."""

    tenant: Tenant
    ana: Somebody
    bo: Somebody
    cleo: Somebody
    stranger: Somebody


def team() -> Team:
    tenant, other = organisation("Aster Legal"), organisation("Cedar Works")
    ana, bo, cleo = (
        somebody(tenant, name, role) for name, role in (("ana", "admin"), ("bo", "admin"), ("cleo", "member"))
    )
    return Team(tenant, ana, bo, cleo, somebody(other, "stranger", "admin"))
