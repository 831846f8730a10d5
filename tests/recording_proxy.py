"""A TCP proxy that records every byte that crosses it, both ways, for the canary test."""

import socket
import threading
import time
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
                threading.Thread(target=self._forward, args=(source, sink, path), daemon=True).start()

    def passed_on(self, block: bytes, way: str) -> bytes:
        """What the other side gets of a block on its `way`, c2s or s2c: the block."""
        return block

    def _forward(self, source: socket.socket, sink: socket.socket, path: Path) -> None:
        with path.open("wb", buffering=0) as record:
            with suppress(OSError):
                while block := source.recv(_BLOCK):
                    record.write(block)
                    sink.sendall(self.passed_on(block, path.suffix[1:]))
            for end in (sink, source):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_WR if end is sink else socket.SHUT_RD)


class TamperingProxy(RecordingProxy):
    """Once `armed`, flips one bit of each block of a body that the server sends."""

    armed = False

    def passed_on(self, block: bytes, way: str) -> bytes:
        body = self.armed and way == "s2c" and not block.endswith(b"\r\n")
        return block[:-1] + bytes([block[-1] ^ 1]) if body else block


class StallingProxy(RecordingProxy):
    """Lets `allow` bytes of one way pass in all and then holds it, until `allow` is None; `passed` counts them."""

    def __init__(self, target: tuple[str, int], folder: Path, *, way: str = "c2s") -> None:
        super().__init__(target, folder)
        self.way = way
        self.allow: int | None = None
        self.passed = 0
        self.stalled = threading.Event()

    def passed_on(self, block: bytes, way: str) -> bytes:
        if way == self.way:
            self.passed += len(block)
            if self.allow is not None and self.passed > self.allow:
                self.stalled.set()
                while self.allow is not None:
                    time.sleep(0.05)
        return block


class CuttingProxy(RecordingProxy):
    """Cuts a connection once `cut_after` bytes of a server came over it; `cuts` counts how often."""

    def __init__(self, target: tuple[str, int], folder: Path) -> None:
        super().__init__(target, folder)
        self.cut_after: int | None = None
        self.cuts = 0
        self._came = threading.local()

    def passed_on(self, block: bytes, way: str) -> bytes:
        if way == "s2c" and self.cut_after is not None:
            self._came.bytes = getattr(self._came, "bytes", 0) + len(block)  # a thread a connection and way
            if self._came.bytes > self.cut_after:
                self.cuts += 1
                raise ConnectionAbortedError
        return block
