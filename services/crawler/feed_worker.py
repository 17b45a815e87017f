"""Reads what strangers send in a process of its own, with limits on time and memory.

Feed and HTML parsers hang on some inputs (200,000 attributes, 100,000 items). One worker serves all sources, one
question at a time; one that overruns is killed and the next question gets a new one.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from services.crawler.found import Found, Unreadable
from services.crawler.part_links import Asked, Links
from services.crawler.reading import Question
from shared.contracts.article import Struct
from shared.errors import BadMessage, TryAgain
from shared.workers.limits import MIB, Limits
from shared.workers.pool import WorkerPool

JOBS = "services.crawler.feed_work:jobs"
READ, LINKS = "read", "links"
CPU_SECONDS = 20
WALL_SECONDS = 40.0
# A feed of 10 MiB needs some hundred; what was found in it comes back whole.
MEMORY = 1024 * MIB
LARGEST_REPLY = 128 * MIB
TOO_MUCH = "reading it takes more time or memory than is allowed; nothing was taken from it"


class Reply(Struct, frozen=True, kw_only=True):
    """What a question came to: what was found, or why it cannot be read."""

    found: Found | None = None
    fault: str = ""


class LinksReply(Struct, frozen=True, kw_only=True):
    """What a page's links came to, or why it cannot be read."""

    links: Links | None = None
    fault: str = ""


Kind = TypeVar("Kind", Reply, LinksReply)


class FeedWorker:
    """Asks the worker. Safe to use from several threads; they take turns."""

    def __init__(
        self,
        *,
        cpu_seconds: float = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        memory: int = MEMORY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = Limits(cpu_seconds, wall_seconds, memory, LARGEST_REPLY)
        self._pool = WorkerPool(JOBS, limits=limits, monotonic=monotonic)

    def read(self, question: Question) -> Found:
        """See `services.crawler.reading.read_source`. Raises Unreadable, also for what takes too much.

        Raises Unavailable when the process cannot be started: that is no fault of the content.
        """
        reply = self._reply(READ, question, Reply)
        if reply.found is None:
            raise Unreadable(reply.fault)
        return reply.found

    def links(self, asked: Asked) -> Links:
        """See `services.crawler.part_links.find_links`; raises as `read` does."""
        reply = self._reply(LINKS, asked, LinksReply)
        if reply.links is None:
            raise Unreadable(reply.fault)
        return reply.links

    def _reply(self, job: str, question: Question | Asked, kind: type[Kind]) -> Kind:
        try:
            return self._pool.call(job, question, kind, question.url)
        except (BadMessage, TryAgain) as e:
            raise Unreadable(TOO_MUCH) from e

    def close(self) -> None:
        """End the worker."""
        self._pool.close()
