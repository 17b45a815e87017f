"""The runner: poll, decode, step, produce, remember, commit. Every service runs on it, on both buses.

What is done for a message is durable before its offset is committed, so a kill at any point brings the message
again and every id it leads to is derived and the same: at least once on the wire, once in what people see.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from apscheduler.schedulers.background import BackgroundScheduler

from shared.agenda.agenda import Agenda, AgendaItem
from shared.bus.partitioning import partition_of
from shared.bus.port import Bus, BusUnavailable, Consumer, NotOwned, Partition, Producer, Record
from shared.clock import Clock, utc_now
from shared.contracts.topics import topic_of
from shared.contracts.wire import Received, Undecodable, decode
from shared.errors import BadMessage, StepError, Unavailable
from shared.observability.metrics import Metrics
from shared.runner.at_once import AtOnce, Finished
from shared.runner.service import Handled, Service, Tick, Verdict
from shared.runner.settle import Attempt, Fault, Retries, Settlement, Settler, attempt_of
from shared.runner.waits import Waits
from shared.store.port import Store, StoreUnavailable

log = logging.getLogger(__name__)

# NotOwned: the partition went to another member under our hands; its new owner does the batch again.
DOWN = (Unavailable, BusUnavailable, StoreUnavailable, NotOwned)
# Seconds: a look at what works in threads, and how long it may take to end when its partition goes.
IN_HAND_WAIT = 0.02
HAND_OVER = 10.0
# Messages planned in memory above which no more are read.
MOST_PLANNED = 20_000
# Seconds; a batch takes far less, so a loop that is silent for longer hangs.
LONGEST_TURN = 300.0
DOWNSTREAM_CHECK = 1.0


class Outage(Exception):
    """So many messages failed in a row, through no fault of their own, that going on would only fill the dead
    letters. The service stops; what it had not done stays on the bus."""


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """How a runner works: messages at once, retries, and failures in a row that make an outage."""

    batch: int = 32
    retries: Retries = field(default_factory=Retries)
    outage_after: int = 25
    poll_seconds: float = 0.2


class Runner:
    """Runs one service until told to stop. `run` raises Outage; everything else it meets, it handles."""

    def __init__(
        self,
        service: Service,
        bus: Bus,
        store: Store,
        settings: RunnerSettings | None = None,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        metrics: Metrics | None = None,
    ) -> None:
        self._service = service
        self._bus = bus
        self._store = store
        self._settings = settings or RunnerSettings()
        self._clock = clock
        self._monotonic = monotonic
        self._metrics = metrics or Metrics()
        self._agenda = Agenda(store, service.name)
        self._settler = Settler(service.name, self._settings.retries, quiet=service.quiet)
        self._topics = [lane for name in service.inputs for lane in topic_of(name).lanes()]
        self._consumer: Consumer
        self._producer: Producer
        self._due_ticks: dict[str, threading.Event] = {}
        self._in_hand: Sequence[Record] = ()
        self._failed_in_a_row = 0
        self._resume_at: float | None = None
        self._waits = Waits(service.name, monotonic)
        self._waits_for = ""
        self._turned_at = monotonic()
        self._next_downstream_check = 0.0
        self._stale = True
        self._at_once: AtOnce | None = None
        self._full = False

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the batch in hand is finished first."""
        scheduler = self._schedule()
        self._producer = self._bus.producer()
        self._consumer = self._bus.consumer(self._service.name, self._topics, self)
        if self._service.at_once:
            self._at_once = AtOnce(self._service.name, self._service.step, self._service.at_once, DOWN)
        try:
            while not stop.is_set():
                self.turn()
        finally:
            scheduler.shutdown(wait=False)
            self._consumer.close()  # `revoked` finishes what is in hand
            if self._at_once:
                self._at_once.close()
            self._producer.close()

    def stalled(self) -> str:
        """What is wrong when the loop has not come round for long; empty when it has."""
        silent = self._monotonic() - self._turned_at
        return f"{self._service.name}: no turn for {silent:.0f} s" if silent > LONGEST_TURN else ""

    def waiting(self) -> str:
        """What is waited for: a dependency that is down, or a later step that is far behind; empty when nothing."""
        return self._waits_for or self.stalled()

    def turn(self) -> None:
        """One round of the loop."""
        self._turned_at = self._monotonic()
        try:
            if self._at_once:
                self._settle(self._at_once.finished(0))
            if not self._resumed():
                # Keeps our membership. Partitions that came meanwhile are not paused yet: their records wait too.
                self._in_hand = self._consumer.poll(1, self._settings.poll_seconds)
                self._put_back()
                return
            batch = self._service.batch or self._settings.batch
            records = self._in_hand = self._consumer.poll(
                batch, self._settings.poll_seconds if self._idle() else 0
            )
            if self._stale:
                self._reload()
            for tick in self._service.ticks:
                if self._due_ticks[tick.name].is_set():
                    self._due_ticks[tick.name].clear()
                    self._run_tick(tick)
            if self._at_once:
                self._plan(records)
                for item in self._startable(self._at_once.free):
                    self._at_once.start(item)
                worked = bool(finished := self._at_once.finished(IN_HAND_WAIT))
                self._settle(finished)
                self._take_in()
            else:
                attempts = [attempt_of(item) for item in self._startable(batch)]
                attempts += [Attempt(record, 1, from_agenda=False) for record in records]
                if worked := bool(attempts):
                    self._handle(attempts)
            self._waits_for = ""
            self._waits.went_well(worked=worked)
        except DOWN as e:
            self._wait(e)

    # What the consumer tells us.

    def assigned(self, partitions: frozenset[Partition]) -> None:
        """Take over the partitions' agenda; the step reads its state anew."""
        self._stale = True

    def revoked(self, partitions: frozenset[Partition]) -> None:
        """Everything polled was committed in its turn; what is in hand is finished if it can be, then let go."""
        if self._at_once:
            try:
                self._settle(self._at_once.finish(partitions, HAND_OVER))
            except DOWN as e:
                log.warning(
                    "%s: done, and cannot be written now, so it will be done again: %s", self._service.name, e
                )
        self.lost(partitions)

    def lost(self, partitions: frozenset[Partition]) -> None:
        """Somebody else's already: what is in hand of them is theirs to do."""
        self._agenda.drop(partitions)
        self._stale = True

    # One batch.

    def _handle(self, attempts: Sequence[Attempt]) -> None:
        started = self._monotonic()
        attempts, verdicts = self._step(attempts)
        ms = (self._monotonic() - started) * 1000 / len(attempts)
        into = Settlement()
        offsets: dict[Partition, int] = {}
        halt: Exception | None = None
        for attempt, verdict in zip(attempts, verdicts, strict=True):
            if isinstance(verdict, Unavailable):
                halt = verdict
                break
            self._settler.settle(into, attempt, verdict, self._clock(), ms)
            if not attempt.from_agenda:
                offsets[attempt.record.place] = attempt.record.offset + 1
            if self._is_outage(verdict):
                halt = Outage(
                    f"{self._service.name}: {self._failed_in_a_row} messages in a row failed; the last one: {verdict}"
                )
                break
        self._write(into)
        if offsets:
            self._consumer.commit(offsets)
            self._in_hand = [r for r in self._in_hand if r.offset >= offsets.get(r.place, 0)]
        self._count(into, attempts, ms)
        if halt:
            raise halt

    # Many keys at once.

    def _plan(self, records: Sequence[Record]) -> None:
        """Every message goes into the agenda, and its offset is committed: nothing waits inside a partition."""
        now = self._clock()
        items = [self._settler.planned(record, now) for record in records]
        self._agenda.put([item for item in items if item.id not in self._agenda])
        offsets = {record.place: record.offset + 1 for record in records}
        if offsets:
            self._consumer.commit(offsets)
        self._in_hand = ()

    def _startable(self, limit: int) -> Sequence[AgendaItem]:
        """What is due, of keys that nobody works on and that may be worked now."""
        now, at_once, not_before = self._clock(), self._at_once, self._service.not_before

        def may(key: str) -> bool:
            return not (at_once and at_once.works(key)) and (not_before is None or not_before(key) <= now)

        return self._agenda.due(now, limit, may)

    def _take_in(self) -> None:
        """Read on only while what is planned fits into memory."""
        full = len(self._agenda) >= MOST_PLANNED
        if full is not self._full:
            self._full = full
            (self._consumer.pause if full else self._consumer.resume)(self._consumer.assignment())

    def _settle(self, finished: Sequence[Finished]) -> None:
        """Write what came of these; one whose partition is not ours any more was its new owner's to do."""
        into = Settlement()
        attempts: list[Attempt] = []
        halt: Exception | None = None
        held = self._consumer.assignment()
        for done in finished:
            if done.error or isinstance(done.verdict, Unavailable):
                halt = done.error or Unavailable(str(done.verdict))
            elif done.verdict and done.attempt.record.place in held:
                self._settler.settle(into, done.attempt, done.verdict, self._clock(), done.ms)
                attempts.append(done.attempt)
                if self._is_outage(done.verdict):
                    halt = Outage(
                        f"{self._service.name}: {self._failed_in_a_row} messages in a row failed; "
                        f"the last one: {done.verdict}"
                    )
        self._write(into)
        self._count(into, attempts, sum(done.ms for done in finished) / max(1, len(finished)))
        if halt:
            raise halt

    def _step(self, attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Verdict]]:
        """The verdict on every attempt, in their order; the ones that cannot be read never reach the step."""
        read: list[Attempt] = []
        unreadable: dict[int, Undecodable] = {}
        for number, attempt in enumerate(attempts):
            try:
                received = decode(attempt.record, attempt.attempts)
                read.append(replace(attempt, received=received))
            except Undecodable as verdict:
                unreadable[number] = verdict
                read.append(attempt)
        todo = [a.received for a in read if a.received]
        verdicts = iter(self._judge(todo) if todo else ())
        return read, [unreadable[n] if n in unreadable else next(verdicts) for n in range(len(read))]

    def _judge(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        try:
            return self._service.step(batch)
        except DOWN:
            raise
        except Exception as error:
            self._reload()
            if len(batch) == 1:
                log.exception("%s: %s", self._service.name, error)
                return [error if isinstance(error, StepError) else Fault(error)]
            return [self._judge([received])[0] for received in batch]

    def _write(self, into: Settlement) -> None:
        if into.records:
            self._producer.produce(into.records)
        if into.remember:
            self._store.put_many(into.remember)
        if into.later:
            self._agenda.put(into.later)
        if into.done:
            self._agenda.done(into.done)

    def _is_outage(self, verdict: Verdict) -> bool:
        if isinstance(verdict, Handled):
            self._failed_in_a_row = 0
        elif not isinstance(verdict, BadMessage):
            self._failed_in_a_row += 1
        return self._failed_in_a_row >= self._settings.outage_after

    def _count(self, into: Settlement, attempts: Sequence[Attempt], ms: float) -> None:
        name = self._service.name
        for topic, result in into.results:
            self._metrics.messages.labels(name, topic, result).inc()
        self._metrics.outputs.labels(name).inc(len(into.records))
        self._metrics.agenda.labels(name).set(len(self._agenda))
        now = self._clock().timestamp()
        for attempt in attempts[: len(into.results)]:
            self._metrics.step_seconds.labels(name).observe(ms / 1000)
            self._metrics.wait_seconds.labels(name).observe(max(0.0, now - attempt.record.timestamp / 1000))

    # State, ticks, waiting.

    def _reload(self) -> None:
        held = self._consumer.assignment()
        self._agenda.drop(held)
        self._agenda.load(held)
        if self._service.reload:
            self._service.reload(held)
        self._stale = False

    def _run_tick(self, tick: Tick) -> None:
        held = self._consumer.assignment()

        def owns(topic: str, key: str) -> bool:
            return Partition(topic, partition_of(key, topic_of(topic).partitions)) in held

        now = self._clock()
        into = Settlement()
        self._settler.tick(into, tick.name, tick.run(now, owns), now)
        self._write(into)

    def _schedule(self) -> BackgroundScheduler:
        """APScheduler only raises flags; the loop does the work, in its own thread."""
        scheduler = BackgroundScheduler(timezone="UTC")
        for tick in self._service.ticks:
            flag = self._due_ticks[tick.name] = threading.Event()
            flag.set()
            scheduler.add_job(flag.set, "interval", seconds=tick.every.total_seconds())
        scheduler.start()
        return scheduler

    def _idle(self) -> bool:
        if self._at_once and self._at_once.busy:
            return False
        return not any(flag.is_set() for flag in self._due_ticks.values()) and not self._startable(1)

    def _wait(self, reason: Exception) -> None:
        """Something is down: read on later, from where we are, and try again with growing waits."""
        self._pause(self._waits.fell(reason), f"{self._service.name}: {reason}")
        self._stale = True

    def _pause(self, seconds: float, reason: str) -> None:
        self._waits_for = reason
        self._put_back()
        self._consumer.pause(self._consumer.assignment())
        self._resume_at = self._monotonic() + seconds
        self._metrics.paused.labels(self._service.name).set(1)

    def _put_back(self) -> None:
        """What was polled and not committed is read again later."""
        held = self._consumer.assignment()
        first: dict[Partition, int] = {}
        for record in self._in_hand:
            if record.place in held:
                first[record.place] = min(record.offset, first.get(record.place, record.offset))
        self._consumer.seek(first)
        self._in_hand = []

    def _resumed(self) -> bool:
        now = self._monotonic()
        if self._resume_at is not None:
            if now < self._resume_at:
                return False
            self._resume_at, self._full = None, False
            self._consumer.resume(self._consumer.assignment())
            self._metrics.paused.labels(self._service.name).set(0)
        downstream = self._service.downstream
        if downstream and now >= self._next_downstream_check:
            self._next_downstream_check = now + DOWNSTREAM_CHECK
            waiting = sum(self._bus.lag(downstream.group, downstream.topics).values())
            if waiting > downstream.limit:
                log.info("%s waits for %s: %d messages ahead", self._service.name, downstream.group, waiting)
                self._pause(DOWNSTREAM_CHECK, f"{self._service.name}: {downstream.group} is far behind")
                return False
        return True
