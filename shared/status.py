"""Where everything stands: what waits per consumer group, what became of documents, what failed."""

from collections.abc import Mapping
from typing import Any

from shared.bus.port import Bus
from shared.contracts.topics import TOPICS
from shared.dead_letters import open_letters
from shared.index.port import IndexReader
from shared.journeys import COLLECTION
from shared.store.port import Store

# Every consumer group and what it reads, for lag and progress.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "crawler": ("fetch-requests",),
    "parser": ("fetched",),
    "learner": ("fetched",),
    "events": ("parsed",),
    "indexer": ("articles",),
    "journeys": ("outcomes",),
    "alerter": ("articles",),
    "delivery": ("alerts",),
}


def waiting(bus: Bus) -> Mapping[str, tuple[int, int]]:
    """For each consumer group how many messages wait, on the live lane and in backfill."""
    lags = {}
    for group, topics in GROUPS.items():
        lanes = [lane for topic in topics for lane in TOPICS[topic].lanes()]
        lag = bus.lag(group, lanes)
        backfill = sum(n for place, n in lag.items() if place.topic not in topics)
        lags[group] = (sum(lag.values()) - backfill, backfill)
    return lags


def by_state(store: Store) -> Mapping[str, int]:
    """How many documents stand in each state."""
    return store.count_by(COLLECTION, "document-state")


def collect_status(bus: Bus, store: Store, reader: IndexReader) -> dict[str, Any]:
    """The state of everything, as `status --json` prints it and the API returns it."""
    lags = waiting(bus)
    return {
        "services": [
            {
                "name": group,
                "running": bus.members(group),
                "waiting": lags[group][0],
                "backfill": lags[group][1],
            }
            for group in GROUPS
        ],
        "documents": dict(by_state(store)),
        "searchable": reader.count(),
        "dead_letters": sum(1 for _ in open_letters(bus, store)),
    }
