"""Journeys come out the same in any order, however often each outcome is told."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.indexer.journeys import JourneyKeeper
from shared.bus.port import Record
from shared.contracts.messages import StepOutcome
from shared.contracts.wire import Headers, Received
from shared.journeys import SPLIT, Journey, ended, find_journey, items_of, put_together
from shared.runner.service import Handled
from shared.store.sqlite import open_sqlite_store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://desk.example/1"


def outcome(number: int, service: str, result: str, reason: str = "", **more: Any) -> StepOutcome:
    at = START + timedelta(seconds=number)
    values: dict[str, Any] = {
        "id": f"{service}-{number}",
        "topic": "t",
        "partition": 0,
        "offset": number,
        "ms": 1.0,
    }
    return StepOutcome(
        **{**values, "url": URL, "at": at, "service": service, "result": result, "reason": reason, **more}
    )


WAY = [
    outcome(1, "crawler", "passed", outputs=1),
    outcome(2, "parser", "retry", "the moon is full", id="p"),
    outcome(3, "parser", "passed", id="p", attempts=2, article="abc"),
    outcome(4, "events", "passed", article="abc"),
    outcome(5, "indexer", "ended", "indexed", article="abc"),
]


@given(st.lists(st.sampled_from(WAY), max_size=20), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_journey(
    again: list[StepOutcome], order: random.Random
) -> None:
    told = [*WAY, *again]
    order.shuffle(told)
    assert put_together(URL, told) == put_together(URL, WAY)


def test_a_visit_that_waited_and_came_back_with_nothing_new_leaves_the_journey_where_it_stood() -> None:
    waits = outcome(20, "crawler", "retry", "part 2 of it is asked for next", offset=7)
    assert put_together(URL, [*WAY, waits]).state == "retry"
    back = outcome(30, "crawler", "passed", offset=7)
    journey = put_together(URL, [*WAY, waits, back])
    assert (journey.state, journey.reason) == ("indexed", "indexed")
    other = outcome(31, "crawler", "passed", offset=8)
    assert put_together(URL, [*WAY, waits, other]).state == "retry"


def test_a_redelivery_that_finds_the_work_done_changes_nothing() -> None:
    again = outcome(9, "events", "ended", "unchanged", id="events-4", article="abc")
    assert put_together(URL, [*WAY, again]) == put_together(URL, WAY)
    assert put_together(URL, [again, *WAY]).state == "indexed"


def test_what_is_indexed_and_comes_again_with_nothing_new_is_still_indexed() -> None:
    """As after a crawler that was killed between reading a file and noting that it had."""
    visits = [
        step
        for n in range(10, 100, 3)
        for step in (
            outcome(n, "crawler", "passed", outputs=1),
            outcome(n + 1, "parser", "passed", outputs=1, article="abc"),
            outcome(n + 2, "events", "ended", "unchanged", article="abc"),
        )
    ]
    journey = put_together(URL, [*WAY, *visits])
    assert (journey.state, journey.reason) == ("indexed", "unchanged")
    assert (
        put_together(URL, [*journey.steps, outcome(200, "events", "ended", "unchanged")]).state == "indexed"
    )
    assert len(journey.steps) == 61
    older = outcome(9, "events", "ended", "an older version than the one that is known", article="abc")
    assert put_together(URL, [*WAY, older]).state == "indexed"
    assert put_together(URL, [*WAY[:3], older]).state == "ended"
    dead = outcome(9, "indexer", "dead", "too large", article="abc")
    assert put_together(URL, [*WAY, dead]).state == "dead"


def test_where_a_journey_stands() -> None:
    states = [(put_together(URL, WAY[:n]).state, put_together(URL, WAY[:n]).article) for n in range(1, 6)]
    assert states == [
        ("under way", None),
        ("retry", None),
        ("under way", "abc"),
        ("under way", "abc"),
        ("indexed", "abc"),
    ]
    dead = put_together(URL, [*WAY[:1], outcome(2, "parser", "dead", "no text")])
    assert (dead.state, dead.reason) == ("dead", "no text")
    replayed = put_together(URL, [*WAY[:1], outcome(2, "parser", "dead", "no text"), *WAY[3:]])
    assert replayed.state == "indexed"
    passed_over = put_together(URL, [outcome(1, "crawler", "ended", "passed over: a photo")])
    assert passed_over.state == "ended"


def test_a_document_that_comes_again_has_ended_when_it_did_so_again() -> None:
    assert ended(put_together(URL, WAY), START)
    assert not ended(put_together(URL, WAY[:4]), START)
    again = [*WAY, outcome(11, "parser", "passed", article="abc")]
    assert not ended(put_together(URL, again), START + timedelta(seconds=10))
    told = outcome(12, "delivery", "ended", "delivered", topic="alerts", article="abc")
    assert not ended(put_together(URL, [*again, told]), START + timedelta(seconds=10))
    again.append(outcome(13, "events", "ended", "unchanged", article="abc"))
    assert ended(put_together(URL, again), START + timedelta(seconds=10))


def test_journeys_are_kept_and_counted_by_state(tmp_path: Path) -> None:
    store = open_sqlite_store(tmp_path)
    keeper = JourneyKeeper(store)
    batch = [
        *WAY,
        outcome(9, "crawler", "passed", url="https://desk.example/2"),
        outcome(9, "crawler", "passed", url="source:desk"),
    ]
    for chunk in (batch[:3], batch[2:], batch[:1]):
        for verdict in keeper.step([received(o) for o in chunk]):
            assert isinstance(verdict, Handled)
            store.put_many(verdict.remember)
    assert store.count_by("journeys", "document-state") == {"indexed": 1, "under way": 1}
    assert find_journey(store, URL) == put_together(URL, WAY)
    assert find_journey(store, "https://desk.example/3") is None
    assert isinstance(find_journey(store, "source:desk"), Journey)


def received(message: StepOutcome) -> Received:
    return Received(Record("outcomes", 0, 0, "k", b"", {}, 0), message, Headers("m", "outcomes/1", "t"))


def test_alerts_are_told_and_do_not_change_where_the_document_stands() -> None:
    waits = outcome(7, "delivery", "retry", "answered 500", topic="alerts", article="abc")
    dead = outcome(8, "delivery", "dead", "no such channel", topic="alerts", article="abc")
    journey = put_together(URL, [waits, *WAY, dead])
    assert (journey.state, journey.reason) == ("indexed", "indexed")
    assert journey.steps[-2:] == (waits, dead)
    many = [outcome(n, "delivery", "ended", "delivered", topic="alerts") for n in range(10, 300)]
    journey = put_together(URL, [*WAY, *many])
    assert journey.state == "indexed"
    assert journey.steps[0].service == "crawler"
    assert len(journey.steps) == 24
    assert put_together(URL, many).state == "ended"


def test_a_document_that_was_split_names_its_items() -> None:
    split = put_together(URL, [outcome(1, "parser", "ended", SPLIT.format(3), outputs=3)])
    assert items_of(split) == (f"{URL}#1", f"{URL}#2", f"{URL}#3")
    assert items_of(put_together(URL, WAY)) == ()
