from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand
from sealpost.crypto.encoding import b64u_encode
from vault.services import signing_key, signing_key_create, signing_keys


class Command(OperatorCommand):
    help = "Show the key by which this installation signs checkpoints, exports and receipts, to publish it elsewhere."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="make a new key first, which signs from now on")

    def answer(self, **options: Any) -> dict[str, Any]:
        key = signing_key_create() if options["new"] else signing_key()
        shown = {"id": str(key.id), "public_key": b64u_encode(key.public), "fingerprint": key.fingerprint}
        earlier = [other.fingerprint for other in signing_keys() if other.id != key.id]
        return shown | ({"earlier": earlier} if earlier else {})
