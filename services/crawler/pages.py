"""What is known of a page once it was asked for, and when it is visited again. Pure functions of state and time.

A young page of the live lane is visited again after ten minutes, an hour and a day: that is when corrections come.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.contracts.article import Struct
from shared.contracts.messages import FeedEntry, FetchRequest, Source
from shared.contracts.wire import derived_id
from shared.store.port import Write

COLLECTION = "pages"
VISITS = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
YOUNG = timedelta(days=1)
# A page that another source brought so recently need not be fetched for this one too.
SHARED_FOR = timedelta(hours=1)
# Waits after failures; after the last one a page is given up.
RETRIES = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=80), timedelta(hours=5))
TRIES = len(RETRIES) + 1


class Page(Struct, frozen=True, kw_only=True):
    """A page, by the address it was first asked for under.

    `asked_at` is when the last request came to an end, good or bad; `first_at` and `fetched_at` those of the first and
    last document. `visit_at` is the next visit of our own accord; `source` and `entry` are kept for it. `parts` is the
    number of further parts that the last document had.
    """

    url: str
    source_id: str
    asked_at: datetime | None = None
    first_at: datetime | None = None
    fetched_at: datetime | None = None
    final_url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    sha256: str = ""
    parts: int = 0
    failures: int = 0
    revisits: bool = False
    visit_at: datetime | None = None
    source: Source | None = None
    entry: FeedEntry | None = None


def page_id(url: str) -> str:
    """The id of a page's record."""
    return derived_id(url)


def page_write(page: Page, now: datetime) -> Write:
    """The write that keeps a page. Labels: the minute of its next visit, and the month it was last asked for."""
    labels = {"month": f"{now:%Y-%m}"}
    if page.visit_at:
        labels["visit"] = slot_of(page.visit_at)
    return Write(COLLECTION, page_id(page.url), msgspec.json.encode(page), labels)


def slot_of(at: datetime) -> str:
    """The minute of a visit, as it stands in the label; it sorts by time."""
    return f"{at:%Y-%m-%dT%H:%M}"


def fetched(page: Page, now: datetime) -> Page:
    """The page after a document of it was had, or after the server said that nothing changed."""
    first = page.first_at or now
    return planned(replace(page, first_at=first, fetched_at=now, asked_at=now, failures=0), now)


def planned(page: Page, now: datetime) -> Page:
    """The page with the next of its visits planned; without what is kept for visits when there is none."""
    if not page.revisits or page.first_at is None:
        return replace(page, visit_at=None, source=None, entry=None)
    # One that is due within the minute has just been made.
    later = [page.first_at + wait for wait in VISITS if page.first_at + wait > now + timedelta(minutes=1)]
    if not later:
        return replace(page, visit_at=None, source=None, entry=None)
    return replace(page, visit_at=later[0])


def failed(page: Page, now: datetime) -> tuple[Page, datetime | None]:
    """The page after a try that failed, and when the next try is due; None when it is given up."""
    failures = page.failures + 1
    if failures > len(RETRIES):
        return replace(page, failures=0), None
    return replace(page, failures=failures), now + RETRIES[failures - 1]


def is_young(entry: FeedEntry | None, now: datetime) -> bool:
    """Whether a page may still be corrected: published within a day, or nobody knows when."""
    published = entry.published if entry else None
    return published is None or now - published <= YOUNG


def visit_request(page: Page, now: datetime) -> FetchRequest | None:
    """The request for a visit of our own accord."""
    if page.source is None:
        return None
    return FetchRequest(kind="page", source=page.source, url=page.url, entry=page.entry, requested_at=now)
