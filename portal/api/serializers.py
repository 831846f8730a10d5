"""Bodies of requests as docs/protocol.md gives them."""

from rest_framework import serializers

from accounts.notifications import LANGUAGES
from portal.api.fields import Base64UrlField, StrictSerializer


class HandshakeStart(StrictSerializer):
    login = serializers.CharField(max_length=254)
    nonce = Base64UrlField(32)


class HandshakeFinish(StrictSerializer):
    challenge = serializers.UUIDField()
    proof = Base64UrlField(32)
    confirmation = Base64UrlField(32)


class EnrolmentView(StrictSerializer):
    invitation = serializers.UUIDField()
    nonce = Base64UrlField(16)
    proof = Base64UrlField(32)


class Enrolment(StrictSerializer):
    invitation = serializers.UUIDField()
    key = serializers.UUIDField()
    sealed = Base64UrlField()


class Account(StrictSerializer):
    name = serializers.CharField(max_length=500, allow_blank=True, required=False)
    language = serializers.ChoiceField(choices=["", *LANGUAGES], required=False)


class UploadCreate(StrictSerializer):
    transfer = serializers.UUIDField()
    kid = Base64UrlField(16)
    name = serializers.CharField(max_length=1024, trim_whitespace=False)
    type = serializers.CharField(max_length=255, allow_blank=True)
    size = serializers.IntegerField(min_value=0, max_value=(1 << 52) - 1)
    header = Base64UrlField(40)
    commitment = Base64UrlField(32)


class Recipients(StrictSerializer):
    logins = serializers.ListField(child=serializers.CharField(max_length=254), max_length=1000)


class StepChoice(StrictSerializer):
    step = serializers.CharField(max_length=64)
    parameters = serializers.DictField(default=dict)
    on_failure = serializers.CharField(max_length=16, default="hold")


class MessageSend(StrictSerializer):
    key = serializers.UUIDField()
    subject = serializers.CharField(max_length=4096, allow_blank=True, trim_whitespace=False)
    note = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False, default="")
    recipients = serializers.ListField(child=serializers.CharField(max_length=254), max_length=1000, default=list)
    to_self = serializers.BooleanField(default=False)
    uploads = serializers.ListField(child=serializers.UUIDField(), max_length=1000, default=list)
    steps = serializers.ListField(child=StepChoice(), max_length=20, default=list)
    pipeline = serializers.UUIDField(required=False, allow_null=True)
    expires_days = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    downloads_most = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True)


class TransferCreate(StrictSerializer):
    purpose = serializers.ChoiceField(choices=["save", "preview"])


class TransferReceived(StrictSerializer):
    sha256 = serializers.RegexField(r"\A[0-9a-fA-F]{64}\Z")
