"""A server on this machine that says what a script says, byte for byte, and remembers who came and what they sent."""

import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket, threading.Event], None]


class ScriptedServer:
    """Runs `script` for every connection, in a thread of its own, once the request is read.

    `greets` runs it at once. `context` puts TLS on the connection first.
    """

    def __init__(
        self,
        script: Script | bytes,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        context: ssl.SSLContext | None = None,
        greets: bool = False,
    ) -> None:
        self._script, self._context, self._greets = script, context, greets
        self.connections, self.requests = 0, list[bytes]()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """The address of a path here, under a name of the caller's choice."""
        return f"{scheme}://{host}:{self.port}{path}"

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._run(lambda sock=sock: self._serve(sock))  # type: ignore[misc]

    def _serve(self, raw: socket.socket) -> None:
        raw.settimeout(10)
        sock = raw
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(raw, server_side=True)
            if not self._greets:
                self.requests.append(_request(sock))
            if isinstance(self._script, bytes):
                sock.sendall(self._script)
            else:
                self._script(sock, self._over)
        except OSError:
            pass  # the client hung up, as it should
        finally:
            sock.close()
            raw.close()


def _request(sock: socket.socket) -> bytes:
    """The whole of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += _more(sock)
    return head + b"\r\n\r\n" + body


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("the client hung up")
    return data


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def drip(start: bytes, piece: bytes) -> Script:
    """`start` at once, then `piece` every few milliseconds for ever: no single wait is long."""

    def script(sock: socket.socket, over: threading.Event) -> None:
        sock.sendall(start)
        while not over.wait(0.02):
            sock.sendall(piece)

    return script


def endless(start: bytes, piece: bytes) -> Script:
    """`start`, then `piece` without end, as fast as it goes."""

    def script(sock: socket.socket, over: threading.Event) -> None:
        sock.sendall(start)
        while not over.is_set():
            sock.sendall(piece)

    return script
