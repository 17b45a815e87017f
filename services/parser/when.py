"""When a document was published and last changed: every place that may tell, in order of trust.

Feed entry, JSON-LD, meta elements, a stamp on the page, the day in the address, the dateline, the stamp a crawler
left. A month or a year counts where nothing tells the day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.parser.bylines import opening_of
from services.parser.dates import (
    OLDEST,
    Hints,
    Moment,
    hints_for,
    of_datetime,
    parse,
    parse_declared,
    parse_stamp,
    plausible,
)
from services.parser.lines import Line
from services.parser.metadata import PageMetadata
from services.parser.stamps import (
    Published,
    bare_stamp,
    crawl_stamp,
    dateline_day,
    element_stamp,
    in_url,
    labelled_stamp,
    updated_stamp,
)
from shared.contracts.messages import FeedEntry

# A declared date this near to the fetch is the clock of the server where the page tells another day.
NOW = timedelta(minutes=2)
LINES_WITH_DATES = 80
_COARSE = ("month", "year")


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as far as it may tell its date. `country` and `language` are those of its source."""

    lines: tuple[Line, ...]
    title: str
    page: PageMetadata
    url: str
    entry: FeedEntry | None
    fetched_at: datetime
    country: str | None = None
    language: str | None = None
    # The day a file says it was made (ISO 8601); "" for none.
    made: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """The publication, and the last change, UTC."""

    published: Published | None
    modified: datetime | None


def date_document(seen: Seen) -> When:
    """When the document was published and changed; None for what nobody tells."""
    told = seen.page.language or (seen.entry.language if seen.entry else None) or seen.language
    texts = (line.text for line in seen.lines[:LINES_WITH_DATES])
    hints = hints_for(told, seen.country, seen.fetched_at, texts)
    address, stamp = in_url(seen.url, hints), crawl_stamp(seen.lines)
    anchor = address or stamp
    hints = replace(hints, year=anchor.at.year if anchor else None)
    published = _choose(_candidates(seen, hints, address, stamp), seen.fetched_at)
    return When(published, _modified(seen, hints, published))


def _choose(candidates: Iterator[tuple[str, Moment | None]], fetched_at: datetime) -> Published | None:
    """The first plausible candidate that tells a day, else the first that tells a month or year."""
    coarse: Published | None = None
    for origin, moment in candidates:
        if moment is None or not plausible(moment, fetched_at):
            continue
        if moment.precision not in _COARSE:
            return Published(moment, origin)
        coarse = coarse or Published(moment, origin)
    return coarse


def _candidates(
    seen: Seen, hints: Hints, address: Moment | None, stamp: Moment | None
) -> Iterator[tuple[str, Moment | None]]:
    """Lazily, because the later ones cost time."""
    if seen.entry:
        yield "feed", of_datetime(seen.entry.published or seen.entry.updated)
    other = _other_day(address, dateline_day(seen.lines, hints))
    for origin, raw in seen.page.dates.published:
        moment = parse_declared(raw, hints)
        if not (moment and _is_now(moment, seen.fetched_at, other)):
            yield origin, moment
    yield "page", labelled_stamp(seen.lines, hints)
    bare = bare_stamp(seen.lines, seen.title, hints)
    weak = [("meta", parse_declared(raw, hints)) for raw in seen.page.dates.weak]
    shown = [("page", bare), *(("page", element_stamp(text, hints)) for text in seen.page.dates.stamps)]
    changed = [("page", element_stamp(text, hints, changed=True)) for text in seen.page.dates.stamps]
    timed = [
        ("page", parse_declared(raw, hints) or parse_stamp(raw, hints)) for raw in seen.page.dates.times[:2]
    ]
    for origin, moment in (*shown, *timed, *changed, *weak):
        if moment and not _is_today(moment, seen.fetched_at, other):
            yield origin, moment
    if address and address.precision == "day":
        yield "url", address
    yield "dateline", _dateline(seen.lines, hints)
    yield "page", stamp
    yield "url", address
    yield "pdf", parse(seen.made)


def _dateline(lines: tuple[Line, ...], hints: Hints) -> Moment | None:
    """The day the article opens with: a whole date, or one whose agency stands before it."""
    found = dateline_day(lines, hints)
    day = None if found else opening_of(lines, None).day
    return found or (Moment(datetime(day.year, day.month, day.day, tzinfo=UTC), "day") if day else None)


def _other_day(*moments: Moment | None) -> Moment | None:
    return next((moment for moment in moments if moment and moment.precision == "day"), None)


def _is_now(moment: Moment, fetched_at: datetime, other: Moment | None) -> bool:
    return (
        other is not None
        and abs(moment.at - fetched_at) <= NOW
        and abs(moment.at - other.at) > timedelta(days=2)
    )


def _is_today(moment: Moment, fetched_at: datetime, other: Moment | None) -> bool:
    """A date equal to the day of the fetch may be a header's "today" where something else names another day."""
    return other is not None and moment.at.date() == fetched_at.date() != other.at.date()


def _modified(seen: Seen, hints: Hints, published: Published | None) -> datetime | None:
    """The latest change anybody tells of, when it is not before the publication."""
    told = [parse_declared(raw, hints) for raw in seen.page.dates.modified]
    if seen.entry and seen.entry.published:
        told.append(of_datetime(seen.entry.updated))
    told.append(updated_stamp(seen.lines, hints))
    since = published.moment.at if published else OLDEST
    return next((m.at for m in told if m and plausible(m, seen.fetched_at) and m.at >= since), None)
