"""Operations on the dashboard: what runs, what waits, how fast, what broke, and what became of any document."""

from collections.abc import Iterator
from dataclasses import replace as with_
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.dashboard.context import Context
from services.dashboard.letters import Letters
from services.dashboard.operations import KEPT, Operations
from services.dashboard.recent import MOST, WINDOW, Outcomes
from shared.bus.port import Bus, BusUnavailable, NewRecord, Partition
from shared.contracts.article import Struct
from shared.contracts.messages import DeadLetter, FetchRequest, Source, StepOutcome
from shared.contracts.sources import SourceState, source_state_write
from shared.contracts.wire import Outgoing, encode, new_traceparent
from shared.dead_letters import close
from shared.journeys import put_together, write_of
from shared.status import GROUPS, collect_status
from shared.taxonomy.taxonomy import Taxonomy
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import NOW, browser
from tests.unit.dashboard_filled import copied, delivery, keep, prepared, send, shown, words
from tests.unit.dashboard_html import PAYLOAD, assert_safe

URL = "https://news.example.org/one"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    return prepared(tmp_path_factory.mktemp("filled"), taxonomy, (article("one"),))


@pytest.fixture
def context(tmp_path: Path, taxonomy: Taxonomy, filled: Path) -> Iterator[Context]:
    with copied(filled, tmp_path / "data", taxonomy) as context:
        yield context


@pytest.fixture
def client(context: Context) -> Iterator[TestClient]:
    with browser(context) as client:
        yield client


def produce(bus: Bus, topic: str, *messages: tuple[str, Struct]) -> None:
    """Put messages on a topic, as a runner does."""
    producer = bus.producer()
    producer.produce(
        [
            encode(
                Outgoing(topic, key, message), message_id=f"m{n}", traceparent=new_traceparent(), mode="live"
            )
            for n, (key, message) in enumerate(messages)
        ]
    )
    producer.close()


def outcome(service: str, at: datetime, url: str = URL, **changes: Any) -> tuple[str, StepOutcome]:
    given: dict[str, Any] = {"id": f"{service}{at}", "topic": "articles", "partition": 0, "offset": 0, "result": "passed", "outputs": 1, "ms": 10.0}  # fmt: skip
    return url, StepOutcome(service=service, url=url, at=at, **{**given, **changes})


def letter(number: int = 1, **changes: Any) -> tuple[str, DeadLetter]:
    request = FetchRequest(kind="page", source=Source(id="s"), url=URL, requested_at=NOW)
    made = encode(
        Outgoing("fetch-requests", "h", request), message_id="m", traceparent=new_traceparent(), mode="live"
    )
    given: dict[str, Any] = {
        "id": f"letter{number}", "service": "crawler", "topic": "fetch-requests", "partition": 2, "offset": 7, "key": "h",
        "value": made.value, "headers": dict(made.headers), "url": f"{URL}?{number}", "error": "Fault", "reason": "KeyError: 'x'",
        "where": "fetch.py:3", "attempts": 3, "at": NOW - timedelta(hours=number),
    }  # fmt: skip
    return f"{URL}?{number}", DeadLetter(**{**given, **changes})


def live(bus: Bus, topic: str) -> int:
    return sum(end - first for first, end in bus.ends(topic).values())


def test_what_does_not_run_and_what_waits_is_told_first(client: TestClient, context: Context) -> None:
    request = FetchRequest(kind="page", source=Source(id="s"), url=URL, requested_at=NOW)
    produce(context.bus, "fetch-requests", ("h", request))
    keep(context, delivery(1, "sub-1", status="failed"), delivery(2, "sub-1"))
    ill = SourceState(id="ill", health="failing", registered_at=NOW)
    context.store.put(source_state_write(ill))
    produce(context.bus, "dead-letters", letter())
    page = shown(client, "/ops")
    (needs,) = page.xpath("//section[@class='needs']")
    assert [words(li) for li in needs.xpath(".//li")] == [
        f"Not running: {', '.join(GROUPS)}; 1 message for them",
        "1 dead letter",
        "1 source failing",
        "1 delivery failed for good",
    ]
    assert needs.xpath(".//a/@href") == ["/ops/dead-letters", "/sources?health=failing", "/alerts"]
    figures = [words(d) for d in page.xpath("//dl[@class='figures']/div")]
    assert figures[0].startswith("Searchable1articles")
    assert "Alerts delivered10 waiting, 1 failed" in figures[2]
    (piece,) = page.xpath("//*[@data-fresh]")
    assert piece.get("data-fresh") == "/ops/now"
    assert words(shown(client, "/ops/now").xpath("//section[@class='needs']")[0]) == words(needs)


def test_who_runs_is_seen(context: Context) -> None:
    consumer = context.bus.consumer("parser", ["fetched"])
    consumer.poll(1, 0.0)
    lines = {line.name: line for line in Operations(context).now().services}
    consumer.close()
    assert (lines["parser"].running, lines["crawler"].running) == (1, 0)
    assert [lines[name].topic for name in ("parser", "journeys")] == ["fetched", "outcomes"]


def test_live_and_backfill_are_counted_apart(context: Context) -> None:
    producer = context.bus.producer()
    for lane, number in (("fetched", 2), ("fetched-backfill", 3)):
        producer.produce([NewRecord(lane, f"k{n}", b"{}") for n in range(number)])
    producer.close()
    (parser,) = (line for line in Operations(context).now().services if line.name == "parser")
    assert (parser.waiting, parser.backfill) == (2, 3)


def test_the_api_tells_the_same_as_the_command(client: TestClient, context: Context) -> None:
    produce(context.bus, "dead-letters", letter(1), letter(2))
    producer = context.bus.producer()
    producer.produce([NewRecord("fetched-backfill", "k", b"{}"), NewRecord("parsed", "k", b"{}")])
    producer.close()
    context.store.put(write_of(put_together(URL, [outcome("crawler", NOW)[1]])))
    told = client.get("/api/v1/status").json()
    assert told == collect_status(context.bus, context.store, context.reader)
    assert (told["dead_letters"], told["documents"], told["searchable"]) == (2, {"under way": 1}, 1)


def test_pace_and_passage_come_from_what_was_done(client: TestClient, context: Context) -> None:
    steps = []
    for n in range(10):
        at, url = NOW - timedelta(seconds=20 * n + 10), f"{URL}/{n}"
        steps.append(outcome("crawler", at, url, ms=100.0))
        steps.append(outcome("parser", at + timedelta(seconds=1), url, ms=10.0 * n))
        steps.append(
            outcome(
                "indexer",
                at + timedelta(seconds=2 + n / 10),
                url,
                result="ended",
                reason="indexed",
                outputs=0,
            )
        )
    steps.append(outcome("parser", NOW - timedelta(seconds=3), result="dead", reason="KeyError"))
    steps.append(outcome("parser", NOW - WINDOW - timedelta(seconds=1)))
    steps.append(
        outcome(
            "indexer",
            NOW - timedelta(seconds=4),
            "https://not.fetched.example/",
            result="ended",
            reason="indexed",
        )
    )
    steps.append(outcome("crawler", NOW, "source:quiet", result="ended", reason="nothing has changed"))
    produce(context.bus, "outcomes", *steps)
    recent = Outcomes(context.bus).recent(NOW)
    parser = recent.paces["parser"]
    assert parser.per_minute == pytest.approx(11 / 5)
    assert parser.failed == 1
    assert [parser.middle, parser.slow] == pytest.approx([0.04, 0.09])
    assert recent.passage
    passage = recent.passage
    assert [passage.count, passage.middle, passage.slow] == pytest.approx([10, 2.5, 2.9])
    assert recent.since == NOW - WINDOW

    page = shown(client, "/ops")
    (row,) = (
        tr for tr in page.xpath("//table[contains(@class, 'services')]//tr") if words(tr).startswith("parser")
    )
    assert [words(cell) for cell in row][3:] == ["0", "0", "2.2", "40 ms", "90 ms", "1"]
    (figure,) = (d for d in page.xpath("//dl[@class='figures']/div") if "Fetched to" in words(d))
    assert [words(dd) for dd in figure.xpath("dd")] == ["2.5 s", "for half of 10 articles; 95 % within 2.9 s"]
    strip = page.xpath("//ol[contains(@class, 'strip')]/li")
    assert len(strip) == 14
    assert "nothing has changed" not in words(page), "looks without news are left out"
    assert "given up: KeyError" in words(strip[0])
    assert strip[0].xpath("./a/@href") == ["/journey?url=https%3A%2F%2Fnews.example.org%2Fone"]


def test_what_was_read_is_not_read_again(context: Context) -> None:
    outcomes = Outcomes(context.bus)
    produce(context.bus, "outcomes", outcome("parser", NOW))
    assert len(outcomes.recent(NOW).outcomes) == 1
    produce(context.bus, "outcomes", outcome("parser", NOW, "https://other.example/"))
    assert len(outcomes.recent(NOW).outcomes) == 2
    assert outcomes.recent(NOW + WINDOW + timedelta(seconds=1)).outcomes == []


def test_a_burst_is_told_over_the_time_it_covers(context: Context) -> None:
    produce(context.bus, "outcomes", *(outcome("parser", NOW - timedelta(seconds=100 - n / 100), f"{URL}/{n}") for n in range(MOST + 1000)))  # fmt: skip
    recent = Outcomes(context.bus).recent(NOW)
    assert len(recent.outcomes) <= MOST
    assert recent.since > NOW - timedelta(seconds=100)
    assert recent.paces["parser"].per_minute == pytest.approx(
        len(recent.outcomes) * 60 / (NOW - recent.since).total_seconds()
    )


def test_an_answer_is_kept_for_a_moment(context: Context) -> None:
    now = [NOW]
    operations = Operations(with_(context, clock=lambda: now[0]))
    first = operations.now()
    now[0] += KEPT / 2
    assert operations.now() is first
    now[0] += KEPT
    second = operations.now()
    assert second is not first
    operations.forget()
    assert operations.now() is not second


def test_with_the_bus_down_the_rest_is_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> Any:
        raise BusUnavailable("kafka:9092 does not listen")

    for name in ("ends", "lag", "members"):
        monkeypatch.setattr(context.bus, name, down)
    with browser(context) as client:
        page = shown(client, "/ops")
        told = client.get("/api/v1/status")
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    assert "The bus does not answer: kafka:9092 does not listen" in told.json()["detail"]
    needs = [words(li) for li in page.xpath("//section[@class='needs']//li")]
    assert needs == ["The bus does not answer: kafka:9092 does not listen"]
    assert "Searchable1articles" in words(page.xpath("//dl[@class='figures']")[0])
    assert "so nobody knows" in words(page)


def test_letters_are_listed_shown_and_dropped(client: TestClient, context: Context) -> None:
    assert "None" in words(shown(client, "/ops/dead-letters").xpath("//h2")[0])
    produce(context.bus, "dead-letters", letter(1), letter(2), letter(2))
    page = shown(client, "/ops/dead-letters")
    assert page.xpath("//h2/a/@href") == ["/ops/dead-letters/letter1", "/ops/dead-letters/letter2"]
    one = shown(client, "/ops/dead-letters/letter1")
    told = words(one)
    for said in (
        "KeyError: 'x'",
        "fetch.py:3",
        "after 3 tries",
        "fetch-requests/2/7",
        f'"url": "{URL}"',
        '"kind": "page"',
    ):
        assert said in told, said
    answer = send(client, "/ops/dead-letters/letter1", "/ops/dead-letters/letter1/drop")
    assert answer.headers["location"] == "/ops/dead-letters?done=dropped&count=1"
    assert "1 letter dropped" in words(shown(client, answer.headers["location"]))
    assert shown(client, "/ops/dead-letters").xpath("//h2/a/@href") == ["/ops/dead-letters/letter2"]
    assert "may have been replayed or dropped already" in words(
        shown(client, "/ops/dead-letters/letter1", 404)
    )
    assert live(context.bus, "fetch-requests-backfill") == 0


def test_a_letter_is_replayed_behind_live_news(client: TestClient, context: Context) -> None:
    produce(context.bus, "dead-letters", letter(1))
    answer = send(client, "/ops/dead-letters/letter1", "/ops/dead-letters/letter1/replay")
    assert answer.headers["location"] == "/ops/dead-letters?done=replayed&count=1"
    (place,) = (
        place for place, (first, end) in context.bus.ends("fetch-requests-backfill").items() if end > first
    )
    (record,) = context.bus.read(place, 0, 5)
    assert (record.key, record.value, record.headers["mode"]) == ("h", letter()[1].value, "backfill")
    assert send(client, "/ops", "/ops/dead-letters/letter1/replay").status_code == 404


def test_all_are_replayed_but_those_whose_message_is_gone(client: TestClient, context: Context) -> None:
    produce(context.bus, "dead-letters", letter(1), letter(2), letter(3, value=None))
    answer = send(client, "/ops/dead-letters", "/ops/dead-letters/replay")
    assert answer.headers["location"] == "/ops/dead-letters?done=replayed&count=2"
    assert shown(client, "/ops/dead-letters").xpath("//h2/a/@href") == ["/ops/dead-letters/letter3"]
    assert "too large to be carried along" in words(shown(client, "/ops/dead-letters/letter3"))
    gone = send(client, "/ops", "/ops/dead-letters/letter3/replay")
    assert (gone.status_code, "no longer kept" in gone.text) == (409, True)


def test_letters_are_read_once_and_what_others_close_goes(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    produce(context.bus, "dead-letters", *(letter(n) for n in range(1, 60)))
    letters, reads = Letters(context.bus, context.store), []
    read = context.bus.read

    def counted(place: Partition, offset: int, limit: int) -> Any:
        reads.append(offset)
        return read(place, offset, limit)

    monkeypatch.setattr(context.bus, "read", counted)
    assert len(letters.open()) == 59
    assert reads == [0, 25, 50]
    close(context.store, letter(7)[1], "dropped by the command")
    produce(context.bus, "dead-letters", letter(60))
    assert [head.id for head in letters.open()] == [f"letter{n}" for n in range(1, 61) if n != 7]
    assert reads == [0, 25, 50, 59]


def test_a_letter_that_cannot_be_read_hides_no_other(context: Context) -> None:
    producer = context.bus.producer()
    producer.produce([NewRecord("dead-letters", "k", b"\xff not ours")])
    producer.close()
    produce(context.bus, "dead-letters", letter(1))
    assert [head.id for head in Letters(context.bus, context.store).open()] == ["letter1"]


def test_what_became_of_a_document(client: TestClient, context: Context) -> None:
    steps = [
        outcome("crawler", NOW)[1],
        outcome("parser", NOW, result="dead", reason="no text", article="one")[1],
    ]
    context.store.put(write_of(put_together(URL, steps)))
    context.store.put(write_of(put_together("source:whc", [outcome("crawler", NOW, "source:whc", result="ended", reason="4 entries")[1]])))  # fmt: skip
    page = shown(client, f"/journey?url={URL}%23part")
    assert "given up No text" in words(page.xpath("//p[@class='standing']")[0])
    assert page.xpath("//p[@class='after']/a/@href") == ["/articles/one", "/ops/dead-letters", f"{URL}#part"]
    assert len(page.xpath("//table//tbody/tr")) == 2
    assert shown(client, "/journey?url=source:whc").xpath("//p[@class='after']/a/@href") == ["/sources/whc"]
    assert "Nothing is known of it" in words(shown(client, "/journey?url=https://nowhere.example/", 404))
    assert shown(client, "/journey").xpath("//input[@id='url']")


@pytest.mark.parametrize(
    "path", ["/ops", "/ops/now", "/ops/dead-letters", "/ops/dead-letters/letter1", "/journey"]
)
def test_who_must_log_in_sees_nothing(client: TestClient, context: Context, path: str) -> None:
    produce(context.bus, "dead-letters", letter(1))
    assert client.get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 303


@pytest.mark.parametrize("action", ["replay", "letter1/replay", "letter1/drop"])
def test_nothing_changes_without_our_own_form(client: TestClient, context: Context, action: str) -> None:
    produce(context.bus, "dead-letters", letter(1))
    assert client.post(f"/ops/dead-letters/{action}").status_code == 403
    assert live(context.bus, "fetch-requests-backfill") == 0
    assert len(Letters(context.bus, context.store).open()) == 1


def test_hostile_words_stay_words(client: TestClient, context: Context) -> None:
    bad = {"service": PAYLOAD, "error": PAYLOAD, "reason": PAYLOAD, "where": PAYLOAD, "url": f"javascript:{PAYLOAD}", "headers": {PAYLOAD: PAYLOAD}, "value": PAYLOAD.encode()}  # fmt: skip
    produce(context.bus, "dead-letters", letter(1, **bad))
    hostile_id = "x" + PAYLOAD.replace("/", "")
    produce(context.bus, "dead-letters", letter(2, **bad, id=hostile_id))
    address = f"javascript:{PAYLOAD}"
    step = outcome(PAYLOAD, NOW, address, result="ended", reason=PAYLOAD, article=PAYLOAD)
    produce(context.bus, "outcomes", step, outcome("parser", NOW, PAYLOAD, result="dead", reason=PAYLOAD))
    context.store.put(write_of(put_together(address, [step[1]])))
    for path in (
        "/ops",
        "/ops/now",
        "/ops/dead-letters",
        "/ops/dead-letters/letter1",
        f"/ops/dead-letters/{hostile_id}",
    ):
        assert "alert(1)" in words(shown(client, path)), path
    answer = client.get("/journey", params={"url": address})
    assert answer.status_code == 200
    assert_safe(answer.text)
    assert_safe(client.get("/journey", params={"url": PAYLOAD}).text)
