"""Steps that wait for others: many keys at once, one item at a time per key, all of it durable."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from shared.bus.port import Bus
from shared.contracts.wire import Received
from shared.errors import BadMessage, Unavailable
from shared.journeys import put_together
from shared.runner.service import Handled
from shared.store.port import Store, Write
from tests.unit.runner_turns import START, Clock, Turns, outcomes, read_all, send, service, waiting

PATIENCE = 20


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Killed(BaseException):
    """The process ends here, without a word."""


def planned(store: Store) -> int:
    return store.count("agenda-step")


def test_keys_are_worked_at_once_and_a_key_one_item_at_a_time(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 20)
    together = threading.Barrier(5, timeout=PATIENCE)
    working: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()

    def handle(received: Received) -> Handled:
        key = received.record.key
        with lock:
            working[key] += 1
            most[key] = max(most[key], working[key])
        together.wait()  # passes when five work at once
        with lock:
            working[key] -= 1
        return Handled(ends="done")

    Turns(service(handle, at_once=8), bus, store, clock).until(lambda: len(outcomes(bus)) == 20)
    assert most == {f"host{n}": 1 for n in range(5)}
    assert planned(store) == 0
    assert not read_all(bus, "dead-letters")


def test_nothing_waits_in_a_partition_and_a_kill_loses_nothing(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 10)
    release = threading.Event()
    begun = threading.Semaphore(0)

    def hang(received: Received) -> Handled:
        begun.release()
        release.wait(PATIENCE)
        raise Killed

    turns = Turns(service(hang, at_once=2), bus, store, clock)
    with pytest.raises(Killed):
        turns.until(lambda: waiting(bus) == 0 and begun.acquire(blocking=False), before_the_end=release.set)
    assert planned(store) == 10
    again: list[str] = []

    def handle(received: Received) -> Handled:
        again.append(received.message.url)
        return Handled(ends="done")

    Turns(service(handle, at_once=2), bus, store, clock).until(lambda: len(outcomes(bus)) == 10)
    assert sorted(again) == sorted(f"file:///{n}" for n in range(10))


def test_what_is_timed_comes_back_then_and_is_no_failure(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 1)
    seen: list[tuple[datetime, int]] = []

    def handle(received: Received) -> Handled:
        seen.append((clock.now, received.attempts))
        if len(seen) == 6:
            return Handled(ends="done")
        write = Write("kept", str(len(seen)), b"{}")
        return Handled(remember=(write,), ends="in an hour", again_at=clock.now + timedelta(hours=1))

    turns = Turns(service(handle, at_once=2), bus, store, clock)

    def over() -> bool:
        if len(outcomes(bus)) == len(seen):
            clock.now += timedelta(minutes=20)
        return len(outcomes(bus)) == 6

    turns.until(over)
    gaps = {(b[0] - a[0]) for a, b in pairwise(seen)}
    assert gaps == {timedelta(hours=1)}
    assert {attempts for _, attempts in seen} == {1}
    assert store.count("kept") == 5
    told = outcomes(bus)
    assert len({o.id for o in told}) == 6
    assert put_together("file:///0", told).state == "ended"


def test_a_key_waits_until_it_may_be_worked(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 10)
    worked: list[tuple[str, datetime]] = []

    def handle(received: Received) -> Handled:
        worked.append((received.record.key, clock.now))
        return Handled(ends="done")

    def not_before(key: str) -> datetime:
        return START + timedelta(minutes=5) if key == "host3" else START

    turns = Turns(service(handle, at_once=4, not_before=not_before), bus, store, clock)
    turns.until(lambda: len(outcomes(bus)) == 8)
    assert "host3" not in {key for key, _ in worked}
    clock.now += timedelta(minutes=6)
    turns.until(lambda: len(outcomes(bus)) == 10)


def test_news_go_before_backfill(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 5, mode="backfill")
    order: list[str] = []
    gate = [True]

    def handle(received: Received) -> Handled:
        order.append(received.headers.mode)
        return Handled(ends="done")

    def not_before(_key: str) -> datetime:
        return START + timedelta(hours=1) if gate[0] else START

    turns = Turns(service(handle, at_once=1, not_before=not_before), bus, store, clock)
    turns.until(lambda: planned(store) == 5)
    send(bus, 5)
    turns.until(lambda: planned(store) == 10)
    gate[0] = False
    turns.until(lambda: len(outcomes(bus)) == 10)
    assert order == ["live"] * 5 + ["backfill"] * 5


def test_a_dependency_that_is_down_makes_it_wait(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 6)
    down = [True]

    def handle(_received: Received) -> Handled:
        if down[0]:
            raise Unavailable("the store is full")
        return Handled(ends="done")

    turns = Turns(service(handle, at_once=3), bus, store, clock)
    turns.until(lambda: turns.runner.waiting() == "step: the store is full")
    assert not outcomes(bus)
    assert planned(store) == 6
    down[0] = False

    def over() -> bool:
        clock.now += timedelta(seconds=1)
        return len(outcomes(bus)) == 6

    turns.until(over)
    assert {(o.result, o.attempts) for o in outcomes(bus)} == {("ended", 1)}


def test_faults_and_bad_messages_end_as_dead_letters(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 4)
    tries: Counter[str] = Counter()

    def handle(received: Received) -> Handled:
        tries[received.message.url] += 1
        if received.message.url.endswith("/1"):
            raise KeyError("author")
        if received.message.url.endswith("/2"):
            raise BadMessage("no such kind of document: tablet")
        return Handled(ends="done")

    turns = Turns(service(handle, at_once=4), bus, store, clock)

    def over() -> bool:
        clock.now += timedelta(seconds=5)
        return planned(store) == 0 and waiting(bus) == 0

    turns.until(over)
    letters = {x.url: (x.reason, x.attempts) for x in read_all(bus, "dead-letters")}
    assert letters == {
        "file:///1": ("KeyError: 'author'", 3),
        "file:///2": ("no such kind of document: tablet", 1),
    }


def test_a_stop_finishes_what_is_in_hand(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 1)
    release = threading.Event()
    begun = threading.Event()

    def handle(_received: Received) -> Handled:
        begun.set()
        release.wait(PATIENCE)
        return Handled(ends="done")

    turns = Turns(service(handle, at_once=2), bus, store, clock)
    turns.until(begun.is_set, before_the_end=release.set)
    assert [o.result for o in outcomes(bus)] == ["ended"]
    assert planned(store) == 0
