"""Dates in a query: days, months, years, timestamps, ranges, and times counted back from now. All UTC."""

import re
from datetime import UTC, datetime, timedelta

from shared.query.ast import Between
from shared.query.lexer import QueryError

_RELATIVE = re.compile(r"(\d{1,4})([hdwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
EXPECTED = "a date (2025, 2025-11, 2025-11-26, 2025-11-26T12:00Z), a range 2025-11-26..2025-11-29, or 12h 7d 2w 3m 1y"

Period = tuple[datetime, datetime]


def between(field: str, value: str, now: datetime, at: int) -> Between:
    """`after:` from its beginning on, `before:` up to its beginning, `on:` within it. Raises QueryError."""
    first, dots, last = value.partition("..")
    if field != "on":
        start, _ = _period(value, now, at)
        return Between(start, None) if field == "after" else Between(None, start)
    start, end = _period(first, now, at)
    if dots:
        _, end = _period(last, now, at)
    if end <= start:
        raise QueryError(at, EXPECTED, f"{value} ends before it begins")
    return Between(start, end)


def _period(value: str, now: datetime, at: int) -> Period:
    """From when to when a date lasts; a timestamp is a moment, a relative one lasts until now."""
    try:
        if found := _RELATIVE.fullmatch(value.lower()):
            count, unit = int(found[1]), found[2]
            back = timedelta(hours=count) if unit == "h" else timedelta(days=count * _DAYS[unit])
            return now.astimezone(UTC) - back, now.astimezone(UTC)
        if found := _DAY.fullmatch(value):
            return _calendar(*(int(part) if part else None for part in found.groups()))
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as e:
        raise QueryError(at, EXPECTED, f"{value!r} is no date") from e
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment, moment


def _calendar(year: int | None, month: int | None, day: int | None) -> Period:
    start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if day:
        return start, start + timedelta(days=1)
    if month:
        return start, datetime(start.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return start, datetime(start.year + 1, 1, 1, tzinfo=UTC)
