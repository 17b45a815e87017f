"""Two threads that take turns, so that what a library calls from its own loop is done in the thread that polls.

kafka-python calls rebalance listeners from its network loop, while the thread that polls waits for it. A listener
that commits there would wait for the loop that waits for it. So `poll` runs in a thread of its own; the loop hands
each call over and goes on with heartbeats and requests; the caller, who would only have waited, takes the call.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Runs work in a thread of its own, and what it asks for in the caller's."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._running: Future[object] | None = None

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns. What is asked for meanwhile is done here; its first error is raised after the work."""
        self._finish()
        done = self._thread.submit(work)
        self._running = done  # type: ignore[assignment]  # only waited for
        done.add_done_callback(lambda _: self._asked.put(None))
        fault = self._finish()
        if fault is not None:
            raise fault
        return done.result()

    def ask(self, what: Callable[[], None]) -> None:
        """Have the caller of `run` do this; from any thread, and without waiting for it."""
        self._asked.put(what)

    def close(self) -> None:
        """End the thread; what an interrupt left running is waited for."""
        self._finish()
        self._thread.shutdown()

    def _finish(self) -> BaseException | None:
        """Serve what runs until it is done."""
        fault: BaseException | None = None
        while self._running is not None:
            what = self._asked.get()
            if what is None:
                self._running = None
                break
            try:
                what()
            except Exception as raised:
                fault = fault or raised
        return fault
