"""Work that waits for others, such as the network: many keys at once in threads, one item at a time per key.

The items come from the agenda, where they lie durably, and what came of each is settled by the runner's own thread.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from shared.agenda.agenda import AgendaItem
from shared.bus.port import Partition
from shared.contracts.wire import Undecodable, decode
from shared.errors import StepError
from shared.runner.service import BatchStep, Verdict
from shared.runner.settle import Attempt, Fault, attempt_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt and what came of it; `error` when something it depends on is down."""

    attempt: Attempt
    verdict: Verdict | None
    ms: float
    error: Exception | None = None


class AtOnce:
    """Runs a step on agenda items in threads. All but the step itself happens in the caller's thread."""

    def __init__(self, name: str, step: BatchStep, most: int, down: tuple[type[Exception], ...]) -> None:
        self._name = name
        self._step = step
        self._most = most
        self._down = down
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._working: dict[str, Future[Finished]] = {}
        self._places: dict[str, Partition] = {}

    @property
    def free(self) -> int:
        """How many more items may be started."""
        return self._most - len(self._working)

    @property
    def busy(self) -> bool:
        """Whether anything is in hand."""
        return bool(self._working)

    def works(self, key: str) -> bool:
        """Whether an item of this key is in hand."""
        return key in self._working

    def start(self, item: AgendaItem) -> None:
        """Begin one item."""
        self._places[item.key] = item.place
        self._working[item.key] = self._pool.submit(self._work, item)

    def finished(self, timeout: float) -> Sequence[Finished]:
        """What is done, after at most `timeout` seconds of waiting for the first."""
        if self._working:
            wait(self._working.values(), timeout, FIRST_COMPLETED)
        return self._take(lambda future: future.done())

    def finish(self, partitions: Collection[Partition], timeout: float) -> Sequence[Finished]:
        """What is done of these partitions after at most `timeout` seconds; the rest is somebody else's from now on."""
        ours = [f for key, f in self._working.items() if self._places[key] in partitions]
        wait(ours, timeout)
        return self._take(lambda future: future in ours and future.done())

    def close(self) -> None:
        """Start nothing more. What still works is left to end by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, which: Callable[[Future[Finished]], bool]) -> Sequence[Finished]:
        keys = [key for key, future in self._working.items() if which(future)]
        return [self._working.pop(key).result() for key in keys]

    def _work(self, item: AgendaItem) -> Finished:
        started = time.perf_counter()
        attempt = attempt_of(item)
        verdict: Verdict | None = None
        error: Exception | None = None
        try:
            received = decode(attempt.record, item.attempts)
            attempt = replace(attempt, received=received)
            (verdict,) = self._step([received])
        except Undecodable as unreadable:
            verdict = unreadable
        except self._down as e:
            error = e
        except StepError as e:
            verdict = e
        except Exception as e:
            log.exception("%s: %s", self._name, e)
            verdict = Fault(e)
        return Finished(attempt, verdict, (time.perf_counter() - started) * 1000, error)
