"""Routes of the pages."""

from django.urls import path

from portal.pages.account import AccountPage
from portal.pages.audit import AuditPage
from portal.pages.compose import ComposePage
from portal.pages.deposit import DepositPage
from portal.pages.file_request import FileRequestPage
from portal.pages.groups import GroupPage, GroupsPage
from portal.pages.holds import HoldsPage
from portal.pages.inbox import InboxPage
from portal.pages.mailboxes import MailboxesPage, MailboxPage
from portal.pages.message import MessagePage
from portal.pages.notifications import NotificationsPage
from portal.pages.outbox import OutboxPage
from portal.pages.partners import PartnersPage
from portal.pages.policy import PolicyPage
from portal.pages.requests import RequestsPage
from portal.pages.sent import SentPage
from portal.pages.sessions import SessionsPage
from portal.pages.team import PersonPage, TeamPage
from portal.pages.usage import UsagePage
from portal.pages.views import shell

urlpatterns = [
    path("", shell),
    path("signin", shell),
    path("password", shell),
    path("second-factor", shell),
    path("enrol", shell),
    path("inbox", InboxPage.as_view()),
    path("inbox/<uuid:message_id>", MessagePage.as_view()),
    path("holds", HoldsPage.as_view()),
    path("outbox", OutboxPage.as_view()),
    path("outbox/<uuid:message_id>", SentPage.as_view()),
    path("requests", RequestsPage.as_view()),
    path("requests/<uuid:request_id>", FileRequestPage.as_view()),
    path("request", DepositPage.as_view()),
    path("compose", ComposePage.as_view()),
    path("notifications", NotificationsPage.as_view()),
    path("partners", PartnersPage.as_view()),
    path("usage", UsagePage.as_view()),
    path("policy", PolicyPage.as_view()),
    path("account", AccountPage.as_view()),
    path("team", TeamPage.as_view()),
    path("team/<uuid:user_id>", PersonPage.as_view()),
    path("audit", AuditPage.as_view()),
    path("sessions", SessionsPage.as_view()),
    path("mailboxes", MailboxesPage.as_view()),
    path("mailboxes/<uuid:mailbox_id>", MailboxPage.as_view()),
    path("groups", GroupsPage.as_view()),
    path("groups/<uuid:group_id>", GroupPage.as_view()),
]
