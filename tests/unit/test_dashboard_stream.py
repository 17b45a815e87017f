"""The stream: articles as they pass, to everybody who listens, filtered, resumed, bounded; and ended in words."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.dashboard import event_stream, streaming
from services.dashboard.app import create_app
from services.dashboard.context import Context
from services.dashboard.event_stream import EventStream
from services.dashboard.following import ends, id_of, positions_of
from services.dashboard.streaming import MOST_WAITING, Hub, Listener
from shared.bus.partitioning import partition_of
from shared.bus.port import BusUnavailable, NewRecord, Partition
from shared.contracts.article import Article
from shared.contracts.messages import ArticleUpdate
from shared.contracts.wire import Outgoing, encode, new_traceparent
from shared.query.ast import Query, Word
from shared.taxonomy.taxonomy import Taxonomy
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import browser, serving
from tests.unit.dashboard_filled import copied, prepared
from tests.waiting import wait_until

LONG = 20.0


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    return prepared(tmp_path_factory.mktemp("filled"), taxonomy)


@pytest.fixture
def context(tmp_path: Path, taxonomy: Taxonomy, filled: Path) -> Iterator[Context]:
    with copied(filled, tmp_path / "data", taxonomy) as context:
        yield context


@dataclass
class Served:
    """A dashboard that is really served, and its hub."""

    address: str
    hub: Hub


@pytest.fixture
def served(context: Context) -> Iterator[Served]:
    app = create_app(context)
    with serving(context, app) as address:
        yield Served(address, app.state.hub)


@dataclass(frozen=True)
class Event:
    id: str
    name: str
    data: Any


class Stream:
    """What an EventSource would see of a stream: its events, one after another, and the last id."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last = ""
        self._lines = answer.iter_lines()
        self.comments: list[str] = []

    def block(self) -> dict[str, str]:
        """The fields up to the next empty line; empty at the end of the stream."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            if not name:
                self.comments.append(value.strip())
                fields[""] = value.strip()
            else:
                fields[name] = value.strip()
                self.last = fields.get("id", self.last)
        return fields

    def next(self) -> Event:
        while fields := self.block():
            if "data" in fields:
                return Event(self.last, fields.get("event", "message"), json.loads(fields["data"]))
        raise AssertionError("the stream has ended")


@contextmanager
def stream(served: Served, path: str = "/api/v1/stream", **headers: str) -> Iterator[Stream]:
    with httpx.stream("GET", served.address + path, headers=headers, timeout=LONG) as answer:
        assert answer.status_code == 200, answer.read()
        opened = Stream(answer)
        assert "id" in opened.block()
        yield opened


def send(context: Context, *articles: Article, change: Any = "new", lane: Any = "live") -> None:
    """Have articles pass, as the events service sends them."""
    producer = context.bus.producer()
    producer.produce(
        [
            encode(
                Outgoing("articles", one.id, ArticleUpdate(change=change, article=one)),
                message_id=one.id,
                traceparent=new_traceparent(),
                mode=lane,
            )
            for one in articles
        ]
    )
    producer.close()


def many(count: int, start: int = 0) -> Sequence[Article]:
    return [article(f"a{n}", f"Article {n}", "bronze") for n in range(start, start + count)]


def test_articles_are_told_as_they_pass(served: Served, context: Context) -> None:
    send(context, article("before"))
    with stream(served) as listening:
        assert listening.answer.headers["content-type"].startswith("text/event-stream")
        assert listening.answer.headers["cache-control"] == "no-store"
        send(context, article("one", "Bell", "The bell."))
        send(context, article("old", "Old"), lane="backfill")
        for change in ("regrouped", "reparsed"):
            send(context, article("one", "Bell"), change=change)
        send(context, article("one", "Bell", "The bell again."), change="revision")
        first, second = listening.next(), listening.next()
    assert (first.name, first.data["change"], first.data["article"]["text"]) == (
        "article",
        "new",
        "The bell.",
    )
    assert (second.data["change"], second.data["article"]["text"]) == ("revision", "The bell again.")
    assert first.id != second.id


def test_only_what_was_asked_for_is_told(served: Served, context: Context) -> None:
    with stream(served, "/api/v1/stream?q=title:bell+-marble&brief=true") as listening:
        send(
            context,
            article("a", "Bells", "marble"),
            article("b", "Statue", "bell"),
            article("c", "A bell", "bronze"),
        )
        told = listening.next().data["article"]
    assert told["id"] == "c"
    assert set(told) == {"id", "url", "title", "language", "source", "published_at", "event", "duplicate_of"}


def test_no_more_is_told_than_rights_allow(served: Served, context: Context) -> None:
    with stream(served, "/api/v1/stream?q=secretword") as listening:
        send(context, article("x", "Excerpt", "silver " * 100 + "secretword", rights="excerpt"))
        told = listening.next()
    assert told.data["article"]["id"] == "x"
    assert "secretword" not in json.dumps(told.data)


def test_who_comes_back_goes_on_where_it_was(served: Served, context: Context) -> None:
    with stream(served, "/api/v1/stream?q=bronze") as listening:
        send(context, *many(30))
        first = [listening.next() for _ in range(10)]
    send(context, *many(20, 30))
    with stream(served, "/api/v1/stream?q=bronze", **{"Last-Event-ID": first[-1].id}) as listening:
        send(context, *many(5, 50))
        rest = [listening.next() for _ in range(45)]
    ids = [event.data["article"]["id"] for event in [*first, *rest]]
    assert sorted(ids) == sorted(f"a{n}" for n in range(55)), "each once"
    with stream(served, f"/api/v1/stream?after={rest[-2].id}") as listening:
        assert listening.next().data == rest[-1].data


def test_who_was_away_too_long_is_told_so(
    served: Served, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stream(served) as listening:
        send(context, article("a0"))
        first = listening.next()
    monkeypatch.setattr(streaming, "MOST_MISSED", 2)
    place = next(p for p, end in ends(context.bus).items() if end)
    same = [n for n in range(400) if _partition(context, f"b{n}") == place.number][:5]
    send(context, *(article(f"b{n}") for n in same))
    with stream(served, **{"Last-Event-ID": first.id}) as listening:
        gap = listening.next()
        assert (gap.name, gap.data["messages"]) == ("gap", 3)
        assert [listening.next().data["article"]["id"] for _ in range(2)] == [f"b{n}" for n in same[3:]]
    for nonsense in ("nonsense", "1.2", "1." * 300, "-1" + ".0" * 11):
        with stream(served, **{"Last-Event-ID": nonsense}) as listening:
            gap = listening.next()
            assert (gap.name, gap.data["messages"]) == ("gap", None)


def _partition(context: Context, key: str) -> int:
    return partition_of(key, len(ends(context.bus)))


def test_an_id_beyond_the_end_begins_at_the_end(served: Served, context: Context) -> None:
    beyond = id_of(dict.fromkeys(ends(context.bus), 10**12))
    with stream(served, **{"Last-Event-ID": beyond}) as listening:
        send(context, article("new"))
        assert listening.next().data["article"]["id"] == "new"


def test_what_cannot_be_read_is_passed_over(served: Served, context: Context) -> None:
    with stream(served) as listening:
        producer = context.bus.producer()
        producer.produce([NewRecord("articles", "k", b"{broken")])
        producer.close()
        send(context, article("k"))
        assert listening.next().data["article"]["id"] == "k"


def test_a_burst_comes_whole(served: Served, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(streaming, "MOST_WAITING", 1000)
    with stream(served, "/api/v1/stream?brief=true") as listening:
        send(context, *many(90))
        assert len({listening.next().data["article"]["id"] for _ in range(90)}) == 90


def test_what_is_left_over_is_read_without_a_wait(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MOST_AT_ONCE", 3)
    begin = id_of(ends(context.bus))
    send(context, *many(90))
    stopping = threading.Event()
    hub = Hub(context.bus, stopping, poll=3600.0)

    async def listen() -> set[str]:
        listener = Listener(None, True, asyncio.get_running_loop())
        hub.join(listener, begin)
        told = [await asyncio.wait_for(listener.queue.get(), LONG) for _ in range(90)]
        hub.leave(listener)
        return {id for id, _ in told}

    assert len(asyncio.run(listen())) == 90
    stopping.set()


def test_all_who_listen_are_read_for_once(
    served: Served, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, read = [0], context.bus.read

    def counted(*asked: Any) -> Any:
        reads[0] += 1
        return read(*asked)

    monkeypatch.setattr(context.bus, "read", counted)
    with stream(served) as one, stream(served, "/api/v1/stream?q=bell") as other:
        wait_until(lambda: len(served.hub) == 2, LONG)
        send(context, article("x", "Bell"))
        assert one.next().id == other.next().id
    assert reads[0] == 1
    wait_until(lambda: len(served.hub) == 0, LONG)
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "stream"], LONG)


def test_no_more_listen_than_there_is_room_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MOST_LISTENERS", 1)
    with stream(served):
        refused = httpx.get(served.address + "/api/v1/stream")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "30"
        assert refused.json()["detail"] == "1 clients listen already; try again later."


def test_a_stop_ends_every_stream(served: Served, context: Context) -> None:
    with stream(served) as listening:
        context.stopping.set()
        assert listening.block() == {}
    wait_until(lambda: len(served.hub) == 0, LONG)


def test_the_bus_may_go_away_and_come_back(
    served: Served, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    down, ends_of = threading.Event(), context.bus.ends
    refused = threading.Event()

    def maybe(topic: str) -> Any:
        if down.is_set():
            refused.set()
            raise BusUnavailable("the broker does not listen")
        return ends_of(topic)

    monkeypatch.setattr(context.bus, "ends", maybe)
    with stream(served) as listening:
        down.set()
        assert refused.wait(LONG)
        send(context, article("meanwhile"))
        answer = httpx.get(served.address + "/api/v1/stream")
        assert (answer.status_code, "does not listen" in answer.json()["detail"]) == (503, True)
        down.clear()
        assert listening.next().data["article"]["id"] == "meanwhile"


def test_a_bad_query_is_told_before_anything_is_sent(context: Context) -> None:
    with browser(context) as client:
        answer = client.get("/api/v1/stream?q=bell+AND")
        assert answer.status_code == 400
        assert (answer.json()["position"], answer.headers["content-type"]) == (8, "application/problem+json")
        assert client.get("/api/v1/stream", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
        assert client.get("/api/v1/stream?brief=perhaps").status_code == 422
        head = client.head("/api/v1/stream")
        assert (head.status_code, head.headers["content-type"].split(";")[0]) == (200, "text/event-stream")


class Wire:
    """What the server would send on; `block` stops taking anything."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.blocked = asyncio.Event()
        self.blocked.set()

    async def send(self, message: Any) -> None:
        await self.blocked.wait()
        self.sent.append(message.get("body", b""))

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    @property
    def text(self) -> str:
        return b"".join(self.sent).decode()


def played(
    play: Callable[[Listener, Wire], Any],
    clock: Callable[[], float] = lambda: 0.0,
    query: Query | None = None,
) -> tuple[Listener, Wire]:
    """Run an answer to its end, over a hub that reads nothing; `play` is told when it listens."""

    class Silent(Hub):
        def __init__(self) -> None:
            """Without a bus."""
            self.left: list[Listener] = []

        def leave(self, listener: Listener) -> None:
            self.left.append(listener)

    async def run() -> tuple[Listener, Wire]:
        listener, wire, hub = Listener(query, False, asyncio.get_running_loop()), Wire(), Silent()
        listener.seen = "0.0"
        stopping = threading.Event()
        answer = EventStream(hub, listener, stopping, clock)
        task = asyncio.create_task(answer({"type": "http", "method": "GET"}, wire.receive, wire.send))
        while not wire.sent:
            await asyncio.sleep(0)
        if play(listener, wire):
            stopping.set()
        await task
        assert hub.left == [listener]
        return listener, wire

    return asyncio.run(run())


def test_who_does_not_keep_up_is_told_and_let_go() -> None:
    def flood(listener: Listener, wire: Wire) -> bool:
        for n in range(MOST_WAITING + 50):
            listener.offer(f"{n}", b"{}")
        listener.came_to("end")
        return False

    listener, wire = played(flood)
    assert listener.slow
    assert wire.text.count("event: article") == MOST_WAITING
    assert wire.text.split("\n\n")[-2].startswith('event: dropped\ndata: {"reason":"you read more slowly')
    assert listener.seen == "0.0", "it goes on after the last one it had"


def test_who_takes_nothing_any_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SEND_WITHIN", 0.01)

    def block(listener: Listener, wire: Wire) -> bool:
        wire.blocked.clear()
        listener.offer("1", b"{}")
        return False

    _, wire = played(block)
    assert "event: article" not in wire.text


def test_a_heartbeat_tells_up_to_where_all_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "LOOK", 0.001)
    now = iter(range(0, 10**6, 10))

    def quiet(listener: Listener, wire: Wire) -> bool:
        listener.came_to("7.7")
        return False

    _, wire = played(quiet, lambda: float(next(now)))
    assert wire.text.startswith("retry: 3000\nid: 0.0\n: listening\n\n")
    assert ": still here\nid: 7.7\n\n" in wire.text
    assert "event:" not in wire.text, "an hour, then it ends"


def test_a_query_that_breaks_breaks_nobody_elses_stream(
    served: Served, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = object()
    with stream(served) as listening:
        odd = Listener(broken, False, asyncio.new_event_loop())
        served.hub.join(odd)
        send(context, article("x", "Bell"))
        assert listening.next().data["article"]["id"] == "x"
        wait_until(lambda: "is not told of https://news.example.org/x" in caplog.text, LONG)
        served.hub.leave(odd)
        odd.loop.close()


def test_a_fault_of_ours_is_logged_and_the_stream_goes_on(
    served: Served, context: Context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults, ends_of = [RuntimeError("a fault")], context.bus.ends

    def once(topic: str) -> Any:
        if faults and threading.current_thread().name == "stream":
            raise faults.pop()
        return ends_of(topic)

    monkeypatch.setattr(context.bus, "ends", once)
    with stream(served) as listening:
        send(context, article("x"))
        assert listening.next().data["article"]["id"] == "x"
    assert "a fault" in caplog.text


def test_ids_are_read_as_they_are_written() -> None:
    at = {Partition("articles", n): n * 7 for n in range(12)}
    assert positions_of(id_of(at), at) == at
    for id in ("", "1", "1.2.3", ".".join("²" * 12), ".".join(["9" * 20] * 12)):
        assert positions_of(id, at) is None


def test_a_listener_whose_loop_has_ended_holds_nobody_up(served: Served, context: Context) -> None:
    dead = Listener(Word("bell"), False, asyncio.new_event_loop())
    dead.loop.close()
    served.hub.join(dead)
    with stream(served) as listening:
        send(context, article("x", "Bell"), article("y", "Bell"))
        assert {listening.next().data["article"]["id"] for _ in range(2)} == {"x", "y"}
    served.hub.leave(dead)
