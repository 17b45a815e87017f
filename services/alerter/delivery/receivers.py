"""What was learnt of receivers since this process began: who asked to be left alone, and where nobody answers.

Kept in memory: after a restart it is learnt anew, by one try.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# Tries in a row that nobody answered after which a place is left alone, and for how long.
UNANSWERED = 3
ALONE = timedelta(seconds=30)
# While one try finds out whether a place answers again, the others come back so much later.
PROBE = timedelta(seconds=20)
# Alerts of one channel that may wait to be tried again.
MOST_WAITING = 1000


@dataclass(slots=True)
class _Place:
    """`since` is when it last did not answer; `probe_until` how long one try may find out whether it does again."""

    unanswered: int
    since: datetime
    probe_until: datetime


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about one alert now: go on, when neither is set; come back at `wait_until`; or count it as a try
    that failed, for the reason in `unreachable`."""

    wait_until: datetime | None = None
    unreachable: str = ""


@dataclass(slots=True)
class Receivers:
    """Thread-safe. A `target` is one channel's, a `place` what many targets have in common, such as a host."""

    _busy: dict[str, datetime] = field(default_factory=dict)
    _places: dict[str, _Place] = field(default_factory=dict)
    _waiting: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advise(self, target: str, place: str, now: datetime) -> Advice:
        """Whether to try this target now."""
        with self._lock:
            busy = self._busy.get(target)
            if busy and busy > now:
                return Advice(wait_until=busy)
            known = self._places.get(place)
            if known is None or known.unanswered < UNANSWERED:
                return Advice()
            if now < known.since + ALONE:
                ago = (now - known.since).total_seconds()
                return Advice(unreachable=f"not tried: nobody answered there {ago:.0f} s ago")
            if now < known.probe_until:
                return Advice(wait_until=known.probe_until)
            known.probe_until = now + PROBE
            return Advice()

    def learn(
        self, target: str, place: str, now: datetime, reached: bool, busy_until: datetime | None
    ) -> None:
        """Remember what came of a try."""
        with self._lock:
            if busy_until:
                self._busy[target] = busy_until
            else:
                self._busy.pop(target, None)
            if reached:
                self._places.pop(place, None)
                return
            known = self._places.get(place)
            self._places[place] = _Place(known.unanswered + 1 if known else 1, now, now)

    def takes_more(self, target: str, alert: str) -> bool:
        """Whether one more alert may wait for this target; if so, it counts until `settled`."""
        with self._lock:
            waiting = self._waiting.setdefault(target, set())
            if alert not in waiting and len(waiting) >= MOST_WAITING:
                return False
            waiting.add(alert)
            return True

    def settled(self, target: str, alert: str) -> None:
        """This alert waits no more."""
        with self._lock:
            waiting = self._waiting.get(target)
            if waiting:
                waiting.discard(alert)
                if not waiting:
                    del self._waiting[target]
