"""A real SMTP server in this process that a test can make refuse, stall or break off."""

import socket
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller


class Mailroom:
    """What arrived, by Message-ID, and what to answer next: an SMTP reply, or None to take it."""

    def __init__(self) -> None:
        self.arrived: list[Message] = []
        self.answers: list[str | None] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if reply := self.refused.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = self.answers.pop(0) if self.answers else None
        if reply is None or reply.startswith("take"):
            self.arrived.append(message_from_bytes(envelope.content))
        if reply == "take and vanish":  # taken, and the connection is gone before anybody was told
            server.transport.abort()
            return "250 OK"
        return reply or "250 taken"


def smtp_start(mailroom: Mailroom) -> Controller:
    """A listening server; `controller.port` is where."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailroom, hostname="127.0.0.1", port=port)
    controller.start()
    return controller
