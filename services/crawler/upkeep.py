"""What nobody needs any more goes: entries and pages that were last seen months ago, gatherings of the day before."""

from datetime import datetime, timedelta

from services.crawler import entries, gathering, pages
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
                self._clear(collection, "month", first)
            self._clear(gathering.COLLECTION, "day", f"{now - timedelta(days=1):%Y-%m-%d}")
        return Handled()

    def _clear(self, collection: str, label: str, first: str) -> None:
        """Take away what carries an earlier time than `first`."""
        for time in sorted(t for t in self._store.count_by(collection, label) if t < first):
            for stored in list(self._store.list(collection, {label: time}, limit=MOST_AT_ONCE)):
                self._store.delete(collection, stored.id)


def first_month_kept(now: datetime) -> str:
    """The oldest month that is kept, as in the labels: 2026-01 in March 2026."""
    months = now.year * 12 + now.month - 1 - MONTHS
    return f"{months // 12:04}-{months % 12 + 1:02}"
