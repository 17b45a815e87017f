"""Everybody who listens to the stream, and the one thread that reads for all of them while there is anybody.

A listener has a queue of bounded length in its event loop. Whoever does not keep up is told so and let go; with the
last id it saw it goes on where it was.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.dashboard.following import Passed, Positions, ends, id_of, kept, passed, positions_of
from shared.bus.port import Bus, BusError
from shared.query.ast import Query

log = logging.getLogger(__name__)

POLL = 0.5
MOST_LISTENERS = 200
# What may wait for a listener that does not read.
MOST_WAITING = 100
# Who comes back is told at most this many messages of each partition that passed meanwhile.
MOST_MISSED = 200
# Read of each partition before anybody else has a turn.
MOST_AT_ONCE = 100


class TooManyListeners(Exception):
    """So many listen already that nobody more is taken."""


@dataclass(eq=False)
class Listener:
    """One who listens. All but `query` and `brief` belongs to its event loop.

    `seen` is up to where it was offered everything; `missed` counts messages that were left out when it came back,
    -1 when nobody knows how many; `slow` is set when it did not keep up, and from then on it is offered nothing more.
    """

    query: Query | None
    brief: bool
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[tuple[str, bytes]]" = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    seen: str = ""
    missed: int = 0
    slow: bool = False

    def offer(self, id: str, data: bytes) -> None:
        """Put an article into its queue."""
        if not self.slow:
            try:
                self.queue.put_nowait((id, data))
            except asyncio.QueueFull:
                self.slow = True

    def came_to(self, id: str) -> None:
        """Everything up to here was offered."""
        if not self.slow:
            self.seen = id


class Hub:
    """Takes listeners, and reads for them. Any number of threads may call `join` and `leave`."""

    def __init__(self, bus: Bus, stopping: threading.Event, poll: float = POLL) -> None:
        self._bus, self._stopping, self._poll = bus, stopping, poll
        self._lock = threading.Lock()
        # Up to where each was told.
        self._listeners: dict[Listener, Positions] = {}
        self._thread: threading.Thread | None = None

    def join(self, listener: Listener, after: str = "") -> None:
        """Tell this one of what passes from now on, or from after the id `after`.

        Raises TooManyListeners, BusUnavailable.
        """
        at, listener.missed = beginning(self._bus, after)
        listener.seen = id_of(at)
        with self._lock:
            if len(self._listeners) >= MOST_LISTENERS:
                raise TooManyListeners
            self._listeners[listener] = at
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
                self._thread.start()

    def leave(self, listener: Listener) -> None:
        """Tell this one nothing more."""
        with self._lock:
            self._listeners.pop(listener, None)

    def __len__(self) -> int:
        """How many listen."""
        with self._lock:
            return len(self._listeners)

    def _run(self) -> None:
        """Turn after turn, until nobody listens."""
        down = False
        while True:
            with self._lock:
                if not self._listeners or self._stopping.is_set():
                    self._thread = None
                    return
            more = False
            try:
                more, down = self._turn(), False
            except BusError as e:
                if not down:
                    log.warning("the stream waits for the bus: %s", e)
                down = True
            except Exception:  # a fault of ours must not silence the stream for everybody
                log.exception("the stream tries again")
            if not more:
                self._stopping.wait(self._poll)

    def _turn(self) -> bool:
        """Tell everybody what came since; those who stand at the same place together. Whether there is more."""
        end = ends(self._bus)
        with self._lock:
            listeners = dict(self._listeners)
        together: dict[str, list[Listener]] = {}
        for listener, at in listeners.items():
            together.setdefault(id_of(at), []).append(listener)
        more = False
        for group in together.values():
            at = listeners[group[0]]
            upto = {place: min(last, at.get(place, 0) + MOST_AT_ONCE) for place, last in end.items()}
            for one in passed(self._bus, at, upto):
                _tell(group, one)
            more = more or upto != end
            self._moved(group, upto)
        return more

    def _moved(self, group: Sequence[Listener], at: Positions) -> None:
        with self._lock:
            for listener in group:
                if listener in self._listeners:
                    self._listeners[listener] = at
        for listener in group:
            _in_loop(listener, listener.came_to, id_of(at))


def beginning(bus: Bus, after: str) -> tuple[Positions, int]:
    """Where somebody begins who was told up to `after`, and how many messages that leaves out (-1: nobody knows).

    Raises BusUnavailable.
    """
    spans = kept(bus)
    end = {place: last for place, (_, last) in spans.items()}
    asked = positions_of(after, end) if after else end
    if asked is None:
        return end, -1
    oldest = {place: max(first, last - MOST_MISSED) for place, (first, last) in spans.items()}
    missed = sum(max(0, oldest[place] - at) for place, at in asked.items())
    return {place: min(max(at, oldest[place]), end[place]) for place, at in asked.items()}, missed


def _tell(group: Sequence[Listener], one: Passed) -> None:
    for listener in group:
        try:
            wanted = one.matches(listener.query)
        except Exception:  # this query cannot be decided for this article: that is no matter of the others
            log.exception("%s is not told of %s", listener.query, one.update.article.url)
            continue
        if wanted:
            _in_loop(listener, listener.offer, one.id, one.brief if listener.brief else one.whole)


def _in_loop(listener: Listener, call: Callable[..., None], *values: object) -> None:
    try:
        listener.loop.call_soon_threadsafe(call, *values)
    except RuntimeError:  # its loop has ended, and it with it
        return
