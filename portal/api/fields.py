"""Serializer fields of the protocol's encodings, and serializers that refuse what they do not know."""

from typing import Any

from rest_framework import serializers

from sealpost.crypto.encoding import b64u_decode
from sealpost.errors import SealpostError


class Base64UrlField(serializers.Field):
    """`b64u` of exactly `length` bytes, or of any number."""

    def __init__(self, length: int | None = None, **kwargs: Any) -> None:
        self._length = length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> bytes:
        try:
            return b64u_decode(data, self._length)
        except SealpostError as error:
            raise serializers.ValidationError(error.sentence) from error

    def to_representation(self, value: Any) -> Any:
        return value


class StrictSerializer(serializers.Serializer):
    """Unknown members are refused (docs/protocol.md, section 1)."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "unknown"))
        return super().to_internal_value(data)
