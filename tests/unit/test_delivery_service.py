"""The delivery service on the runner, with senders that do what the test says and a clock that the test moves."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.alerter.delivery.digest import DIGESTS
from services.alerter.delivery.parcel import Parcel
from services.alerter.delivery.sending import Sent
from services.alerter.delivery.service import delivery_service
from shared.bus.port import Bus
from shared.contracts.deliveries import decode_delivery
from shared.contracts.messages import Alert, Channel
from shared.store.port import Store, Write
from tests.unit.delivery_samples import NOW, alert, article, entry, ledger, send, subscribe, webhook
from tests.unit.runner_turns import Clock, Turns, outcomes, read_all

FEED = Channel(kind="feed", target="token")


class Receiver:
    """A sender: answers as `says` says, and remembers what came and when."""

    def __init__(self) -> None:
        self.got: list[tuple[str, datetime]] = []
        self.parcels: dict[str, Parcel] = {}
        self.says: Callable[[Parcel, int], Sent] = lambda _parcel, _tries: Sent("delivered", "answered 200")
        self._tries: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def place(self, channel: Channel) -> str:
        return channel.target

    def send(self, parcel: Parcel, now: datetime) -> Sent:
        with self._lock:
            self.got.append((parcel.id, now))
            self.parcels[parcel.id] = parcel
            self._tries[parcel.id] += 1
            return self.says(parcel, self._tries[parcel.id])

    @property
    def ids(self) -> list[str]:
        return sorted(id for id, _ in self.got)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(store: Store) -> Store:
    subscribe(store, webhook(), FEED)
    return store


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


EIGHT = datetime(2026, 3, 3, 8, tzinfo=UTC)


class Running:
    """The service over these engines; `until` moves the clock by `step` with every look. What is due by a tick is
    looked for when it begins."""

    def __init__(self, bus: Bus, store: Store, clock: Clock, receiver: Receiver) -> None:
        self.turns = Turns(delivery_service(store, {"webhook": receiver}, clock), bus, store, clock)
        self._clock = clock

    def until(self, enough: Callable[[], bool], step: timedelta = timedelta(0), turns: int = 400) -> None:
        def look() -> bool:
            if enough():
                return True
            self._clock.now += step
            return False

        self.turns.until(look, turns=turns)


@pytest.fixture
def running(bus: Bus, store: Store, clock: Clock, receiver: Receiver) -> Running:
    return Running(bus, store, clock, receiver)


def states(store: Store) -> dict[str, str]:
    return {one.id: one.status for one in ledger(store)}


def test_an_alert_is_delivered_and_noted(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    send(bus, alert(1), alert(2))
    running.until(lambda: set(states(store).values()) == {"delivered"} and len(states(store)) == 2)
    assert receiver.ids == ["a00001", "a00002"]
    one = entry(store, "a00001")
    assert [(a.ok, a.said) for a in one.attempts] == [(True, "answered 200")]
    assert one.delivered_at == NOW
    assert store.count("agenda-delivery") == 0


def test_what_was_delivered_is_never_sent_again(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    send(bus, alert(1))
    running.until(lambda: states(store) == {"a00001": "delivered"})
    send(bus, alert(1), alert(1), alert(2))
    running.until(lambda: len(outcomes(bus)) == 4)
    assert receiver.ids == ["a00001", "a00002"]
    assert {o.reason for o in outcomes(bus)} == {"delivered: answered 200", "delivered already"}


def test_a_failure_is_tried_again_at_its_time_and_hours_pass(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda _p, tries: (
        Sent("again", "answered 500") if tries < 5 else Sent("delivered", "answered 200")
    )
    send(bus, alert(1))
    running.until(lambda: states(store).get("a00001") == "delivered", timedelta(seconds=40))
    waits = [(b - a) for (_, a), (_, b) in zip(receiver.got, receiver.got[1:], strict=False)]
    expected = [timedelta(seconds=s) for s in (5, 60, 300, 1800)]
    # The clock moves 40 s with every look, and there may be two looks at a time that has come.
    assert all(
        w * 0.8 <= real <= w * 1.2 + timedelta(seconds=120) for w, real in zip(expected, waits, strict=True)
    )
    assert [a.ok for a in entry(store, "a00001").attempts] == [False] * 4 + [True]
    assert not read_all(bus, "dead-letters")


def test_after_three_days_it_has_failed(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda _p, _t: Sent("again", "answered 500")
    send(bus, alert(1))
    running.until(lambda: states(store).get("a00001") == "failed", timedelta(minutes=30))
    assert len(receiver.got) == 10
    assert timedelta(days=2) < clock.now - NOW < timedelta(days=4)
    assert entry(store, "a00001").attempts[-1].said.endswith("given up after 10 tries")
    assert store.count("agenda-delivery") == 0


def test_one_alert_that_waits_does_not_hold_up_the_others(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda parcel, _t: Sent("again", "x") if parcel.id == "a00001" else Sent("delivered", "y")
    send(bus, alert(1), alert(2), alert(3))
    running.until(lambda: sorted(states(store).values()) == ["delivered", "delivered", "waiting"])


def test_a_receiver_that_asks_to_wait_is_left_alone_by_all(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    until = NOW + timedelta(hours=1)

    def says(_parcel: Parcel, _tries: int) -> Sent:
        return (
            Sent("again", "answered 429", until) if clock.now < until else Sent("delivered", "answered 200")
        )

    receiver.says = says
    send(bus, *(alert(n) for n in range(20)))
    running.until(lambda: len(states(store)) == 20 and len(outcomes(bus)) == 20)
    assert len(receiver.got) == 1
    assert {one.next_try for one in ledger(store)} == {until}
    running.until(lambda: set(states(store).values()) == {"delivered"}, timedelta(minutes=10))
    assert len(receiver.got) == 21


def test_a_silent_host_costs_a_few_tries_and_not_one_per_alert(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda _p, _t: Sent("again", "cannot be reached: timed out", reached=False)
    send(bus, *(alert(n) for n in range(20)))
    running.until(lambda: len(outcomes(bus)) == 20)
    assert len(receiver.got) == 3
    told = {one.attempts[0].said for one in ledger(store)}
    assert told == {"cannot be reached: timed out", "not tried: nobody answered there 0 s ago"}


def test_gone_switches_the_channel_off_until_the_subscription_is_saved(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda _p, _t: Sent("gone", "answered 410")
    send(bus, alert(1))
    running.until(lambda: states(store) == {"a00001": "gone"})
    receiver.says = lambda _p, _t: Sent("delivered", "answered 200")
    send(bus, alert(2))
    running.until(lambda: states(store).get("a00002") == "cancelled")
    assert "answered 410 (gone) on 2026-03-02" in entry(store, "a00002").attempts[-1].said
    assert receiver.ids == ["a00001"]
    subscribe(store, webhook(), FEED)
    send(bus, alert(3))
    running.until(lambda: states(store).get("a00003") == "delivered")


def test_a_test_goes_to_a_channel_that_is_gone_and_switches_it_on_again(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    receiver.says = lambda _p, _t: Sent("gone", "answered 410")
    send(bus, alert(1))
    running.until(lambda: states(store) == {"a00001": "gone"})
    send(bus, alert(2, id="test-1"))
    running.until(lambda: states(store).get("test-1") == "gone")
    receiver.says = lambda _p, _t: Sent("delivered", "answered 200")
    send(bus, alert(3, id="test-2"))
    running.until(lambda: states(store).get("test-2") == "delivered")
    send(bus, alert(4))
    running.until(lambda: states(store).get("a00004") == "delivered")


def test_one_id_is_told_by_one_article_and_always_in_the_same_words(
    bus: Bus, store: Store, clock: Clock, receiver: Receiver
) -> None:
    receiver.says = lambda _p, _t: Sent("again", "answered 500")
    send(bus, alert(1))
    Running(bus, store, clock, receiver).until(
        lambda: states(store) == {"a00001": "waiting"} and len(receiver.got) == 1
    )
    first = receiver.parcels["a00001"]
    for waits in list(store.list("agenda-delivery")):
        store.delete("agenda-delivery", waits.id)
    receiver.says = lambda _p, _t: Sent("delivered", "answered 200")
    other = alert(1, article=article(id="other", title="Another bridge"))
    send(bus, other, alert(1, created_at=NOW + timedelta(hours=1)))
    Running(bus, store, clock, receiver).until(
        lambda: states(store) == {"a00001": "delivered"}, timedelta(seconds=5)
    )
    assert receiver.parcels["a00001"] == first
    assert "is told by article abcd" in {o.reason for o in outcomes(bus)}
    assert len(receiver.got) == 2


@pytest.mark.parametrize("how", ["removed", "deleted", "switched off", "another target"])
def test_who_asks_for_nothing_more_gets_nothing_more(
    bus: Bus, store: Store, running: Running, receiver: Receiver, how: str
) -> None:
    receiver.says = lambda _p, _t: Sent("again", "answered 500")
    send(bus, alert(1))
    running.until(lambda: len(receiver.got) == 1 and states(store) == {"a00001": "waiting"})
    match how:
        case "removed":
            store.delete("subscriptions", "sub-1")
        case "deleted":
            subscribe(store, deleted=True)
        case "switched off":
            subscribe(store, webhook(), enabled=False)
        case "another target":
            subscribe(store, webhook("https://elsewhere.example"))
    running.until(lambda: states(store) == {"a00001": "cancelled"}, timedelta(seconds=3))
    assert len(receiver.got) == 1


def test_a_changed_secret_is_used_at_once(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    subscribe(store, Channel(kind="webhook", target=webhook().target, secret="another secret"))
    send(bus, alert(1))
    running.until(lambda: states(store) == {"a00001": "delivered"})
    assert receiver.parcels["a00001"].channel.secret == "another secret"


def test_a_private_feed_is_the_ledger_itself(
    bus: Bus, store: Store, running: Running, receiver: Receiver
) -> None:
    send(bus, alert(1, FEED), alert(2, FEED, digest="daily"))
    running.until(lambda: states(store) == {"a00001": "delivered", "a00002": "delivered"})
    assert entry(store, "a00001").target == "private feed"
    assert receiver.got == []


def test_an_id_that_no_header_may_hold_is_a_bad_message(bus: Bus, store: Store, running: Running) -> None:
    bad = alert(1, id="a\r\nx-evil: 1")
    send(bus, bad)
    running.until(lambda: bool(read_all(bus, "dead-letters")))
    assert "a header holds letters" in read_all(bus, "dead-letters")[0].reason
    assert states(store) == {}


# Digests.


def digest_alerts(*numbers: int) -> list[Alert]:
    return [alert(n, digest="daily", article=article(id=f"x{n}", title=f"Bridge {n}")) for n in numbers]


def held(store: Store) -> int:
    return list(states(store).values()).count("held")


def test_a_digest_holds_until_eight_and_goes_out_as_one(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    send(bus, *digest_alerts(1, 2, 3))
    running.until(lambda: held(store) == 3)
    assert store.count("agenda-delivery") == 0
    assert {one.next_try for one in ledger(store)} == {EIGHT}
    clock.now = EIGHT - timedelta(seconds=1)
    running.until(lambda: True)
    assert len(read_all(bus, "alerts")) == 3
    clock.now = EIGHT + timedelta(minutes=1)
    running.until(lambda: set(states(store).values()) == {"delivered"})
    ((id, _),) = receiver.got
    assert [n.headline for n in receiver.parcels[id].news] == ["Bridge 1", "Bridge 2", "Bridge 3"]
    assert all(one.attempts[-1].said == "answered 200" for one in ledger(store))


def test_every_day_has_a_digest_of_its_own(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    for number in (1, 2):
        send(bus, *digest_alerts(number))
        running.until(lambda: held(store) == 1)
        clock.now += timedelta(days=1)
        running.until(lambda: held(store) == 0)
    assert len(set(receiver.ids)) == 2
    assert [len(p.news) for p in receiver.parcels.values()] == [1, 1]


def test_a_digest_that_fails_comes_again_with_the_same_articles(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    seen: list[list[str]] = []

    def says(parcel: Parcel, tries: int) -> Sent:
        seen.append([n.alert for n in parcel.news])
        return Sent("again", "answered 500") if tries < 3 else Sent("delivered", "answered 200")

    receiver.says = says
    send(bus, *digest_alerts(1, 2))
    running.until(lambda: held(store) == 2)
    clock.now = EIGHT + timedelta(minutes=1)
    running.until(lambda: len(receiver.got) == 1)
    send(bus, *digest_alerts(3))
    running.until(lambda: states(store).get("a00002") == "delivered", timedelta(seconds=10))
    assert seen == [["a00001", "a00002"]] * 3
    assert len({id for id, _ in receiver.got}) == 1
    assert states(store)["a00003"] == "held"
    assert [a.said for a in entry(store, "a00001").attempts] == [
        "answered 500",
        "answered 500",
        "answered 200",
    ]


def test_what_comes_too_late_for_a_digest_goes_into_the_next(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    seen: list[list[str]] = []

    def says(parcel: Parcel, tries: int) -> Sent:
        seen.append([n.alert for n in parcel.news])
        return Sent("again", "answered 500") if tries < 2 else Sent("delivered", "answered 200")

    receiver.says = says
    send(bus, *digest_alerts(1))
    running.until(lambda: held(store) == 1)
    (stored,) = store.list("deliveries")
    clock.now = EIGHT + timedelta(minutes=1)
    running.until(lambda: len(receiver.got) == 1 and len(entry(store, "a00001").attempts) == 1)
    late = msgspec.structs.replace(decode_delivery(stored.body), id="a00002")
    store.put(Write("deliveries", "a00002", msgspec.json.encode(late), stored.labels))
    running.until(lambda: states(store)["a00001"] == "delivered", timedelta(seconds=5))
    assert states(store)["a00002"] == "held"
    assert entry(store, "a00002").next_try == EIGHT + timedelta(days=1)
    clock.now = EIGHT + timedelta(days=1, minutes=1)
    running.until(lambda: states(store)["a00002"] == "delivered", timedelta(seconds=5))
    assert seen == [["a00001"]] * 2 + [["a00002"]] * 2


def test_a_digest_is_told_once_however_often_its_carrier_comes(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    send(bus, *digest_alerts(1, 2))
    running.until(lambda: held(store) == 2)
    clock.now = EIGHT + timedelta(minutes=1)
    running.until(lambda: len(receiver.got) == 1 and held(store) == 0)
    (carrier,) = [r for r in read_all(bus, "alerts") if r.id.startswith("digest-")]
    send(bus, carrier, carrier, *digest_alerts(1))
    running.until(lambda: "delivered already" in [o.reason for o in outcomes(bus)][-1])
    assert len(receiver.got) == 1


def test_a_digest_of_somebody_who_left_is_not_sent(
    bus: Bus, store: Store, clock: Clock, running: Running, receiver: Receiver
) -> None:
    send(bus, *digest_alerts(1))
    running.until(lambda: held(store) == 1)
    store.delete("subscriptions", "sub-1")
    clock.now = EIGHT + timedelta(minutes=1)
    running.until(lambda: states(store) == {"a00001": "cancelled"})
    assert receiver.got == []


class Killed(BaseException):
    """The process ends here."""


def test_a_kill_between_the_writes_of_a_digest_leaves_nothing_held(
    bus: Bus, store: Store, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(bus, store, clock, receiver)
    send(bus, *digest_alerts(1, 2))
    running.until(lambda: held(store) == 2)
    real = store.put_many

    def half(writes: Sequence[Write]) -> None:
        ends = any(w.collection == DIGESTS and b'"ended":"delivered"' in w.body for w in writes)
        real([w for w in writes if w.collection == DIGESTS] if ends else writes)
        if ends:
            raise Killed

    monkeypatch.setattr(store, "put_many", half)
    clock.now = EIGHT + timedelta(minutes=1)
    with pytest.raises(Killed):
        running.until(lambda: False)
    monkeypatch.undo()
    assert held(store) == 2
    Running(bus, store, clock, receiver).until(lambda: set(states(store).values()) == {"delivered"})
    assert len(receiver.got) == 1


def test_a_kill_after_sending_sends_the_same_id_again(
    bus: Bus, store: Store, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(bus, alert(1))
    real = store.put_many

    def killed(writes: Sequence[Write]) -> None:
        if any(w.collection == "deliveries" for w in writes):
            raise Killed
        real(writes)

    monkeypatch.setattr(store, "put_many", killed)
    with pytest.raises(Killed):
        Running(bus, store, clock, receiver).until(lambda: False)
    monkeypatch.undo()
    assert states(store) == {"a00001": "waiting"}
    Running(bus, store, clock, receiver).until(lambda: states(store) == {"a00001": "delivered"})
    assert receiver.ids == ["a00001", "a00001"]


def test_many_subscriptions_are_delivered_to_at_once(
    bus: Bus, store: Store, clock: Clock, receiver: Receiver
) -> None:
    together = threading.Barrier(8, timeout=20)

    class Slow(Receiver):
        def send(self, parcel: Parcel, now: datetime) -> Sent:
            together.wait()
            return Sent("delivered", "answered 200")

    for n in range(8):
        subscribe(store, webhook(), id=f"many-{n}")
    send(bus, *(alert(n, subscription=f"many-{n}") for n in range(8)))
    Running(bus, store, clock, Slow()).until(lambda: list(states(store).values()).count("delivered") == 8)


def test_a_receiver_that_is_away_for_long_fills_no_memory(
    bus: Bus, store: Store, running: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.alerter.delivery.receivers.MOST_WAITING", 3)
    receiver.says = lambda _p, _t: Sent("again", "answered 500")
    send(bus, *(alert(n) for n in range(5)))
    running.until(
        lambda: sorted(states(store).values()) == ["failed", "failed", "waiting", "waiting", "waiting"]
    )
    said = next(one.attempts[-1].said for one in ledger(store) if one.status == "failed")
    assert said.startswith("answered 500; given up: ")
    assert said.endswith("alerts wait for this receiver already")
    receiver.says = lambda _p, _t: Sent("delivered", "answered 200")
    running.until(lambda: "waiting" not in states(store).values(), timedelta(seconds=5))
    receiver.says = lambda _p, _t: Sent("again", "answered 500")
    send(bus, alert(9))
    running.until(
        lambda: states(store).get("a00009") == "waiting" and len(entry(store, "a00009").attempts) == 1
    )
