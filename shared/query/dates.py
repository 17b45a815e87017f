"""Dates in a query: days, months, years, timestamps, ranges, and times counted back from now. All UTC."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from shared.query.ast import Between
from shared.query.lexer import QueryError

_RELATIVE = re.compile(r"(\d{1,4})([hdwmy])")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
EXPECTED = "a date (2025, 2025-11, 2025-11-26, 2025-11-26T12:00Z), a range 2025-11-26..2025-11-29, or 12h 7d 2w 3m 1y"

Period = tuple[datetime, datetime]


def between(field: str, value: str, now: datetime, at: int) -> Between:
    """`after:` from its beginning on, `before:` up to its beginning, `on:` within it. Raises QueryError.

    Months and years are those of the calendar: `1m` before 31 March is 28 or 29 February. A range holds both its
    ends; one of them may be left out. `at` is where the value stands in the query.
    """
    first, dots, last = value.partition("..")
    if field != "on":
        if dots:
            raise QueryError(at, "one date", f"{field}: takes no range; write on:{value}")
        start, _ = _period(first, now, at)
        return Between(start, None) if field == "after" else Between(None, start)
    if not dots:
        start, end = _period(value, now, at)
        if start == end:
            raise QueryError(
                at, "a day, month, year or range", f"{value} is a moment, nothing lasts that short"
            )
        return Between(start, end)
    begin = _period(first, now, at)[0] if first else None
    until = _period(last, now, at)[1] if last else None
    if begin is None and until is None:
        raise QueryError(at, EXPECTED, "the range has no date")
    if begin and until and until <= begin:
        raise QueryError(at, EXPECTED, f"{value} ends before it begins")
    return Between(begin, until)


def _period(value: str, now: datetime, at: int) -> Period:
    """From when to when a date lasts; a timestamp is a moment, a relative one lasts until now."""
    try:
        if found := _RELATIVE.fullmatch(value.lower()):
            present = _utc(now)
            return _back(present, int(found[1]), found[2]), present
        if found := _DAY.fullmatch(value):
            return _calendar(*(int(part) if part else None for part in found.groups()))
        if "t" not in value.lower():  # week dates and the like would only look right
            raise ValueError(value)
        moment = _utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError) as e:
        raise QueryError(at, EXPECTED, f"{value!r} is no date") from e
    return moment, moment


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _back(now: datetime, count: int, unit: str) -> datetime:
    match unit:
        case "h":
            return now - timedelta(hours=count)
        case "d" | "w":
            return now - timedelta(days=count * (7 if unit == "w" else 1))
        case _:
            months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
            year, month = divmod(months, 12)
            # Raises ValueError before the year 1, as the rest does.
            first = now.replace(year=year, month=month + 1, day=1)
            return first.replace(day=min(now.day, monthrange(year, month + 1)[1]))


def _calendar(year: int | None, month: int | None, day: int | None) -> Period:
    start = datetime(year or 0, 1 if month is None else month, 1 if day is None else day, tzinfo=UTC)
    if day:
        return start, start + timedelta(days=1)
    if month:
        return start, datetime(start.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return start, datetime(start.year + 1, 1, 1, tzinfo=UTC)
