"""Pages that are due for a visit of our own accord, found by the minute in their label."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from services.crawler.pages import COLLECTION, Page, page_write, planned, slot_of, visit_request
from shared.contracts.wire import Outgoing
from shared.identity import host_of
from shared.runner.service import Handled, Owns
from shared.store.port import Store, Write

MOST_AT_ONCE = 500
# A visit planned for this very minute may be written after the minute was looked at: look back so far.
LOOK_BACK = timedelta(minutes=2)


class Visits:
    """What is due, minute by minute. Used by the runner's thread alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_at: datetime | None = None

    def reload(self) -> None:
        """Look again at everything that is due, however old."""
        self._looked_at = None

    def tick(self, now: datetime, owns: Owns) -> Handled:
        """Requests for the pages that are due and whose hosts are ours."""
        outputs: list[Outgoing] = []
        writes: list[Write] = []
        for slot in self._slots(now):
            for stored in self._store.list(COLLECTION, {"visit": slot}):
                page = msgspec.json.decode(stored.body, type=Page)
                if not owns("fetch-requests", host_of(page.url)):
                    continue
                request = visit_request(page, now)
                if request:
                    outputs.append(Outgoing("fetch-requests", host_of(page.url), request))
                # The visit itself writes the page again; this much stands should it come to nothing.
                writes.append(page_write(planned(replace(page, visit_at=None), now), now))
                if len(outputs) >= MOST_AT_ONCE:
                    return Handled(tuple(outputs), tuple(writes))
        self._looked_at = now.replace(second=0, microsecond=0)
        return Handled(tuple(outputs), tuple(writes))

    def _slots(self, now: datetime) -> Sequence[str]:
        """The minutes up to now that may hold something due, oldest first."""
        if self._looked_at is None:
            return sorted(s for s in self._store.count_by(COLLECTION, "visit") if s <= slot_of(now))
        first = self._looked_at - LOOK_BACK
        minutes = int((now - first).total_seconds() // 60)
        return [slot_of(first + timedelta(minutes=m)) for m in range(minutes + 1)]
