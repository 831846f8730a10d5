"""How an operator signs in: a password and a code."""

from django.contrib.auth.models import User as Operator
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm
from django_otp.models import Device


class OperatorSignIn(OTPAdminAuthenticationForm):
    """Who has one device is not asked to choose it: to ask, the page would have to carry the password back."""

    def _chosen_device(self, user: Operator) -> Device | None:
        own = list(devices_for_user(user, for_verify=True))
        return super()._chosen_device(user) or (own[0] if len(own) == 1 else None)
