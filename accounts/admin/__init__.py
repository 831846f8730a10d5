"""Pages for operators about organisations and people; the portal registers them on its one site."""

from accounts.admin.connections import ConnectionPage
from accounts.admin.notifications import NotificationPage
from accounts.admin.people import PersonPage
from accounts.admin.tenants import TenantPage
from accounts.models import Connection, Notification, Tenant, User

PAGES = {Tenant: TenantPage, User: PersonPage, Connection: ConnectionPage, Notification: NotificationPage}
