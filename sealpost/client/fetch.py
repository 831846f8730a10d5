"""Saving all documents of a message."""

from functools import partial
from pathlib import Path

from rich.progress import Progress, TaskID

from sealpost.client.boxes import message_find
from sealpost.client.download import DocumentDownload, safe_name
from sealpost.client.errors import MessageUnclear
from sealpost.client.send import progress_bars
from sealpost.client.session import Session

# Why a message has no documents any more.
_GONE = {
    "erased_at": "This message was erased when the time for which it is kept was over. Ask for it to be sent again.",
    "recalled_at": "The sender has recalled this message, so its documents cannot be fetched any more.",
}


def documents_fetch(session: Session, message_id: str, out: Path, *, visible: bool) -> list[Path]:
    """Save every document into a folder; what was interrupted goes on where it was. MessageUnclear, ServerRefused."""
    message = message_find(session, message_id)
    if gone := next((words for mark, words in _GONE.items() if message.get(mark)), ""):
        raise MessageUnclear(gone, code="content_gone")
    saved = []
    with progress_bars(visible=visible) as bars:
        for document in message["documents"]:
            bar = bars.add_task(safe_name(document["name"]), total=document["size"])
            saved.append(DocumentDownload(session, document, out, progress=partial(_advance, bars, bar)).run())
    return saved


def _advance(bars: Progress, bar: TaskID, done: int) -> None:
    bars.update(bar, completed=done)
