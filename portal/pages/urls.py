"""Routes of the pages."""

from django.urls import path

from portal.pages.compose import ComposePage
from portal.pages.holds import HoldsPage
from portal.pages.inbox import InboxPage
from portal.pages.message import MessagePage
from portal.pages.notifications import NotificationsPage
from portal.pages.outbox import OutboxPage
from portal.pages.partners import PartnersPage
from portal.pages.sent import SentPage
from portal.pages.sessions import SessionsPage
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
    path("compose", ComposePage.as_view()),
    path("notifications", NotificationsPage.as_view()),
    path("partners", PartnersPage.as_view()),
    path("usage", UsagePage.as_view()),
    path("sessions", SessionsPage.as_view()),
]
