"""When an article's event was, as far as the article tells: days, a guess from the publication date, or no year."""

from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import regex

from shared.contracts.article import DateSpan
from shared.contracts.messages import EventFacts

# Full or reduced ISO 8601; `--11-27` is a day of no year.
_DATE = regex.compile(r"(?P<year>\d{4}|-)(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?:T.*)?")
# Days before and after publication in which an event without a date of its own is looked for.
_WINDOWS = {"preview": (1, 30), "report": (7, 1), "followup": (30, 1)}
# Event dates further apart than this belong to different events; the one nearest to the publication counts.
_ONE_EVENT = 31
_LONGEST_EXACT = 21


class Days(NamedTuple):
    """An interval of days, proleptic Gregorian ordinals, both ends inclusive."""

    first: int
    last: int

    def gap(self, other: "Days") -> int:
        """Days between the two intervals, 0 where they overlap."""
        return max(0, self.first - other.last, other.first - self.last)


class MonthDays(NamedTuple):
    """An interval of days of no year: (month, day) of both ends."""

    first: tuple[int, int]
    last: tuple[int, int]

    def near(self, ordinal: int) -> Iterator[Days]:
        """The interval in the years around a day."""
        year = date.fromordinal(ordinal).year
        for y in (year - 1, year, year + 1):
            end = y if self.first <= self.last else y + 1
            yield Days(_ordinal(y, *self.first), _ordinal(end, *self.last))


@dataclass(frozen=True, slots=True)
class When:
    """`exact` are told to the day, `rough` to the month; `named` holds all of them, `window` follows from the
    publication date alone, which is `published`. `yearless` days are kept only where nothing gives the year."""

    exact: tuple[Days, ...] = ()
    rough: tuple[Days, ...] = ()
    named: tuple[Days, ...] = ()
    yearless: tuple[MonthDays, ...] = ()
    window: Days | None = None
    published: Days | None = None

    @property
    def told(self) -> tuple[Days, ...]:
        """The dates the event is found by, best first."""
        return self.exact or self.rough or ((self.window,) if self.window else ())

    @property
    def is_open(self) -> bool:
        """Whether no year is known, from any source."""
        return not self.told


def when(facts: EventFacts, phase: str | None = None) -> When:
    """What an article says of the time of its event, in this phase or its own. Dates that are none are passed over."""
    phase = phase or facts.phase
    published = _days(facts.published, facts.published) if facts.published else None
    exact: list[Days] = []
    rough: list[Days] = []
    yearless: list[MonthDays] = []
    for span in facts.dates:
        if span.role != "event":
            continue
        if days := _days(span.start, span.end):
            (exact if _is_exact(span, days) else rough).append(days)
        elif month_days := _month_days(span):
            yearless.append(month_days)
    if published and yearless:
        exact += [_in_year(each, published, phase) for each in yearless]
        yearless = []
    # A year alone separates no two events; the publication date says more.
    rough = [days for days in rough if days.last - days.first <= _ONE_EVENT]
    return When(
        exact=_of_one_event(exact, published, phase),
        rough=_of_one_event(rough, published, phase),
        named=tuple(sorted({*exact, *rough})),
        yearless=() if exact or rough else tuple(sorted(set(yearless))),
        window=_window(published, phase),
        published=published,
    )


def _is_exact(span: DateSpan, days: Days) -> bool:
    return span.precision not in ("month", "year") and days.last - days.first <= _LONGEST_EXACT


def _window(published: Days | None, phase: str) -> Days | None:
    if published is None or phase not in _WINDOWS:
        return None
    before, after = _WINDOWS[phase]
    return Days(published.first - before, published.last + after)


def _of_one_event(found: Iterable[Days], published: Days | None, phase: str) -> tuple[Days, ...]:
    spans = sorted(set(found))
    if published is None:
        return tuple(spans)
    if phase == "preview":
        # What is over cannot be announced: such a day belongs to a caption or to history.
        spans = fitting = [s for s in spans if s.last >= published.first - 1]
    else:
        fitting = [s for s in spans if s.first <= published.last + 1] or spans
    nearest = min(fitting, key=lambda s: (s.gap(published), s), default=None)
    return tuple(s for s in spans if nearest and s.gap(nearest) <= _ONE_EVENT)


def _in_year(days: MonthDays, published: Days, phase: str) -> Days:
    """A preview's day is the next of its name, any other's the last one."""
    years = list(days.near(published.first))
    if phase == "preview":
        return next(d for d in years if d.last >= published.first - 1)
    return [d for d in years if d.first <= published.last + 1][-1]


def _days(start: str, end: str) -> Days | None:
    first, last = _first_and_last(start), _first_and_last(end)
    return Days(first.first, max(first.last, last.last)) if first and last else None


def _first_and_last(text: str) -> Days | None:
    found = _DATE.fullmatch(text)
    if not found or found["year"] == "-":
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    if not 1000 <= year < 3000:
        return None
    try:
        first = date(year, month, day)
        if found["day"]:
            return Days(first.toordinal(), first.toordinal())
        following = (
            (first + timedelta(days=31)).replace(day=1) if found["month"] else first.replace(year=year + 1)
        )
    except ValueError:
        return None
    return Days(first.toordinal(), following.toordinal() - 1)


def _month_days(span: DateSpan) -> MonthDays | None:
    ends = [_DATE.fullmatch(text) for text in (span.start, span.end)]
    pairs = [(int(e["month"]), int(e["day"])) for e in ends if e and e["year"] == "-" and e["day"]]
    if len(pairs) != 2 or any(not _exists(*pair) for pair in pairs):
        return None
    return MonthDays(*pairs)


def _exists(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _ordinal(year: int, month: int, day: int) -> int:
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    return date(year, month, day).toordinal()
