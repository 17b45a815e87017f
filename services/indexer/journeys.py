"""Keeps journeys: every outcome is added to the journey of its address (see `shared.journeys`)."""

from collections.abc import Sequence

import msgspec

from shared.contracts.messages import StepOutcome
from shared.contracts.wire import Received
from shared.journeys import COLLECTION, Journey, journey_id, put_together, write_of
from shared.runner.service import Handled, Service, Verdict
from shared.store.port import Store


class JourneyKeeper:
    """Keeps journeys in the store; each is written by the one owner of its partition."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """Add these outcomes to their journeys."""
        by_url: dict[str, list[StepOutcome]] = {}
        for received in batch:
            outcome: StepOutcome = received.message
            by_url.setdefault(outcome.url, []).append(outcome)
        known = self._store.get_many(COLLECTION, [journey_id(url) for url in by_url])
        writes = []
        for url, outcomes in by_url.items():
            stored = known.get(journey_id(url))
            earlier = msgspec.json.decode(stored.body, type=Journey).steps if stored else ()
            writes.append(write_of(put_together(url, [*earlier, *outcomes])))
        # One write for the batch: it goes with the last message, before any of them counts as done.
        return [Handled(ends="noted")] * (len(batch) - 1) + [Handled(remember=tuple(writes), ends="noted")]


def journeys_service(store: Store) -> Service:
    """The service that keeps journeys; it runs beside the indexer."""
    return Service(name="journeys", inputs=("outcomes",), step=JourneyKeeper(store).step, batch=200)
