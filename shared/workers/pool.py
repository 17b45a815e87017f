"""A small pool of worker processes for what strangers send: each piece of work is bounded in time and memory.

A worker that overruns is killed, another takes its place in milliseconds, and the piece of work ends with a reason in
words. Who asks waits for the answer; several threads may ask at once.
"""

import logging
import queue
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import msgspec

from shared.contracts.article import Struct
from shared.errors import BadMessage, StepError, TryAgain, Unavailable
from shared.workers.jobs import Answer, Ask
from shared.workers.keeper import Gone, Keeper, Worker
from shared.workers.limits import MIB, Limits

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Message = TypeVar("Message", bound=Struct)
# How often one piece of work is begun: a worker may have been killed by somebody else, or have had little room left.
TRIES = 4
# Questions that one worker gets in a row.
AT_ONCE = 4
# Deaths under one piece of work that make it the culprit.
DEADLY = 2


class WorkFault(BadMessage):
    """An error nobody foresaw, met by a worker. Work is a function of its question: another try meets it again."""

    def __init__(self, text: str, where: str) -> None:
        super().__init__(text)
        self.where = where


@dataclass(slots=True)
class _Place:
    """Where a worker serves. One is forked when its place is first needed, and again after its end."""

    worker: Worker | None = None


class WorkerPool:
    """Does work in processes of its own. `jobs` names the function that loads the work, as `module:function`
    or, where it takes an argument, `module:function:argument`.

    The processes start in the background; the first call waits for them.
    """

    def __init__(
        self,
        jobs: str,
        *,
        workers: int = 1,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workers = workers
        self._limits = limits or Limits()
        self._monotonic = monotonic
        self._keeper = Keeper(jobs, self._limits)
        self._places: queue.LifoQueue[_Place] = queue.LifoQueue()
        for _ in range(workers):
            self._places.put(_Place())
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="workers")
        self._keeper.begin()

    def call(self, job: str, question: Struct, answer: type[Message], what: str) -> Message:
        """Do one piece of work; `what` names it in the reason of its end.

        Raises BadMessage when the content is at fault or takes more than the limits allow, TryAgain when nothing came
        of it for long, Unavailable when no worker can be had: that is no fault of the content.
        """
        (given,) = self._do(job, answer, [(what, question)])
        if isinstance(given, StepError):
            raise given
        return given

    def call_all(
        self, job: str, questions: Iterable[tuple[str, Struct]], answer: type[Message]
    ) -> Iterator[Message | StepError]:
        """The same for many questions, each after what names it: answers and verdicts in their order, as many at once
        as there are workers. Each worker has its next question before it has answered the last."""
        rest = iter(questions)
        parts = iter(lambda: list(islice(rest, AT_ONCE)), [])
        for part in self.in_order(lambda part: self._do(job, answer, part), parts):
            yield from part

    def in_order(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """What `work`, which calls us, makes of each item: in their order, and as many at once as there are workers."""
        ahead: deque[Future[Result]] = deque()
        for item in items:
            ahead.append(self._threads.submit(work, item))
            if len(ahead) > self.workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def close(self) -> None:
        """End all processes. What is still asked for ends as Unavailable."""
        self._keeper.close()
        self._threads.shutdown()
        for place in [self._places.get() for _ in range(self.workers)]:
            self._end(place)
            self._places.put(place)

    def _do(
        self, job: str, answer: type[Message], questions: Sequence[tuple[str, Struct]]
    ) -> list[Message | StepError]:
        """Have one worker, and others where that ends, do some work."""
        frames = [msgspec.msgpack.encode(Ask(job, msgspec.msgpack.encode(asked))) for _, asked in questions]
        verdicts: list[Message | StepError] = []
        place = self._places.get()
        try:
            for (what, _), frame, following in zip(questions, frames, [*frames[1:], None], strict=True):
                try:
                    given = self._ask(place, frame, following, what)
                    verdicts.append(self._taken(given, answer, what))
                except StepError as verdict:
                    verdicts.append(verdict)
        finally:
            if place.worker and place.worker.given_ahead:
                self._end(
                    place
                )  # an error of ours came between: its next answer is to a question nobody asks
            self._places.put(place)
        return verdicts

    def _taken(self, given: Answer, answer: type[Message], what: str) -> Message:
        if given.bad:
            raise BadMessage(given.bad)
        if given.fault:
            log.error("%s: %s (%s)", what, given.fault, given.where)
            raise WorkFault(f"{what}: {given.fault}", given.where)
        if given.size:
            raise BadMessage(
                f"{what}: what comes of it has {given.size:,} bytes; at most {self._limits.answer:,} go on"
            )
        return msgspec.msgpack.decode(given.packed, type=answer)

    def _ask(self, place: _Place, frame: bytes, following: bytes | None, what: str) -> Answer:
        """The answer, of another worker where the first was killed or had little room left."""
        deaths = 0
        for _ in range(TRIES):
            worker = place.worker = place.worker or self._keeper.fork()
            fresh = worker.fresh
            try:
                given = worker.ask(frame, following, self._limits, self._monotonic)
            except Gone as gone:
                ending = self._end(place)
                deaths += gone.began
                self._judge(gone, ending, deaths, what)
                continue
            if given.over or given.worn:
                self._end(place)
            if not given.over:
                return given
            if fresh:
                raise BadMessage(
                    f"{what}: reading it takes more than {self._limits.memory // MIB:,} MiB of memory; nothing was "
                    "taken from it"
                )
        raise Unavailable(f"{what}: no worker lives long enough to read it")

    def _judge(self, gone: Gone, ending: int | None, deaths: int, what: str) -> None:
        """Raise the verdict on a piece of work whose worker ended, unless another try is worth it."""
        if gone.stood_still:
            raise TryAgain(f"{what}: reading it came to nothing in {self._limits.wall_seconds:g} s")
        if ending == -signal.SIGPROF:
            raise BadMessage(
                f"{what}: reading it takes more than {self._limits.cpu_seconds:g} s of processor time; nothing was "
                "taken from it"
            )
        if deaths >= DEADLY:
            raise BadMessage(
                f"{what}: reading it ends the process that reads it ({_words(ending)}); nothing was taken from it"
            )
        log.warning("%s: its worker ended (%s); another begins anew", what, _words(ending))

    def _end(self, place: _Place) -> int | None:
        worker, place.worker = place.worker, None
        return self._keeper.end(worker) if worker else None


def _words(ending: int | None) -> str:
    if ending is None:
        return "how, nobody knows"
    if ending >= 0:
        return f"exit code {ending}"
    text = f"signal {-ending}, {signal.strsignal(-ending)}"
    return text + (", as when the machine's memory runs out" if ending == -signal.SIGKILL else "")
