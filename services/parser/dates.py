"""Dates in short texts: what day a text names, at what time, in which calendar and zone.

Nothing is made up. A date that may be two (4/5/2024 where nobody knows the country) is none; a date without a year
has one only where something else tells it; a time whose zone is neither told nor that of the source's country is
taken as UTC, and the moment says so by naming no zone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from services.parser.calendars import calendar_of, day_of
from services.parser.clock import Clock, find_clock
from services.parser.date_words import ago_patterns, days_back, fold, weekdays
from services.parser.told_days import Told, find_told
from services.parser.zones import country_zone, local_time, written, zone_of
from shared.contracts.article import Precision, ZoneFrom

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
LONGEST = 200
_EPOCH = re.compile(r"\s*(?:/date\()?(\d{9,16})(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?\s*$")
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?(z|[+-]\d\d:?\d\d)?)?\s*$")
_ISO_WEEK = re.compile(r"\s*\d{4}-?w\d\d(?:-?[1-7])?\s*$")
_MONTH_ALONE = re.compile(
    r"\s*(\d{4})\s?(?:[-/.]|[年년]\s?)\s?(0?[1-9]|1[0-2])\s?[月월]?\s*$|\s*(0?[1-9]|1[0-2])[/.](\d{4})\s*$"
)
_YEAR_ALONE = re.compile(r"\s*(\d{4})[年년]?\s*$")
Order = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps to read a date: where the source sits, what the page is written in, when it was fetched.

    `order` is what stands first in 4/5/2024: the day, the month or the year; None where nobody knows.
    """

    country: str | None = None
    languages: tuple[str, ...] = ()
    fetched_at: datetime | None = None
    order: Order | None = None
    year: int | None = None


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, UTC, and how exactly it is known; `zone` is the offset its clock was read at."""

    at: datetime
    precision: Precision
    zone: str | None = None
    zone_from: ZoneFrom | None = None


def hints_for(
    language: str | None, country: str | None, fetched_at: datetime, texts: Iterable[str] = ()
) -> Hints:
    """What a source and its page say of how they write dates; `texts` are lines that may hold other dates."""
    parts = re.split(r"[-_]", language or "")
    region = next((part.upper() for part in parts[1:] if len(part) == 2), None)
    languages = (parts[0].lower(),) if parts[0] else ()
    order = _order_shown(texts) or _order_of(languages[0] if languages else None, country or region)
    # A language tag tells how dates are written, not where the clock hangs: half the web is "en-US".
    return Hints(country, languages, fetched_at, order)


_SHOWN = re.compile(r"(?<![\d/.-])(\d{1,2})([/-])(\d{1,2})\2(?:19|20)\d\d(?![\d/])")


def _order_shown(texts: Iterable[str]) -> Order | None:
    """The order the other dates of a page betray: only a day is above 12."""
    days_first = months_first = 0
    for text in texts:
        for first, _, second in _SHOWN.findall(text[:1000]):
            days_first += 12 < int(first) <= 31
            months_first += 12 < int(second) <= 31
    if bool(days_first) == bool(months_first):
        return None
    return "day" if days_first else "month"


@cache
def _order_of(language: str | None, country: str | None) -> Order | None:
    """The order of a language as it is written in a country, by Unicode CLDR; English alone tells nothing."""
    if language in (None, "en") and not country:
        return None
    spoken = get_global("likely_subtags").get(f"und_{country}", "en").split("_")[0]
    for name in (f"{language or spoken}_{country}", f"{spoken}_{country}", language):
        try:
            pattern = Locale.parse(name or "", sep="_").date_formats["short"].pattern
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        first = min("dMy", key=lambda letter: pattern.find(letter) % 1000)
        return {"d": "day", "M": "month", "y": "year"}[first]  # type: ignore[return-value]
    return None


def parse(text: str, hints: Hints = NO_HINTS) -> Moment | None:
    """The first full date in a short text, with the time next to it; None where there is none or it is ambiguous."""
    folded = fold(text[:LONGEST])
    found = find_day(folded, hints)
    return _with_clock(*found, folded, hints) if found else None


def find_day(folded: str, hints: Hints = NO_HINTS) -> tuple[datetime, Told] | None:
    """The first full day a folded text names, ours before those of other calendars."""
    days = [(day, told) for told in find_told(folded, hints.languages) if (day := day_meant(told, hints))]
    if not days:
        return None
    ours = [found for found in days if found[0].year == found[1].year]
    return min(ours or days, key=lambda found: (found[1].start, -found[1].end))


def day_meant(told: Told, hints: Hints) -> datetime | None:
    """The day a told date means; None where it is not whole or may be two."""
    year = told.year if told.year is not None else hints.year
    if told.day is None or year is None:
        return None
    calendar = told.calendar or calendar_of(year, hints.country, hints.languages)
    if told.short_year:
        year, calendar = _full_year(told, hints), "gregorian"
    days = {
        day
        for month, day_number in _orders(told, hints)
        if (day := day_of(calendar, year, month, day_number))
    }
    if len(days) > 1 and told.weekday is not None:
        days = {day for day in days if day.weekday() == told.weekday}
    if len(days) > 1 and hints.fetched_at:
        days = {day for day in days if day <= hints.fetched_at + AHEAD}
    return days.pop() if len(days) == 1 else None


def _full_year(told: Told, hints: Hints) -> int:
    year = told.year or 0
    if told.thai:
        return 2500 + year - 543
    latest = (hints.fetched_at.year if hints.fetched_at else 2049) % 100
    return 2000 + year if year <= latest + 1 else 1900 + year


def _orders(told: Told, hints: Hints) -> list[tuple[int, int]]:
    """(month, day) as a told date may mean them."""
    month, day = told.month, told.day or 0
    if not told.either:
        return [(month, day)]
    # Between dots and dashes the day stands first, but for the countries that never put it there.
    if hints.order == "month" and told.sign != ".":
        return [(day, month)] if day <= 12 else [(month, day)]
    if hints.order == "day" or told.sign in (".", "-") or month == day:
        return [(month, day)] if month <= 12 else [(day, month)]
    return [(month, day), (day, month)]


def _with_clock(day: datetime, told: Told, folded: str, hints: Hints) -> Moment:
    """The day with the time that stands behind it, else before it; midnight sharp is no time."""
    behind = folded[told.end : told.end + 48]
    following = [other.start for other in find_told(behind, hints.languages) if other.day is not None]
    clock = find_clock(folded[told.start : told.end]) if told.clock_inside else None
    clock = clock or find_clock(behind[: min(following, default=48)])
    clock = clock or find_clock(folded[max(0, told.start - 34) : told.start])
    if clock is None or (clock.hour, clock.minute, clock.second) == (0, 0, 0):
        return Moment(day, "day")
    return at_clock(day, clock, hints)


def at_clock(day: datetime, clock: Clock, hints: Hints) -> Moment:
    """A day at a time of day, in the zone told there or that of the source's country."""
    naive = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001
    told = zone_of(clock.zone, naive, hints.country, hints.languages) if clock.zone else None
    return _moment(naive, clock.precision, told, hints, named=bool(clock.zone))


def _moment(
    naive: datetime, precision: Precision, told: timezone | None, hints: Hints, *, named: bool
) -> Moment:
    # A zone that is named but unknown is not that of the country.
    zone = told or (None if named else country_zone(hints.country, naive))
    at = naive.replace(tzinfo=zone or UTC).astimezone(UTC)
    if zone is None:
        return Moment(at, precision)
    return Moment(at, precision, written(zone), "told" if told else "country")


def parse_declared(raw: str, hints: Hints = NO_HINTS) -> Moment | None:
    """A date as machines are told it: ISO 8601 in all its forms, seconds since 1970, else as people write it."""
    folded = fold(raw[:LONGEST])
    if match := _COMPACT.match(folded):
        day = _day(match[1], match[2], match[3])
        if day and match[4]:
            clock = f"{match[4]}:{match[5]}:{match[6] or '00'}{match[7] or ''}"
            return parse(f"{day:%Y-%m-%d} {clock}", hints)
        if day:
            return Moment(day, "day")
    if (match := _EPOCH.match(folded)) and (at := _since_1970(match[1])):
        return Moment(at, "second", "+00:00", "told")
    if _ISO_WEEK.match(folded):
        return _iso_week(folded)
    return parse(raw, hints) or loose(folded, hints)


def _since_1970(digits: str) -> datetime | None:
    seconds = int(digits) / {9: 1, 10: 1, 12: 1000, 13: 1000, 15: 10**6, 16: 10**6}.get(len(digits), 10**9)
    at = datetime.fromtimestamp(int(seconds), UTC)
    return at if at >= OLDEST else None


def _iso_week(folded: str) -> Moment | None:
    try:
        day = datetime.fromisoformat(folded.strip().upper()).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Moment(day, "day")


def _day(year: str, month: str, day: str) -> datetime | None:
    return day_of("gregorian", int(year), int(month), int(day))


def loose(folded: str, hints: Hints = NO_HINTS) -> Moment | None:
    """A month or a year, where a text names no more than that."""
    if match := _MONTH_ALONE.match(folded):
        year, month = int(match[1] or match[4]), int(match[2] or match[3])
        day = day_of(calendar_of(year, hints.country, hints.languages), year, month, 1)
        return Moment(day.replace(day=1), "month") if day else None
    for told in find_told(folded, hints.languages):
        if told.day is None and told.year is not None:
            day = day_of(
                told.calendar or calendar_of(told.year, hints.country, hints.languages),
                told.year,
                told.month,
                1,
            )
            return Moment(day.replace(day=1), "month") if day else None
    if match := _YEAR_ALONE.match(folded):
        day = day_of(calendar_of(int(match[1]), hints.country, hints.languages), int(match[1]), 1, 1)
        return Moment(day.replace(month=1, day=1), "year") if day else None
    return None


def parse_stamp(text: str, hints: Hints) -> Moment | None:
    """A date in a text that is known to say when: also "3 hours ago", "yesterday, 14:05", "Monday", "Nov 20".

    These count from the fetch. A day without a year is the latest such day before it.
    """
    folded = fold(text[:LONGEST])
    found = parse(text, hints)
    if found or hints.fetched_at is None:
        return found
    now = local_time(hints.country)(hints.fetched_at)
    return (
        _ago(folded, hints.fetched_at, now)
        or _named_day(folded, now, hints)
        or _without_year(folded, hints)
        or loose(folded, hints)
    )


def parse_counted(text: str, hints: Hints) -> Moment | None:
    """ "3 hours ago", "yesterday", or a day without a year but with a time: what is nothing but a stamp."""
    if hints.fetched_at is None:
        return None
    folded = fold(text[:LONGEST])
    now = local_time(hints.country)(hints.fetched_at)
    found = _ago(folded, hints.fetched_at, now) or _named_day(folded, now, hints, weekdays_too=False)
    return found or (_without_year(folded, hints) if find_clock(folded) else None)


_NUMBER = re.compile(r"\d+")
_LENGTHS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def _ago(folded: str, fetched_at: datetime, now: datetime) -> Moment | None:
    counted = " ".join(_NUMBER.sub("#", folded).split())
    for pattern, unit, has_number in ago_patterns():
        at = counted.find(pattern)
        if at < 0 or counted[max(0, at - 1) : at].isalnum():
            continue
        numbers = _NUMBER.findall(" ".join(folded.split()))
        number = int(numbers[counted[: at + pattern.find("#")].count("#")]) if has_number else 1
        return _before(fetched_at, now, unit, number)
    return None


def _before(fetched_at: datetime, now: datetime, unit: str, number: int) -> Moment | None:
    if number > 1000:
        return None
    if unit in ("month", "year"):
        months = now.year * 12 + now.month - 1 - number * (12 if unit == "year" else 1)
        at = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
        return Moment(at, "month") if unit == "month" else Moment(at.replace(month=1), "year")
    back = timedelta(seconds=number * _LENGTHS[unit])
    if unit in ("second", "minute"):
        return Moment((fetched_at - back).replace(second=0, microsecond=0), "minute")
    if unit == "hour":
        return Moment((fetched_at - back).replace(minute=0, second=0, microsecond=0), "hour")
    day = midnight(now - back)
    # "2 weeks ago" is any day of a week.
    return Moment(day, "day") if unit == "day" else Moment(day.replace(day=1), "month")


def midnight(at: datetime) -> datetime:
    """The day of a time, as days are kept: midnight UTC."""
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def _named_day(folded: str, now: datetime, hints: Hints, *, weekdays_too: bool = True) -> Moment | None:
    """ "Yesterday", "today at 14:05", "Monday": the latest such day."""
    for table, spaced in ((days_back(), True), (weekdays() if weekdays_too else {}, False)):
        for name in sorted((name for name in table if name in folded), key=len, reverse=True):
            start = folded.find(name)
            if not spaced or name.isascii() or len(name) > 3:
                around = folded[max(0, start - 1) : start] + folded[start + len(name) : start + len(name) + 1]
                if any(c.isalpha() and not _is_han(c) for c in around):
                    continue
            back = table[name] if spaced else (now.weekday() - table[name]) % 7
            day = midnight(now - timedelta(days=back))
            clock = find_clock(folded[:start] + folded[start + len(name) :])
            return at_clock(day, clock, hints) if clock else Moment(day, "day")
    return None


def _is_han(character: str) -> bool:
    return (
        "\u0e00" <= character <= "\u0eff"
        or "\u1000" <= character <= "\u109f"
        or "\u1780" <= character <= "\u9fff"
    )


def _without_year(folded: str, hints: Hints) -> Moment | None:
    fetched_at = hints.fetched_at
    told = next((t for t in find_told(folded, hints.languages) if t.year is None and t.day is not None), None)
    if told is None or fetched_at is None:
        return None
    for year in (hints.year, fetched_at.year, fetched_at.year - 1):
        day = day_meant(replace(told, year=year), hints) if year else None
        if day and day <= fetched_at + AHEAD:
            return _with_clock(day, told, folded, hints)
    return None


def of_datetime(at: datetime | None) -> Moment | None:
    """A moment from a feed; midnight sharp is a date without a time."""
    if at is None:
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    whole = (at.hour, at.minute, at.second) == (0, 0, 0)
    return Moment(at, "day" if whole else "second")


def plausible(moment: Moment | None, fetched_at: datetime) -> bool:
    """Not before the web, not in the future of the fetch."""
    return moment is not None and OLDEST <= moment.at <= fetched_at + AHEAD
