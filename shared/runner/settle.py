"""From verdicts to what is written: outputs, outcomes, dead letters and agenda items. No input or output here."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from shared.agenda.agenda import AgendaItem, item_of
from shared.bus.port import NewRecord, Record
from shared.contracts.journeys import journey_of
from shared.contracts.messages import DeadLetter, StepOutcome
from shared.contracts.topics import topic_of
from shared.contracts.wire import Outgoing, Received, child_traceparent, derived_id, encode, new_traceparent
from shared.errors import BadMessage, StepError, TryAgain
from shared.runner.service import Handled, Verdict
from shared.store.port import Write

# A dead letter carries its message along up to this size; a larger one is read where it stood.
CARRIED = 6 * 1024 * 1024


Result = Literal["passed", "ended", "dead", "retry"]


class Fault(TryAgain):
    """An error nobody foresaw, with the place in our code where it happened."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        frames = traceback.extract_tb(error.__traceback__)
        self.where = f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a message is tried in all, and the wait before the second try; it doubles with each."""

    tries: int = 3
    delay: timedelta = timedelta(seconds=5)

    @classmethod
    def of_seconds(cls, tries: int, delay: float) -> "Retries":
        """From settings."""
        return cls(tries, timedelta(seconds=delay))

    def due(self, now: datetime, attempts: int) -> datetime:
        """When the try after `attempts` is due."""
        return now + self.delay * (1 << (attempts - 1))


@dataclass(slots=True)
class Settlement:
    """What is to be written for a batch, in this order: records, writes, agenda."""

    records: list[NewRecord] = field(default_factory=list)
    remember: list[Write] = field(default_factory=list)
    later: list[AgendaItem] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message on one try. `received` is None when its bytes could not be read; `returns` counts `again_at`."""

    record: Record
    attempts: int
    from_agenda: bool
    received: Received | None = None
    returns: int = 0

    @property
    def place_id(self) -> str:
        """Derived from where the record stands."""
        return derived_id(self.record.topic, self.record.partition, self.record.offset)

    @property
    def id(self) -> str:
        """The same on every redelivery, and another with every return: what a return makes is new."""
        return derived_id(self.place_id, self.returns) if self.returns else self.place_id


def attempt_of(item: AgendaItem) -> Attempt:
    """The next try of what lay in the agenda."""
    return Attempt(item.record(), item.attempts, from_agenda=True, returns=item.returns)


class Settler:
    """Settles the messages of one service."""

    def __init__(self, service: str, retries: Retries, *, quiet: bool = False) -> None:
        self._service = service
        self._retries = retries
        self._quiet = quiet

    def settle(self, into: Settlement, attempt: Attempt, verdict: Verdict, now: datetime, ms: float) -> None:
        """Add to `into` what this verdict asks for."""
        id = derived_id(self._service, attempt.id)
        planned = derived_id(self._service, attempt.place_id)
        result: Result
        due: datetime | None = None
        reason = "" if isinstance(verdict, Handled) else str(verdict)
        outputs = 0
        if isinstance(verdict, Handled):
            result, reason, outputs = (
                "ended" if verdict.ends else "passed",
                verdict.ends,
                len(verdict.outputs),
            )
            into.records += self._outputs(attempt, verdict.outputs)
            into.remember += verdict.remember
            if verdict.again_at:
                result, due = "retry", verdict.again_at
                into.later.append(
                    item_of(attempt.record, planned, due, attempt.attempts, attempt.returns + 1)
                )
        elif isinstance(verdict, BadMessage) or attempt.attempts >= self._retries.tries:
            result = "dead"
            into.records.append(self._dead_letter(id, attempt, verdict, now))
        else:
            result, due = "retry", self._retries.due(now, attempt.attempts)
            into.later.append(item_of(attempt.record, planned, due, attempt.attempts + 1, attempt.returns))
        if attempt.from_agenda and result != "retry":
            into.done.append(planned)
        into.results.append((attempt.record.topic, result))
        if topic_of(attempt.record.topic).outcomes and not self._quiet:
            outcome = replace(
                self._outcome(id, attempt, result, now, ms), reason=reason, outputs=outputs, due=due
            )
            into.records.append(self._encode(attempt, Outgoing("outcomes", outcome.url, outcome), "outcome"))

    def planned(self, record: Record, now: datetime) -> AgendaItem:
        """The agenda item of a record that is worked from the agenda from the start."""
        id = derived_id(self._service, Attempt(record, 1, from_agenda=False).place_id)
        return item_of(record, id, now, attempts=1)

    def tick(self, into: Settlement, name: str, handled: Handled, now: datetime) -> None:
        """Add what a tick asks for. Its messages begin traces of their own."""
        for number, outgoing in enumerate(handled.outputs):
            id = derived_id(self._service, name, now.isoformat(), number)
            into.records.append(encode(outgoing, message_id=id, traceparent=new_traceparent(), mode="live"))
        into.remember += handled.remember

    def _outputs(self, attempt: Attempt, outputs: Sequence[Outgoing]) -> list[NewRecord]:
        return [self._encode(attempt, outgoing, number) for number, outgoing in enumerate(outputs)]

    def _encode(self, attempt: Attempt, outgoing: Outgoing, part: object) -> NewRecord:
        headers = attempt.received.headers if attempt.received else None
        id = derived_id(self._service, attempt.id, part)
        trace = child_traceparent(headers.traceparent, id) if headers else new_traceparent()
        return encode(outgoing, message_id=id, traceparent=trace, mode=headers.mode if headers else "live")

    def _outcome(self, id: str, attempt: Attempt, result: Result, now: datetime, ms: float) -> StepOutcome:
        record = attempt.record
        url, article = journey_of(attempt.received.message) if attempt.received else (record.key, None)
        return StepOutcome(
            id=id,
            service=self._service,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            url=url,
            article=article,
            result=result,
            attempts=attempt.attempts,
            at=now,
            ms=round(ms, 3),
        )

    def _dead_letter(self, id: str, attempt: Attempt, error: StepError, now: datetime) -> NewRecord:
        record = attempt.record
        letter = DeadLetter(
            id=id,
            service=self._service,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value if len(record.value) <= CARRIED else None,
            headers=dict(record.headers),
            url=journey_of(attempt.received.message)[0] if attempt.received else record.key,
            error=type(error).__name__,
            reason=str(error),
            where=getattr(error, "where", ""),
            attempts=attempt.attempts,
            at=now,
        )
        return self._encode(attempt, Outgoing("dead-letters", record.key, letter), "dead-letter")
