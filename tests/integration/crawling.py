"""A crawler on the embedded engines against a site on this machine, with a clock that flows with the runner's turns."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from services.crawler.feed_worker import FeedWorker
from services.crawler.service import crawler_service
from shared.bus.local import open_local_bus
from shared.contracts.messages import FetchedDocument, FetchRequest, Source, StepOutcome
from shared.contracts.sources import SOURCE_STATES, SourceState, decode_source_state
from shared.contracts.topics import bus_topics
from shared.contracts.wire import Received
from shared.outgoing.addresses import Networks
from shared.outgoing.client import OutgoingClient, user_agent
from shared.runner.service import Handled, Owns, Service, Tick, Verdict
from shared.sources import Listed
from shared.store.sqlite import open_sqlite_store
from tests.unit.runner_turns import Clock, Turns, read_all

LOOPBACK = Networks.parse("127.0.0.0/8")


@dataclass
class Reply:
    """What the site says at one address."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(frozen=True)
class Asked:
    """A request that the site got: when by the test's clock, of which host, for what."""

    at: datetime
    host: str
    path: str
    headers: Mapping[str, str]


class Site:
    """Several hosts on one port. `pages` maps "host/path" to what is said there; everything else is 404."""

    def __init__(self, clock: Clock) -> None:
        self.pages: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = self.headers.get("host", "").partition(":")[0]
                asked = Asked(clock(), host, self.path, {k.lower(): v for k, v in self.headers.items()})
                site.asked.append(asked)
                told = site.pages.get(f"{host}{self.path}", Reply(status=404))
                reply = told(asked) if callable(told) else told
                etag = reply.headers.get("ETag")
                if etag and asked.headers.get("if-none-match") == etag:
                    reply = replace(reply, status=304, body=b"")
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status != 304:
                    self.send_header("Content-Length", str(len(reply.content)))
                self.end_headers()
                if reply.status != 304:
                    self.wfile.write(reply.content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str, host: str = "one.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def times(self, path: str, host: str = "one.example") -> list[datetime]:
        return [a.at for a in self.asked if (a.host, a.path) == (host, path)]

    def count(self, path: str, host: str = "one.example") -> int:
        return len(self.times(path, host))


def resolver(host: str, port: int, family: int, kind: int) -> Any:
    """Every name of an example host is this machine; any other does not exist."""
    if not host.endswith(".example") or host.startswith("gone."):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


class Crawl:
    """A crawler for some sources, on data that outlives it."""

    def __init__(self, data: Path, clock: Clock, sources: Sequence[Source]) -> None:
        self.clock = clock
        self.bus = open_local_bus(data / "bus", bus_topics())
        self.store = open_sqlite_store(data / "store")
        self.sources = tuple(sources)
        self.client: Any = OutgoingClient(LOOPBACK, user_agent("mailto:desk@example.org"), resolver=resolver)

    def close(self) -> None:
        self.store.close()
        self.bus.close()

    def until(self, enough: Callable[[], bool], *, each: float = 1.0, steps: int = 1000) -> None:
        """Run a fresh crawler until `enough`; time goes on by `each` seconds whenever nothing is under way."""
        with self._service() as (service, quiet):
            left = [steps]

            def look() -> bool:
                if quiet():
                    left[0] -= 1
                    assert left[0] > 0, f"not reached within {steps} steps of {each} s"
                    self.clock.now += timedelta(seconds=each)
                return enough()

            Turns(service, self.bus, self.store, self.clock).until(look, turns=20 * steps)

    def run_for(self, seconds: float, *, each: float = 1.0) -> None:
        """Run a fresh crawler for so long, by the test's clock."""
        end = self.clock.now + timedelta(seconds=seconds)
        self.until(lambda: self.clock.now >= end, each=each, steps=int(seconds / each) + 50)

    @contextmanager
    def _service(self) -> Iterator[tuple[Service, Callable[[], bool]]]:
        worker = FeedWorker()
        try:
            service = crawler_service(
                Listed(file=self.sources),
                self.store,
                self.clock,
                client=self.client,
                networks=LOOPBACK,
                worker=worker,
            )
            yield _observed(service)
        finally:
            worker.close()

    def documents(self, lane: str = "fetched") -> list[FetchedDocument]:
        return read_all(self.bus, lane)

    def requests(self, lane: str = "fetch-requests") -> list[FetchRequest]:
        return read_all(self.bus, lane)

    def outcomes(self, url: str) -> list[StepOutcome]:
        return [o for o in read_all(self.bus, "outcomes") if o.url == url]

    def ends(self) -> list[str]:
        """How the journeys of pages ended here."""
        told: list[StepOutcome] = read_all(self.bus, "outcomes")
        return [o.reason for o in told if o.result == "ended" and not o.url.startswith("source:")]

    def state(self, id: str) -> SourceState | None:
        stored = self.store.get(SOURCE_STATES, id)
        return decode_source_state(stored.body) if stored else None

    def says(self, id: str) -> str:
        state = self.state(id)
        return state.says if state else ""


def _observed(service: Service) -> tuple[Service, Callable[[], bool]]:
    """The service with ticks at every turn or so, and whether all ticks have run and no step works since last asked."""
    lock, ticked, working = threading.Lock(), set[str](), [0]

    def noted(tick: Tick) -> Tick:
        def run(now: datetime, owns: Owns) -> Handled:
            with lock:
                ticked.add(tick.name)
            return tick.run(now, owns)

        # Real time is what triggers ticks; here it is to be the turns.
        return Tick(tick.name, timedelta(milliseconds=20), run)

    def step(batch: Sequence[Received]) -> Sequence[Verdict]:
        with lock:
            working[0] += 1
        try:
            return service.step(batch)
        finally:
            with lock:
                working[0] -= 1

    def quiet() -> bool:
        with lock:
            if working[0] or len(ticked) < len(service.ticks):
                return False
            ticked.clear()
            return True

    return replace(service, step=step, ticks=tuple(noted(t) for t in service.ticks)), quiet


def rss(*items: str, more: str = "") -> str:
    """An RSS feed with these items."""
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{more}{"".join(items)}</channel></rss>'


def item(title: str, link: str, *, summary: str = "", published: str = "", content: str = "") -> str:
    """One item of an RSS feed."""
    date = f"<pubDate>{published}</pubDate>" if published else ""
    body = f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{content}]]></content:encoded>"
    return f"<item><title>{title}</title><link>{link}</link><description>{summary}</description>{date}{body if content else ''}</item>"


def page(text: str) -> Reply:
    """A web page."""
    return Reply(
        f"<html><body><article><h1>News</h1><p>{text}</p></article></body></html>",
        headers={"Content-Type": "text/html; charset=utf-8"},
    )
