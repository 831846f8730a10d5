"""Who holds the vault's root key."""

from typing import Protocol


class RootProvider(Protocol):
    """Wraps and unwraps tenant keys, nothing else; the root key itself never leaves the provider."""

    name: str

    def check(self) -> bytes:
        """32 bytes that tell this root key from any other and reveal nothing of it."""
        ...

    def wrap(self, secret: bytes, *, aad: bytes) -> bytes:
        """The secret under the root key."""
        ...

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        """The secret; DecryptionError."""
        ...
