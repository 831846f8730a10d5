"""A way to the server that can be cut, and held up, and opened again, as networks are."""

import socket
import threading
from contextlib import suppress

_BLOCK = 1 << 16


class Gate:
    """Listens on a loopback port and forwards to `target`. The server sees the gate's address as its origin."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._flows = threading.Event()
        self._flows.set()
        self._sockets: list[socket.socket] = []
        self.sent = 0  # bytes that clients sent through it
        self._listen(0)

    @property
    def url(self) -> str:
        """The address of the way."""
        return f"http://127.0.0.1:{self._port}"

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Cut every connection; new ones are refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def open(self) -> None:
        """Let everything through again, at the same address."""
        self._listen(self._port)

    def hold(self) -> None:
        """Let nothing more of what clients send through, and cut nothing."""
        self._flows.clear()

    def release(self) -> None:
        """Let what was held through."""
        self._flows.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, server]
            threading.Thread(target=self._forward, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._forward, args=(server, client, False), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while block := source.recv(_BLOCK):
                if is_client:
                    self._flows.wait()
                    self.sent += len(block)
                sink.sendall(block)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
