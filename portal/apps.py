from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.database.isolation import isolation_apply, isolation_suspend  # noqa: PLC0415  needs the models

        last = apps.get_app_config("exchange")  # of those that have models, to which alone Django sends these
        pre_migrate.connect(isolation_suspend, sender=last)
        post_migrate.connect(isolation_apply, sender=last)
