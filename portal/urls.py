"""Every address of the portal."""

from django.conf import settings
from django.urls import include, path

from portal.health import health


def operators() -> list:
    """Django admin, where it is wanted; its code is not even loaded otherwise."""
    if not settings.SEALPOST_ADMIN:
        return []
    from portal.admin.site import site_make  # noqa: PLC0415

    return [path("admin/", site_make().urls)]


urlpatterns = [
    path("health", health),
    path("api/v1/", include("portal.api.urls")),
    *operators(),
    path("", include("portal.pages.urls")),
]
