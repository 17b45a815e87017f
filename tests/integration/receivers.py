"""Receivers of alerts on this machine: a web server that answers as its paths say, and a mail server."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The alert it carries."""
        return self.headers.get("webhook-id", "")


@dataclass
class WebReceiver:
    """What a web server got, and what it answers: `/ok`, `/fail/N` (N times per alert), `/status/CODE`,
    `/busy/SECONDS` (once per alert), `/hang` and `/flood` (until the test ends), `/redirect` (to `elsewhere`)."""

    port: int = 0
    elsewhere: str = "http://10.0.0.1/inside"
    posts: list[Post] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        """An address of this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self) -> Counter[str]:
        """How often each alert came."""
        with self._lock:
            return Counter(post.id for post in self.posts)

    def answer(self, post: Post) -> tuple[int, dict[str, str]]:
        """Status and headers."""
        with self._lock:
            self.posts.append(post)
            self._seen[post.path, post.id] += 1
            times = self._seen[post.path, post.id]
        _, kind, *rest = post.path.split("/")
        match kind:
            case "fail":
                return (500 if times <= int(rest[0]) else 200), {}
            case "status":
                return int(rest[0]), {}
            case "busy":
                return (429, {"Retry-After": rest[0]}) if times == 1 else (200, {})
            case "hang":
                self.ended.wait(60)
                return 200, {}
            case "redirect":
                return 302, {"Location": self.elsewhere}
        return 200, {}


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    """A web server, between `with` and its end."""
    receiver = WebReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # a sender that was killed in the middle
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = receiver.answer(Post(self.path, headers, body))
            try:
                if self.path == "/flood":
                    self.send_response(status)
                    self.end_headers()
                    while not receiver.ended.is_set():
                        self.wfile.write(b"x" * 2**20)
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:  # who hung up does not want to know
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # who is gone needs no answer

    server = Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailReceiver:
    """What a mail server got. `replies` are given to the recipients in turn, then it takes everything."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    asked: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take or refuse a recipient."""
        self.asked += 1
        if self.replies:
            return self.replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail."""
        read = message_from_bytes(envelope.content, policy=SMTP_POLICY)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        return "250 taken"


class _AnyPort(Controller):
    """A controller that finds out which port the system gave it."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_receiver(**options: Any) -> Iterator[MailReceiver]:
    """A mail server, between `with` and its end."""
    receiver = MailReceiver()
    controller = _AnyPort(receiver, hostname="127.0.0.1", port=0, ready_timeout=30, **options)
    controller.start()
    receiver.port = controller.port
    try:
        yield receiver
    finally:
        controller.stop()
