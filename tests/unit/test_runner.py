"""The runner on the embedded engines: what becomes of every message, whatever its step does."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from shared.agenda.agenda import Agenda
from shared.bus.port import Bus, BusUnavailable, NewRecord, Partition, Producer
from shared.contracts.messages import DeadLetter, FetchRequest
from shared.contracts.wire import Outgoing, Received
from shared.errors import BadMessage, TryAgain, Unavailable
from shared.runner.runner import Outage
from shared.runner.service import Downstream, Handled, Owns, Service, Tick
from shared.runner.settle import Retries
from shared.store.port import Store, Write
from tests.unit.runner_turns import (
    START,
    Clock,
    Turns,
    outcomes,
    pass_on,
    read_all,
    request,
    send,
    service,
    waiting,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_every_message_has_one_outcome_and_its_outputs(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 40)
    seen: list[str] = []

    def handle(received: Received) -> Handled:
        seen.append(received.message.url)
        write = Write("kept", received.headers.message_id, b"{}")
        return Handled(ends="done", remember=(write,))

    Turns(service(handle), bus, store, clock).until(lambda: waiting(bus) == 0)
    assert sorted(seen) == sorted(f"file:///{n}" for n in range(40))
    told = outcomes(bus)
    assert Counter(o.url for o in told) == {f"file:///{n}": 1 for n in range(40)}
    assert {(o.result, o.reason, o.attempts) for o in told} == {("ended", "done", 1)}
    assert store.count("kept") == 40


def test_outputs_keep_lane_and_trace_and_have_derived_ids(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 3, mode="backfill")

    def handle(received: Received) -> Handled:
        return pass_on(received) if received.record.key.startswith("host") else Handled(ends="done")

    Turns(service(handle), bus, store, clock).until(lambda: waiting(bus) == 0 and len(outcomes(bus)) == 6)
    records = [
        r
        for place, (first, end) in bus.ends("fetch-requests-backfill").items()
        for r in bus.read(place, first, end - first)
    ]
    first = {r.headers["traceparent"].split("-")[1] for r in records if r.key.startswith("host")}
    then = [r for r in records if r.key == "next"]
    assert {r.headers["traceparent"].split("-")[1] for r in then} == first
    assert len({r.headers["message-id"] for r in then}) == 3
    assert {r.headers["mode"] for r in then} == {"backfill"}


def test_a_bad_message_is_dead_at_once_and_others_flow(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 10)

    def handle(received: Received) -> Handled:
        if received.message.url.endswith("/7"):
            raise BadMessage("no such kind of document: tablet")
        return Handled(ends="done")

    Turns(service(handle), bus, store, clock).until(lambda: waiting(bus) == 0)
    letters: list[DeadLetter] = read_all(bus, "dead-letters")
    assert [(x.url, x.error, x.reason, x.attempts) for x in letters] == [
        ("file:///7", "BadMessage", "no such kind of document: tablet", 1)
    ]
    assert decode_request(letters[0].value or b"").url == "file:///7"
    assert Counter(o.result for o in outcomes(bus)) == {"ended": 9, "dead": 1}


def decode_request(value: bytes) -> FetchRequest:
    import msgspec

    return msgspec.json.decode(value, type=FetchRequest)


def test_bytes_that_cannot_be_read_never_reach_the_step(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 2)
    producer = bus.producer()
    producer.produce([NewRecord("fetch-requests", "host1", b"{broken", {"schema": "fetch-requests/1"})])
    Turns(service(lambda _: Handled(ends="done")), bus, store, clock).until(lambda: waiting(bus) == 0)
    letters = read_all(bus, "dead-letters")
    assert [(x.error, x.value) for x in letters] == [("Undecodable", b"{broken")]
    assert Counter(o.result for o in outcomes(bus)) == {"ended": 2, "dead": 1}


@pytest.mark.parametrize("error", [TryAgain("the moon is full"), ValueError("the moon is full")])
def test_a_failing_message_waits_in_the_agenda_then_works(
    bus: Bus, store: Store, clock: Clock, error: Exception
) -> None:
    send(bus, 3)
    tries: Counter[str] = Counter()

    def handle(received: Received) -> Handled:
        tries[received.message.url] += 1
        if received.message.url.endswith("/1") and received.attempts < 3:
            raise error
        return Handled(ends="done")

    turns = Turns(service(handle), bus, store, clock)
    turns.until(lambda: waiting(bus) == 0)
    assert store.count("agenda-step") == 1
    before = dict(tries)
    turns.until(lambda: not waiting(bus))
    assert dict(tries) == before, "it came back before it was due"
    clock.now += timedelta(seconds=10)
    turns.until(lambda: tries["file:///1"] > before["file:///1"])
    clock.now += timedelta(seconds=20)
    turns.until(lambda: store.count("agenda-step") == 0)
    told = [(o.result, o.attempts) for o in outcomes(bus) if o.url == "file:///1"]
    assert told == [("retry", 1), ("retry", 2), ("ended", 3)]
    assert not read_all(bus, "dead-letters")


def test_after_the_last_try_it_is_dead_and_says_where(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 1)

    def handle(_received: Received) -> Handled:
        raise KeyError("author")

    turns = Turns(service(handle), bus, store, clock)

    def later() -> bool:
        clock.now += timedelta(seconds=5)
        return bool(read_all(bus, "dead-letters"))

    turns.until(later)
    (letter,) = read_all(bus, "dead-letters")
    assert letter.attempts == 3
    assert "KeyError" in letter.reason
    assert "author" in letter.reason
    assert "test_runner.py" in letter.where
    assert store.count("agenda-step") == 0


def test_one_fault_in_a_batch_is_laid_to_its_own_message(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 8)

    def step(batch: Sequence[Received]) -> Sequence[Handled]:
        if any(received.message.url.endswith("/3") for received in batch):
            raise RuntimeError("three")
        return [Handled(ends="done")] * len(batch)

    whole = Service(name="step", inputs=("fetch-requests",), step=step)
    Turns(whole, bus, store, clock, retries=Retries(1)).until(lambda: waiting(bus) == 0)
    assert [x.url for x in read_all(bus, "dead-letters")] == ["file:///3"]
    assert Counter(o.result for o in outcomes(bus)) == {"ended": 7, "dead": 1}


def test_while_a_dependency_is_down_nothing_is_lost_or_dead(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 20)
    down = [True]
    asked = Counter[str]()

    def handle(received: Received) -> Handled:
        asked[received.message.url] += 1
        if down[0]:
            raise Unavailable("the index does not answer")
        return Handled(ends="done")

    turns = Turns(service(handle), bus, store, clock)

    def wait() -> bool:
        clock.now += timedelta(seconds=1)
        return sum(asked.values()) > 3

    assert turns.runner.waiting() == ""
    turns.until(wait)
    assert turns.runner.waiting() == "step: the index does not answer"
    assert waiting(bus) == 20
    assert not outcomes(bus)
    down[0] = False

    def go_on() -> bool:
        clock.now += timedelta(seconds=5)
        return waiting(bus) == 0

    turns.until(go_on)
    assert turns.runner.waiting() == ""
    assert Counter(o.url for o in outcomes(bus)) == {f"file:///{n}": 1 for n in range(20)}


def test_an_outage_stops_the_service_instead_of_filling_the_dead_letters(
    bus: Bus, store: Store, clock: Clock
) -> None:
    send(bus, 30)

    def handle(_received: Received) -> Handled:
        raise RuntimeError("out of order")

    turns = Turns(service(handle), bus, store, clock, outage_after=5, retries=Retries(1))
    with pytest.raises(Outage, match=r"5 messages in a row failed.*out of order"):
        turns.until(lambda: False)
    assert len(read_all(bus, "dead-letters")) == 5
    assert waiting(bus) == 25
    again = Turns(service(lambda _: Handled(ends="done")), bus, store, clock)
    again.until(lambda: waiting(bus) == 0)
    assert Counter(o.result for o in outcomes(bus)) == {"dead": 5, "ended": 25}


def test_bad_messages_in_a_row_are_no_outage(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 12)

    def handle(_received: Received) -> Handled:
        raise BadMessage("not a document")

    Turns(service(handle), bus, store, clock, outage_after=5).until(lambda: waiting(bus) == 0)
    assert len(read_all(bus, "dead-letters")) == 12


class _Breaks:
    """A producer that fails once, after having written."""

    def __init__(self, real: Producer) -> None:
        self._real = real
        self.failed = False

    def produce(self, records: Sequence[NewRecord]) -> None:
        self._real.produce(records)
        if not self.failed:
            self.failed = True
            raise BusUnavailable("the acknowledgement was lost")

    def close(self) -> None:
        self._real.close()


def test_a_lost_acknowledgement_repeats_the_same_ids_and_reloads_state(
    bus: Bus, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(bus, 4)
    breaks = _Breaks(bus.producer())
    monkeypatch.setattr(bus, "producer", lambda: breaks)
    reloads: list[int] = []
    one = service(lambda _: Handled(ends="done"), reload=lambda held: reloads.append(len(held)))
    turns = Turns(one, bus, store, clock)

    def wait() -> bool:
        clock.now += timedelta(seconds=1)
        return waiting(bus) == 0

    turns.until(wait)
    by_id = Counter(o.id for o in outcomes(bus))
    assert set(by_id.values()) <= {1, 2}
    assert len(by_id) == 4
    assert len(reloads) >= 2


def test_what_is_due_by_time_is_done_by_the_owner(bus: Bus, store: Store, clock: Clock) -> None:
    asked: list[tuple[datetime, bool]] = []

    def tick(now: datetime, owns: Owns) -> Handled:
        asked.append((now, owns("fetch-requests", "host1")))
        return Handled((Outgoing("fetch-requests", "host1", request(1)),))

    ticking = service(lambda _: Handled(ends="done"), ticks=(Tick("look", timedelta(hours=1), tick),))
    Turns(ticking, bus, store, clock).until(lambda: len(outcomes(bus)) == 1)
    assert asked == [(START, True)]


def test_a_step_that_is_far_behind_slows_the_one_before(bus: Bus, store: Store, clock: Clock) -> None:
    send(bus, 10)
    slow = service(lambda _: Handled(ends="done"), downstream=Downstream("later", ("fetch-requests",), 5))
    turns = Turns(slow, bus, store, clock)
    with pytest.raises(AssertionError, match="not reached"):
        turns.until(lambda: waiting(bus) < 10, turns=20)
    bus.reset("later", {place: end for place, (_, end) in bus.ends("fetch-requests").items()})
    clock.now += timedelta(seconds=2)
    turns.until(lambda: waiting(bus) == 0)


def test_agenda_gives_one_item_per_key_and_survives(bus: Bus, store: Store, clock: Clock) -> None:
    from shared.agenda.agenda import item_of

    send(bus, 10)
    records = [r for p, (a, b) in bus.ends("fetch-requests").items() for r in bus.read(p, a, b - a)]
    agenda = Agenda(store, "x")
    agenda.put([item_of(r, f"i{n}", START + timedelta(seconds=n), 2) for n, r in enumerate(records)])
    assert agenda.due(START - timedelta(seconds=1), 10) == []
    assert [i.id for i in agenda.due(START, 10)] == ["i0"]
    keys = [i.key for i in agenda.due(START + timedelta(seconds=60), 100)]
    assert sorted(keys) == sorted({r.key for r in records})
    places = {Partition(r.topic, r.partition) for r in records}
    agenda.drop(places)
    assert len(agenda) == 0
    agenda.load(places)
    assert len(agenda) == 10
    agenda.done([f"i{n}" for n in range(10)])
    assert store.count("agenda-x") == 0
