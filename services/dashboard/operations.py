"""Where everything stands now, for operators: asked of bus, store and index part by part, and kept for a moment.

A part that does not answer leaves its place empty and says so: this page is looked at when something is down.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from services.dashboard.context import Context
from services.dashboard.letters import Head, Letters
from services.dashboard.recent import Outcomes, Pace, Recent
from services.dashboard.wording import count
from shared.bus.port import BusError
from shared.contracts.deliveries import DELIVERIES
from shared.contracts.sources import SOURCE_STATES
from shared.contracts.topics import TOPICS
from shared.index.port import SearchIndexError
from shared.status import GROUPS, by_state
from shared.store.port import StoreError

# Everybody who looks within this time gets the same answer.
KEPT = timedelta(seconds=2)
Answer = TypeVar("Answer")
# The first that are told of what failed.
MOST_LETTERS = 5


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A consumer group: members, what waits for it live and in backfill, and how it went lately."""

    name: str
    topic: str
    running: int
    waiting: int
    backfill: int
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that wants an operator: what, and where it is seen to."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment. `faults` are the parts that did not answer, in words."""

    at: datetime
    services: Sequence[ServiceLine]
    recent: Recent | None
    documents: Mapping[str, int]
    searchable: int | None
    sources: Mapping[str, int]
    deliveries: Mapping[str, int]
    letters: Sequence[Head]
    faults: Sequence[str]

    @property
    def needs(self) -> list[Need]:
        """What wants an operator, the gravest first."""
        found = [Need(fault, "") for fault in self.faults]
        if still := [line for line in self.services if not line.running]:
            waiting = sum(line.waiting + line.backfill for line in still)
            names = ", ".join(line.name for line in still)
            waits = (
                f"; {count(waiting, 'message')} for {'it' if len(still) == 1 else 'them'}" if waiting else ""
            )
            found.append(Need(f"Not running: {names}{waits}", ""))
        if self.letters:
            found.append(Need(count(len(self.letters), "dead letter"), "/ops/dead-letters"))
        for health, words in (("failing", "failing"), ("quarantined", "set aside")):
            if number := self.sources.get(health, 0):
                found.append(Need(f"{count(number, 'source')} {words}", f"/sources?health={health}"))
        if failed := self.deliveries.get("failed", 0) + self.deliveries.get("gone", 0):
            found.append(Need(f"{count(failed, 'delivery', 'deliveries')} failed for good", "/alerts"))
        return found


class Operations:
    """Asks for all of it. Any number of threads may ask; one of them asks the engines."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.letters = Letters(context.bus, context.store)
        self._outcomes = Outcomes(context.bus)
        self._lock = threading.Lock()
        self._last: Snapshot | None = None

    def now(self) -> Snapshot:
        """Everything, at most a moment old."""
        with self._lock:
            at = self._context.clock()
            if self._last is None or not timedelta() <= at - self._last.at < KEPT:
                self._last = self._asked(at)
            return self._last

    def forget(self) -> None:
        """Ask anew with the next look: something was changed."""
        with self._lock:
            self._last = None

    def _asked(self, at: datetime) -> Snapshot:
        context, faults = self._context, dict[str, None]()

        def part(ask: Callable[[], Answer], otherwise: Answer) -> Answer:
            try:
                return ask()
            except (BusError, StoreError, SearchIndexError) as e:
                faults[f"{_engine(e)} does not answer: {e}"] = None
                return otherwise

        recent = part(lambda: self._outcomes.recent(at), None)
        return Snapshot(
            at=at,
            services=part(lambda: self._services(recent), []),
            recent=recent,
            documents=part(lambda: by_state(context.store), {}),
            searchable=part(context.reader.count, None),
            sources=part(lambda: context.store.count_by(SOURCE_STATES, "health"), {}),
            deliveries=part(lambda: context.store.count_by(DELIVERIES, "status"), {}),
            letters=part(self.letters.open, []),
            faults=list(faults),
        )

    def _services(self, recent: Recent | None) -> list[ServiceLine]:
        bus, lines = self._context.bus, []
        for group, topics in GROUPS.items():
            lag = bus.lag(group, [lane for topic in topics for lane in TOPICS[topic].lanes()])
            backfill = sum(n for place, n in lag.items() if place.topic not in topics)
            lines.append(
                ServiceLine(
                    name=group,
                    topic=", ".join(topics),
                    running=bus.members(group),
                    waiting=sum(lag.values()) - backfill,
                    backfill=backfill,
                    pace=recent.paces.get(group) if recent else None,
                )
            )
        return lines


def _engine(error: Exception) -> str:
    if isinstance(error, BusError):
        return "The bus"
    return "The store" if isinstance(error, StoreError) else "The index"
