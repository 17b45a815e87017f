"""The last minutes of the pipeline, from the outcomes that every step writes: how many, how long, what became of them."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.bus.port import Bus, Partition, Record
from shared.contracts.messages import StepOutcome
from shared.contracts.wire import Undecodable, decode

TOPIC = "outcomes"
WINDOW = timedelta(minutes=5)
# Outcomes that are kept in mind: a burst makes the time they cover shorter, and that is told.
MOST = 6000
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """How a service went: messages a minute, seconds of work on one (the middle one and the 95th of 100), failures."""

    per_minute: float
    middle: float
    slow: float
    failed: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Seconds from fetched to searchable, over so many articles."""

    middle: float
    slow: float
    count: int


@dataclass(frozen=True, slots=True)
class Recent:
    """What is known of the time since `since`; `outcomes` are the latest, newest first."""

    since: datetime
    outcomes: Sequence[StepOutcome]
    paces: dict[str, Pace]
    passage: Passage | None


class Outcomes:
    """Follows the topic from near its end. Any number of threads may ask."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._next: dict[Partition, int] = {}
        self._kept: deque[StepOutcome] = deque(maxlen=MOST)

    def recent(self, now: datetime) -> Recent:
        """The last minutes. Raises BusUnavailable."""
        with self._lock:
            fresh = [outcome for record in self._unread() if (outcome := _outcome(record))]
            self._kept.extend(sorted(fresh, key=lambda o: o.at))
            kept = sorted((o for o in self._kept if o.at > now - WINDOW), key=lambda o: o.at)
            # With no room left, what is older than the oldest was let go: less time is covered.
            full = len(self._kept) == MOST and bool(kept)
        since = kept[0].at if full else now - WINDOW
        return Recent(
            since, kept[::-1], _paces(kept, max(1.0, (now - since).total_seconds())), _passage(kept)
        )

    def _unread(self) -> Iterable[Record]:
        ends = self._bus.ends(TOPIC)
        most = MOST // max(1, len(ends))
        for place, (first, end) in ends.items():
            at = max(first, end - most, self._next.get(place, 0))
            while at < end:
                records = self._bus.read(place, at, READ_AT_ONCE)
                yield from records
                at = records[-1].offset + 1 if records else end
            self._next[place] = at


def _outcome(record: Record) -> StepOutcome | None:
    try:
        found: StepOutcome = decode(record).message
    except Undecodable:
        return None
    return found


def _paces(kept: Iterable[StepOutcome], seconds: float) -> dict[str, Pace]:
    took: dict[str, list[float]] = {}
    failed: dict[str, int] = {}
    for outcome in kept:
        took.setdefault(outcome.service, []).append(outcome.ms / 1000)
        failed[outcome.service] = failed.get(outcome.service, 0) + (outcome.result == "dead")
    return {
        service: Pace(len(times) * 60 / seconds, _at(times, 0.5), _at(times, 0.95), failed[service])
        for service, times in took.items()
    }


def _passage(kept: Iterable[StepOutcome]) -> Passage | None:
    """From the end of the fetch to the article in the index, for those of which both were seen."""
    fetched: dict[str, datetime] = {}
    times = []
    for outcome in kept:
        if outcome.service == "crawler" and outcome.result == "passed":
            fetched[outcome.url] = outcome.at
        elif outcome.service == "indexer" and outcome.reason == "indexed" and outcome.url in fetched:
            times.append((outcome.at - fetched.pop(outcome.url)).total_seconds())
    return Passage(_at(times, 0.5), _at(times, 0.95), len(times)) if times else None


def _at(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
