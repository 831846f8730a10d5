"""What the command prints: tables and sentences for people."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)
SHORT_ID = 8
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def size_text(size: float) -> str:
    """12 bytes, 3.4 MB."""
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def time_text(moment: str | None) -> str:
    """Local date and time to the minute, `–` for none."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M") if moment else "–"


def verdict_text(document: dict[str, Any]) -> str:
    """The scan's verdict in words."""
    reasons = {
        "no_scanner": "no scanner here",
        "scanner_down": "the scanner was down",
        "too_large": "too large to scan",
        "encrypted_archive": "an encrypted archive",
    }
    verdict = {"clean": "clean", "infected": "INFECTED", "pending": "not checked yet"}.get(document["verdict"])
    return verdict or f"not scanned: {reasons.get(document['verdict_reason'], 'unknown')}"


def plain(words: str) -> Text:
    """Words of another person: no markup of ours, and nothing that a terminal would obey."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in words))


def table_print(columns: list[str], rows: list[list[str]], *, empty: str) -> None:
    """A table, or one sentence where there is nothing."""
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column in {"ID", "State", "Sent", "Delivered"}, overflow="fold")
    for row in rows:
        table.add_row(*map(plain, row))
    console.print(table)


def contents_text(message: dict[str, Any]) -> str:
    """`2 files, 3.4 MB`."""
    count = message["documents"]
    return f"{count} file{'' if count == 1 else 's'}, {size_text(message['size'])}" if count else "no files"


def inbox_print(messages: list[dict[str, Any]], *, empty: str) -> None:
    """The inbox, or a shared mailbox."""
    rows = [_row(message, f"from {sender_text(message)}", message["delivered_at"]) for message in messages]
    table_print(["ID", "State", "Message", "Delivered"], rows, empty=empty)


def sender_text(message: dict[str, Any]) -> str:
    """Who sent it; of a deposit, what the outsider calls themselves, and first that nobody has verified it."""
    sender = message["sender"]
    if message.get("request"):
        return f"a file request, unverified: {sender['name']}"
    return ", ".join(filter(None, [sender["name"], sender["tenant"]]))


def mailboxes_print(mailboxes: list[dict[str, Any]]) -> None:
    """The mailboxes that somebody reads."""
    rows = [[one["address"], _mailbox_text(one), str(one["unread"] or "–")] for one in mailboxes]
    table_print(["Address", "Mailbox", "Unread"], rows, empty="You read no mailbox.")


def _mailbox_text(mailbox: dict[str, Any]) -> str:
    if mailbox["own"]:
        return "your own"
    words = [f"{mailbox['name']} (left)" if mailbox["left"] else mailbox["name"]]
    words += ["you manage it"] if mailbox["kind"] == "shared" and mailbox["role"] == "admin" else []
    return ", ".join([*words, "closed"] if mailbox["state"] == "closed" else words)


def outbox_print(messages: list[dict[str, Any]]) -> None:
    """The outbox."""
    rows = [_row(message, f"to {', '.join(message['recipients'])}", message["sent_at"]) for message in messages]
    table_print(["ID", "State", "Message", "Sent"], rows, empty="You have not sent anything yet.")


def _row(message: dict[str, Any], whom: str, moment: str) -> list[str]:
    """One message in two lines, so that a table fits 80 columns."""
    return [
        message["id"][:SHORT_ID],
        "erased" if message.get("erased_at") else message["state"],
        f"{message['subject']}\n{whom}",
        f"{time_text(moment)}\n{contents_text(message)}",
    ]


def _sender_whole(message: dict[str, Any]) -> str:
    sender = message["sender"]
    if message.get("request"):
        return sender_text(message)
    return ", ".join(filter(None, [f"{sender['name']} <{sender['login']}>", sender["tenant"]]))


def message_print(message: dict[str, Any]) -> None:
    """One message in detail, received or sent."""
    console.print(plain(message["subject"]), style="bold")
    console.print(f"ID {message['id']}", markup=False)
    if "sender" in message:
        console.print(plain(f"From {_sender_whole(message)}"))
    if "mailbox" in message and not message["mailbox"]["own"]:
        console.print(plain(f"Delivered to {message['mailbox']['name']} <{message['mailbox']['address']}>"))
    console.print(f"Sent {time_text(message['sent_at'])}, expires {time_text(message['expires_at'])}", markup=False)
    console.print(f"State: {message['state']}", markup=False)
    for what in ("recalled", "archived", "erased"):
        if moment := message.get(f"{what}_at"):
            console.print(f"{what.title()} {time_text(moment)}", markup=False)
    if message.get("downloads_most"):
        console.print(f"Each document may be downloaded {message['downloads_most']} times.", markup=False)
    if message["note"]:
        console.print(plain(f"\n{message['note']}"))
    console.print()
    documents = [
        [document["name"], document["type"], size_text(document["size"]), verdict_text(document)]
        for document in message["documents"]
    ]
    table_print(["Document", "Type", "Size", "Malware scan"], documents, empty="No documents.")
    if "deliveries" in message:
        _deliveries_print(message)


def _deliveries_print(message: dict[str, Any]) -> None:
    console.print()
    states = ("delivered", "opened", "downloaded", "reminded", "recalled")
    rows = [
        [
            f"{delivery['login']}\n{delivery['name']}, {delivery['tenant']}",
            delivery["state"],
            "\n".join(f"{state} {time_text(moment)}" for state in states if (moment := delivery[f"{state}_at"])) or "–",
        ]
        for delivery in message["deliveries"]
    ]
    table_print(["To", "State", "When"], rows, empty="No recipients.")
    if message["job"]["detail"]:
        console.print(message["job"]["detail"], markup=False)
