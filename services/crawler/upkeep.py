"""What nobody needs any more goes: entries and pages that were last seen months ago."""

from datetime import datetime

from services.crawler import entries, pages
from shared.runner.service import Handled, Owns
from shared.store.port import Store

# The present month and so many before it are kept.
MONTHS = 2
MOST_AT_ONCE = 2000


class Upkeep:
    """Clears away a little at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tick(self, now: datetime, owns: Owns) -> Handled:
        """One process of all does this: the one that owns the key `upkeep`."""
        if owns("fetch-requests", "upkeep"):
            first = first_month_kept(now)
            for collection in (entries.COLLECTION, pages.COLLECTION):
                self._clear(collection, first)
        return Handled()

    def _clear(self, collection: str, first: str) -> None:
        for month in sorted(m for m in self._store.count_by(collection, "month") if m < first):
            for stored in list(self._store.list(collection, {"month": month}, limit=MOST_AT_ONCE)):
                self._store.delete(collection, stored.id)


def first_month_kept(now: datetime) -> str:
    """The oldest month that is kept, as in the labels: 2026-01 in March 2026."""
    months = now.year * 12 + now.month - 1 - MONTHS
    return f"{months // 12:04}-{months % 12 + 1:02}"
