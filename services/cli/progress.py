"""Where documents stand: waiting messages per group, and journeys that have ended."""

from collections.abc import Mapping

from services.cli.wiring import GROUPS, Wiring
from services.indexer.journeys import COLLECTION, Journey
from shared.contracts.topics import TOPICS

# States in which nothing more will happen to a document by itself.
ENDED = ("indexed", "ended", "dead")


def waiting(wiring: Wiring) -> Mapping[str, tuple[int, int]]:
    """For each consumer group how many messages wait, on the live lane and in backfill."""
    bus = wiring.bus()
    lags = {}
    for group, topics in GROUPS.items():
        lanes = [lane for topic in topics for lane in TOPICS[topic].lanes()]
        lag = bus.lag(group, lanes)
        backfill = sum(n for place, n in lag.items() if place.topic not in topics)
        lags[group] = (sum(lag.values()) - backfill, backfill)
    return lags


def by_state(wiring: Wiring) -> Mapping[str, int]:
    """How many documents stand in each state."""
    return wiring.store().count_by(COLLECTION, "document-state")


def ended(journey: Journey) -> bool:
    """Whether nothing more will happen to the document by itself."""
    return journey.state in ENDED
