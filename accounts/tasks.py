"""What workers are asked to do for accounts. A task calls one service."""

from celery import shared_task

from accounts import services


@shared_task
def notifications_send() -> None:
    services.notifications_send()
