"""The sample site: the invented outlets served on loopback, to be crawled like any other source."""

import threading
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from services.sample.addresses import Addresses
from services.sample.answers import Answers, Question
from services.sample.press import Press, load_press
from services.sample.timeline import Timeline
from shared.clock import Clock
from shared.contracts.messages import Source

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Seconds between two looks at a source, and between two requests: it is our own machine that answers.
INTERVAL = 2.0
DELAY = 0.0


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: it is asked every two seconds."""


class SampleSite:
    """The site in a thread of its own, from `with` to its end. Raises OSError when the port is taken.

    `port` 0 lets the system choose; article ids follow from addresses, so give the same port and `started_at` again
    to have the same site again. `public` is its address where that is not the one it listens on. `appears_after` and
    `corrected_after` are seconds after `started_at`.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        public: str | None = None,
        started_at: datetime,
        clock: Clock,
        appears_after: float = 60,
        corrected_after: float = 90,
    ) -> None:
        self._press = load_press()
        self._server = make_server(host, port, _nothing, server_class=_Server, handler_class=_Quiet)
        self.address = public or f"http://{host}:{self._server.server_port}"
        timeline = Timeline(started_at, appears_after, corrected_after)
        answers = Answers(self._press, Addresses(self.address), timeline)
        self._server.set_app(_application(answers, clock))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def sources(self) -> tuple[Source, ...]:
        """One source for each outlet, its feed or its list of news."""
        return sample_sources(self._press, self.address)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def sample_sources(press: Press, address: str) -> tuple[Source, ...]:
    """The sources that the site at `address` (without a final slash) offers."""
    at = Addresses(address)
    return tuple(
        Source(
            id=f"sample-{o.id}",
            url=at.feed(o),
            name=f"{o.name} (sample)",
            kind="listing" if o.feed == "listing" else "feed",
            interval=INTERVAL,
            delay=DELAY,
            groups=("sample",),
            language=o.language if len(o.words) == 1 else None,
            country=o.country,
            rights=o.rights,
            quality=o.quality,
        )
        for o in press.outlets.values()
    )


def _nothing(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Stands in until the address, which the pages name, is known."""
    start_response("503 Service Unavailable", [])
    return [b""]


def _application(answers: Answers, clock: Clock) -> "WSGIApplication":
    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        question = Question(
            path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            query=environ.get("QUERY_STRING", ""),
            method=environ["REQUEST_METHOD"],
            if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
            if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        )
        answer = answers.answer(question, clock())
        headers = dict(answer.headers)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [] if question.method == "HEAD" else [answer.body]

    return application
