"""The whole flow on the embedded engines in one process: every service's runner in a thread of its own."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from services.cli.process import run_until
from services.cli.wiring import SERVICES, Wiring
from shared.contracts.article import Article
from shared.index.port import Search
from shared.journeys import Journey, find_journey
from shared.query.parse import parse
from shared.settings import load_settings
from shared.status import by_state, waiting
from tests.shipped import shipped_taxonomy
from tests.waiting import wait_until

# Those that tell subscribers; a flow may do without.
TELLING = ("alerter", "delivery")


class Flow:
    """A pipeline over a data folder, running between `with` and its end."""

    def __init__(
        self,
        data: Path,
        sources: Path | None = None,
        names: Sequence[str] = tuple(SERVICES),
        engines: Mapping[str, str] | None = None,
    ) -> None:
        settings = load_settings(data=data, sources=sources, retry_delay=0.2, **(engines or {}))
        self.wiring = Wiring(settings)
        self._stop = threading.Event()
        self._names = names
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def __enter__(self) -> Self:
        for name in self._names:
            # Engines of its own, as a process would have.
            thread = threading.Thread(target=self._run, args=(name,), name=name)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.wiring.__exit__(kind, error, at)
        assert not self._failures, self._failures

    def _run(self, name: str) -> None:
        with Wiring(self.wiring.settings) as wiring:
            self._failures += run_until(self._stop, wiring, name)

    def settle(self, documents: int, within: float = 120.0) -> None:
        """Wait until so many documents are known, all have ended and nothing is waiting any more."""

        def settled() -> bool:
            assert not self._failures, self._failures
            states = by_state(self.wiring.store())
            under_way = states.get("under way", 0) + states.get("retry", 0)
            done = sum(states.values()) >= documents and not under_way
            lags = waiting(self.wiring.bus())
            behind = [g for g, pair in lags.items() if sum(pair) and (g not in TELLING or g in self._names)]
            return done and not behind

        wait_until(settled, within, lambda: f"{by_state(self.wiring.store())} {waiting(self.wiring.bus())}")

    def journey(self, url: str) -> Journey:
        """The journey of an address."""
        found = find_journey(self.wiring.store(), url)
        assert found, url
        return found

    def article(self, url: str) -> Article:
        """The article an address became."""
        journey = self.journey(url)
        assert journey.article, journey
        found = self.wiring.reader().get(journey.article)
        assert found, journey
        return found

    def search(self, query: str) -> list[Article]:
        """All articles a query finds."""
        asked = parse(query, self.wiring.clock(), shipped_taxonomy())
        page = self.wiring.reader().search(Search(query=asked, limit=1000))
        return [hit.article for hit in page.hits]

    def everything(self) -> list[Article]:
        """Every searchable article."""
        return everything(self.wiring)


def everything(wiring: Wiring) -> list[Article]:
    """Every searchable article, page by page."""
    found: list[Article] = []
    cursor = None
    while True:
        page = wiring.reader().search(Search(limit=500, cursor=cursor, sort="date"))
        found += [hit.article for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            return found
