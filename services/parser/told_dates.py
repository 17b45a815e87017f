"""Dates as articles tell them, found in folded text: days, ranges, months, bare days and weekdays, in many languages.

What stands there is returned with its parts, and nothing is made up: a date without a year has none yet.
`services.parser.event_dates` gives years and says which dates are those of the event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import regex

from shared.contracts.article import TextField
from shared.taxonomy.calendars import from_jalali, jalali_months, months, weekdays
from shared.taxonomy.folding import Folded, Folder

Sort = Literal["days", "month", "day", "weekday"]
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th|er|º|ª|o)?\.?"
_FREE = r"(?<![\d.,:/-])"
_TO = r"\s*(?:-|to|and|through|until|till|bis(?: zum)?|und|au|et|al|a|alle|e|y|ao|до|по|и|и до|الي|حتي|و|تا|sampai|hingga|dan|до|&|,)\s*"
_YEAR = r"(?:(?:,|\s|de|del|of|г\.)*\s*(?P<year>(?:1[89]|20)\d\d)(?!\d))?"
_OF = r"\s*(?:de\s+|di\s+|of\s+|del\s+|d'\s*|ke\s+)?"
_DAY_FIRST = (
    rf"{_FREE}{_DAY.format('d1')}(?:{_OF}(?P<m1>\L<months>)\.?,?)?(?:{_TO}(?:\L<weekdays>,?\s*)?{_DAY.format('d2')})?"
    rf"{_OF}(?P<month>\L<months>)(?!\p{{L}})\.?{_YEAR}"
)
_MONTH_FIRST = (
    rf"(?<!\p{{L}})(?P<month>\L<months>)\.?\s+{_DAY.format('d1')}"
    rf"(?:{_TO}(?:(?P<m2>\L<months>)\.?\s*)?{_DAY.format('d2')}(?!\s*(?:am|pm|a\.m|p\.m|countries|%)))?(?!\d)(?:,?\s*(?P<year>(?:1[89]|20)\d\d)(?!\d))?"
)
_MONTH_ONLY = (
    r"(?<!\p{L})(?:(?P<in>in|im|en|em|a|nel|bulan|в|في|last|next|since|early|late|mid)\s*-?\s*)?(?P<month>\L<months>)(?!\p{L})\.?"
    r"(?:(?:,|\s|de|del|of)*\s*(?P<year>(?:1[89]|20)\d\d)(?!\d))?"
)
_EAST = (
    r"(?:(?P<year>(?:1[89]|20)\d\d)[年년]\s*)?(?P<month>1[0-2]|0?[1-9])[月월]\s*(?:(?P<d1>[0-3]?\d)\s*[日일号]?"
    r"(?:\s*(?:至|到|-|和|、|から|·|부터)\s*(?:(?P<m2>1[0-2]|0?[1-9])[月월]\s*)?(?P<d2>[0-3]?\d)\s*[日일号])?)?"
)
_ISO = r"(?<!\d)(?P<year>(?:1[89]|20)\d\d)(?P<s>[-/.])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<d1>3[01]|[12]\d|0?[1-9])(?!\d)"
_NUMERIC = r"(?<![\d./-])(?P<d1>3[01]|[12]\d|0?[1-9])(?P<s>[/.])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<year>20\d\d)(?!\d)"
_JALALI = rf"{_FREE}{_DAY.format('d1')}(?:{_TO}{_DAY.format('d2')})?\s*(?:ماه\s*)?(?P<month>\L<jalali>)(?!\p{{L}})(?:\s*(?:ماه)?\s*(?P<year>1[34]\d\d))?"
_EAST_DAY = (
    r"(?<![\d月월.~-])(?P<d1>3[01]|[12]\d|0?[1-9])(?:(?:至|-|、)(?P<d2>3[01]|[12]\d))?[日일](?![本元報报常])"
)
_ON_THE = r"\bon the (?P<d1>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)\b(?!\s+(?:century|anniversary|session|meeting|of\b))"
_WEEKDAY = r"(?<!\p{L})(?P<weekday>\L<weekdays>)(?!\p{L})"


@dataclass(frozen=True, slots=True)
class Told:
    """One date as it stands there; `end_*` differ from the start in ranges, and parts not told are None."""

    sort: Sort
    field: TextField
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    end_month: int | None = None
    end_day: int | None = None
    weekday: int | None = None


class DateFinder:
    """Finds told dates. Immutable once built."""

    def __init__(self, folder: Folder) -> None:
        self._months = months(folder)
        self._weekdays = weekdays(folder)
        self._jalali = jalali_months(folder)
        lists: dict[str, Any] = {"months": list(self._months), "weekdays": list(self._weekdays)}
        west = (_DAY_FIRST, _MONTH_FIRST)
        self._west = [
            regex.compile(pattern, months=lists["months"], weekdays=lists["weekdays"])
            if "weekdays" in pattern
            else regex.compile(pattern, months=lists["months"])
            for pattern in west
        ]
        self._month = regex.compile(_MONTH_ONLY, months=lists["months"])
        self._weekday = regex.compile(_WEEKDAY, weekdays=lists["weekdays"])
        self._farsi = regex.compile(_JALALI, jalali=list(self._jalali))
        self._figures = [regex.compile(pattern) for pattern in (_ISO, _NUMERIC)]
        self._east = regex.compile(_EAST)
        self._bare = [regex.compile(pattern) for pattern in (_EAST_DAY, _ON_THE)]

    def find(self, field: TextField, folded: Folded) -> list[Told]:
        """All dates in reading order; where two readings overlap, the fuller one."""
        taken: list[tuple[int, int]] = []
        found: list[Told] = []
        for start, end, told in self._candidates(field, folded):
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                found.append(told)
        return sorted(found, key=lambda told: told.start)

    def _candidates(self, field: TextField, folded: Folded) -> Iterator[tuple[int, int, Told]]:
        text = folded.text
        for pattern in self._figures:
            for match in pattern.finditer(text):
                yield from self._days(field, folded, match, int(match["month"]))
        for pattern in self._west:
            for match in pattern.finditer(text):
                yield from self._days(field, folded, match, self._months[match["month"]])
        if "月" in text or "월" in text:
            for match in self._east.finditer(text):
                if match["d1"]:
                    yield from self._days(field, folded, match, int(match["month"]))
                else:
                    yield _whole_month(field, folded, match, int(match["month"]))
        for match in self._farsi.finditer(text):
            yield from self._persian(field, folded, match)
        for match in self._month.finditer(text):
            if match["year"] or (
                match["in"] and folded.original[folded.origin(match.start("month"))].isupper()
            ):
                yield _whole_month(field, folded, match, self._months[match["month"]])
        for pattern in self._bare:
            for match in pattern.finditer(text):
                groups = match.groupdict()
                yield (
                    *match.span(),
                    _told(
                        "day",
                        field,
                        folded,
                        match,
                        day=int(match["d1"]),
                        end_day=int(groups.get("d2") or match["d1"]),
                    ),
                )
        for match in self._weekday.finditer(text):
            yield (
                *match.span(),
                _told("weekday", field, folded, match, weekday=self._weekdays[match["weekday"]]),
            )

    def _days(
        self, field: TextField, folded: Folded, match: Any, month: int
    ) -> Iterator[tuple[int, int, Told]]:
        groups: Mapping[str, str | None] = match.groupdict()
        first, last = _month_of(groups.get("m1"), self._months) or month, month
        if groups.get("m2"):
            last = _month_of(groups["m2"], self._months) or int(str(groups["m2"]))
        day, end_day = int(str(groups["d1"])), int(groups.get("d2") or str(groups["d1"]))
        if not (1 <= day <= 31 and 1 <= end_day <= 31) or (first, day) > (last, end_day) != (
            first == 12 and last == 1
        ):
            return
        year = int(groups["year"]) if groups.get("year") else None
        yield *match.span(), _told("days", field, folded, match, year, first, day, last, end_day)

    def _persian(self, field: TextField, folded: Folded, match: Any) -> Iterator[tuple[int, int, Told]]:
        if not match["year"]:
            return
        year, month = int(match["year"]), self._jalali[match["month"]]
        try:
            first = from_jalali(year, month, int(match["d1"]))
            last = from_jalali(year, month, int(match["d2"] or match["d1"]))
        except ValueError:
            return
        if first <= last:
            yield (
                *match.span(),
                _told("days", field, folded, match, first.year, first.month, first.day, last.month, last.day),
            )


def _month_of(name: str | None, names: Mapping[str, int]) -> int | None:
    return names.get(name) if name else None


def _whole_month(field: TextField, folded: Folded, match: Any, month: int) -> tuple[int, int, Told]:
    year = int(match["year"]) if match["year"] else None
    return *match.span(), _told("month", field, folded, match, year, month, end_month=month)


def _told(
    sort: Sort,
    field: TextField,
    folded: Folded,
    match: Any,
    year: int | None = None,
    month: int | None = None,
    day: int | None = None,
    end_month: int | None = None,
    end_day: int | None = None,
    weekday: int | None = None,
) -> Told:
    start, end = match.span()
    while folded.text[end - 1] in " ,.":
        end -= 1
    first, last = folded.span(start, end)
    return Told(sort, field, first, last, year, month, day, end_month, end_day, weekday)


def exact_days(told: Told, year: int) -> tuple[date, date] | None:
    """The first and last day a told date means in a year; None when there is no such day."""
    month, day = told.month or 1, told.day or 1
    end_month, end_day = told.end_month or month, told.end_day or day
    try:
        first = date(year, month, day)
        return first, date(year + (end_month < month), end_month, end_day)
    except ValueError:
        return None
