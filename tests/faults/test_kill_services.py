"""Every service is killed at random while documents flow: nothing is lost, nothing shown twice.

The short form runs everywhere; `./test --full tests/faults/test_kill_services.py` kills each service at least five
times (20 in all) while 1,000 documents flow.
"""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from services.cli.supervisor import Supervisor
from services.cli.wiring import SERVICES, Wiring
from shared.contracts.topics import TOPICS
from shared.journeys import find_journey
from shared.settings import load_settings
from shared.status import by_state, waiting
from tests.engines import Engines
from tests.integration.documents import write_documents
from tests.integration.flow import everything
from tests.waiting import wait_until


class Killing:
    """Kills the services in turn at random moments, also while one is starting."""

    def __init__(self, supervisor: Supervisor, kills: int, seed: int) -> None:
        self._supervisor = supervisor
        self._draw = random.Random(seed)
        order = list(SERVICES) * -(-kills // len(SERVICES))
        self._draw.shuffle(order)
        self.todo = order
        self.done: Counter[str] = Counter()
        self._next = time.monotonic() + 1

    def maybe(self) -> None:
        """Kill the next one if its moment has come."""
        if self.todo and time.monotonic() >= self._next and self._supervisor.runs(self.todo[-1]):
            name = self.todo.pop()
            os.kill(self._supervisor.pid(name), signal.SIGKILL)
            self.done[name] += 1
            self._next = time.monotonic() + self._draw.uniform(0.2, 1.5)


@pytest.mark.slow
def test_kills_lose_nothing_and_show_nothing_twice(tmp_path: Path, engines: Engines, full: bool) -> None:
    documents, kills, within = (1000, 24, 900.0) if full else (160, 8, 240.0)
    fates = write_documents(tmp_path / "inbox", documents)
    sources = tmp_path / "sources.yaml"
    sources.write_text(
        f"sources:\n  - {{id: inbox, kind: folder, path: {tmp_path / 'inbox'}, interval: 1s}}\n"
    )
    environment = {
        "HERITAGE_WIRE_SOURCES": str(sources),
        "HERITAGE_WIRE_RETRY_DELAY": "0.5",
        **engines.environment(),
    }
    settings = load_settings(data=tmp_path / "data", **engines.settings)
    with Wiring(settings) as wiring, Supervisor(settings.data, tuple(SERVICES), environment) as supervisor:
        killing = Killing(supervisor, kills, seed=20260302)

        def over() -> bool:
            supervisor.watch()
            killing.maybe()
            states = by_state(wiring.store())
            ended = (
                sum(states.values()) >= documents and not states.get("under way") and not states.get("retry")
            )
            return (
                ended and not killing.todo and not any(sum(pair) for pair in waiting(wiring.bus()).values())
            )

        wait_until(over, within, lambda: f"{by_state(wiring.store())} {waiting(wiring.bus())} {killing.done}")
        assert sum(killing.done.values()) >= kills
        check(wiring, fates)


def check(wiring: Wiring, fates: dict[str, str]) -> None:
    """Every journey ended as it must, every article is there once, and the counts add up."""
    expected = Counter(fates.values())
    found = everything(wiring)
    assert Counter(Counter(a.url for a in found).values()) == {1: expected["indexed"]}
    assert {a.url for a in found} == {url for url, fate in fates.items() if fate == "indexed"}
    assert wiring.reader().count() == expected["indexed"]
    for url, fate in fates.items():
        journey = find_journey(wiring.store(), url)
        assert journey, url
        assert (journey.state == "indexed") == (fate == "indexed"), journey
        assert journey.state in ("indexed", "ended", "dead")
    states = by_state(wiring.store())
    assert sum(states.values()) == len(fates)
    assert states["indexed"] == expected["indexed"]
    for topic in TOPICS.values():
        for lane in topic.lanes():
            for place, (first, end) in wiring.bus().ends(lane).items():
                offsets = [r.offset for r in wiring.bus().read(place, first, end - first)]
                assert offsets == list(range(first, end)), place
