"""Every address of the portal."""

from django.urls import include, path

from accounts.admin import operator_site
from portal.health import health

urlpatterns = [
    path("health", health),
    path("api/v1/", include("portal.api.urls")),
    path("operator/", operator_site.urls),
    path("", include("portal.pages.urls")),
]
