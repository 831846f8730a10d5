"""A TCP proxy that records every byte that crosses it, both ways, for the canary test."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_BLOCK = 1 << 16


class RecordingProxy:
    """Listens on a free loopback port, forwards to `target`, appends all traffic to files in `folder`.

    The Host header passes untouched, so the server sees the proxy's address as its origin, as behind any proxy.
    """

    def __init__(self, target: tuple[str, int], folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._count = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "RecordingProxy":
        self._folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._count += 1
            server = socket.create_connection(self._target)
            for source, sink, way in ((client, server, "c2s"), (server, client, "s2c")):
                path = self._folder / f"{self._count:05d}.{way}"
                threading.Thread(target=_forward, args=(source, sink, path), daemon=True).start()


def _forward(source: socket.socket, sink: socket.socket, path: Path) -> None:
    with path.open("wb", buffering=0) as record:
        try:
            while block := source.recv(_BLOCK):
                record.write(block)
                sink.sendall(block)
        except OSError:
            pass
        for end in (sink, source):
            with suppress(OSError):
                end.shutdown(socket.SHUT_WR if end is sink else socket.SHUT_RD)
