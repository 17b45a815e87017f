"""Dates as articles tell them, found in folded text: days, ranges, months, bare days and weekdays, in many languages.

What stands there is returned with its parts, and nothing is made up: a date without a year has none yet.
`services.parser.event_dates` gives years and says which dates are those of the event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import regex
from ahocorasick_rs import AhoCorasick, MatchKind

from services.parser.day_words import DayWords, load_day_words, no_day_words
from services.parser.taken import Taken
from shared.contracts.article import TextField
from shared.taxonomy.calendars import from_jalali, jalali_months, months, weekdays
from shared.taxonomy.folding import Folded, Folder

Sort = Literal["days", "month", "year", "day", "weekday", "shift", "stretch", "ends"]
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
_A_YEAR = r"(?<!\d)(?:1[89]|20)\d\d(?!\d)"
# Before it, with a space between, and behind it.
_YEAR_LEAD = r"\b(?:in|en|im|nel|em|в|since|by|from|of|seit|depuis|desde|dal|عام|سنه|سال|tahun)\s+$"
_YEAR_WORD = r"[年년](?![度도])"
_ON_THE = r"\bon the (?P<d1>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)\b(?!\s+(?:century|anniversary|session|meeting|of\b))"
# How far around a month's name the rest of a date may stand.
_AHEAD, _BEHIND, _PREPOSITION = 52, 16, 8
_LATIN_END = "\u0590"


@dataclass(frozen=True, slots=True)
class Told:
    """One date as it stands there; `end_*` differ from the start in ranges, and parts not told are None.

    `number` is of days: from publication for a `shift` (yesterday: -1), in all for a `stretch` (three-day). `ends` is
    no date, but says that something ended. `toward`: the last (-1) or next (1) such weekday; `is_last`: "until".
    """

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
    number: int = 0
    toward: int = 0
    is_last: bool = False


class _Date(NamedTuple):
    """A reading of a stretch of folded text; a lower order is surer."""

    order: int
    start: int
    end: int
    sort: Sort
    year: int | None = None
    month: int | None = None
    day: int | None = None
    end_month: int | None = None
    end_day: int | None = None
    weekday: int | None = None
    number: int = 0


class DateFinder:
    """Finds told dates. Immutable once built."""

    def __init__(self, folder: Folder) -> None:
        self._day_words = load_day_words(folder)
        self._no_day_words = no_day_words(folder)
        self._months = months(folder)
        self._weekdays = weekdays(folder)
        self._jalali = jalali_months(folder)
        # Names are looked up first; the patterns run around them alone.
        self._names = [*self._months, *self._weekdays, *self._jalali]
        self._anchors = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest)
        names = list(self._months)
        self._day_first = regex.compile(_DAY_FIRST, months=names, weekdays=list(self._weekdays))
        self._month_first = regex.compile(_MONTH_FIRST, months=names)
        self._month = regex.compile(_MONTH_ONLY, months=names)
        self._farsi = regex.compile(_JALALI, jalali=list(self._jalali))
        self._figures = (regex.compile(_ISO), regex.compile(_NUMERIC))
        self._east = regex.compile(_EAST)
        self._east_day = regex.compile(_EAST_DAY)
        self._a_year = regex.compile(_A_YEAR)
        self._year_lead, self._year_word = regex.compile(_YEAR_LEAD), regex.compile(_YEAR_WORD)
        self._on_the = regex.compile(_ON_THE)

    def find(self, field: TextField, folded: Folded, language: str) -> list[Told]:
        """All dates in reading order; where two readings overlap, the fuller one."""
        taken = Taken()
        words = self._day_words.get(language.partition("-")[0].lower(), self._no_day_words)
        readings = [*self._readings(folded)]
        # "3일간" is no third day of a month.
        readings += [
            _Date(1 if w.kind == "stretch" else 5, w.start, w.end, w.kind, number=w.number)
            for w in words.find(folded.text)
        ]
        # The surest reading first, the longest among equals.
        found = [
            _told(field, folded, each, words)
            for each in sorted(readings, key=lambda each: (each.order, each.start - each.end))
            if taken.take(each.start, each.end)
        ]
        return sorted(found, key=lambda told: told.start)

    def _readings(self, folded: Folded) -> Iterator[_Date]:
        text = folded.text
        for pattern in self._figures:
            for match in pattern.finditer(text):
                yield from self._days(match, int(match["month"]))
        for number, start, end in self._anchors.find_matches_as_indexes(text):
            if text[start] > _LATIN_END or not (
                text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
            ):
                yield from self._named(folded, self._names[number], start, end)
        if "月" in text or "월" in text:
            for match in self._east.finditer(text):
                month = int(match["month"])
                if match["d1"]:
                    yield from self._days(match, month)
                else:
                    yield _whole_month(match, month)
        for match in self._a_year.finditer(text):
            yield from self._bare_year(text, match)
        bare = [self._east_day] * ("日" in text or "일" in text) + [self._on_the] * ("on the " in text)
        for pattern in bare:
            for match in pattern.finditer(text):
                first, last = int(match["d1"]), match.groupdict().get("d2")
                yield _Date(3, *match.span(), "day", day=first, end_day=int(last or first))

    def _bare_year(self, text: str, year: Any) -> Iterator[_Date]:
        """A year by itself: "since 1998", "1998年"."""
        start, end = year.span()
        lead = self._year_lead.search(text[max(0, start - _PREPOSITION) : start])
        if lead and text[end : end + 1] != "-":
            yield _Date(2, start - len(lead[0]), end, "year", int(year[0]))
        elif word := self._year_word.match(text, end):
            yield _Date(2, start, word.end(), "year", int(year[0]))

    def _named(self, folded: Folded, name: str, start: int, end: int) -> Iterator[_Date]:
        """The readings around the name of a month or weekday."""
        text = folded.text
        first, last = max(0, start - _AHEAD), min(len(text), end + _BEHIND)
        if name in self._months:
            for match in self._day_first.finditer(text, first, last):
                yield from self._days(match, self._months[match["month"]])
            if at_start := self._month_first.match(text, start):
                yield from self._days(at_start, self._months[at_start["month"]])
            for match in self._month.finditer(text, max(0, start - _PREPOSITION), last):
                is_name = folded.original[folded.origin(match.start("month"))].isupper()
                if match["year"] or (match["in"] and is_name):
                    yield _whole_month(match, self._months[match["month"]])
        elif name in self._weekdays:
            yield _Date(4, start, end, "weekday", weekday=self._weekdays[name])
        if name in self._jalali:
            for match in self._farsi.finditer(text, first, last):
                yield from self._persian(match)

    def _days(self, match: Any, month: int) -> Iterator[_Date]:
        groups: Mapping[str, str | None] = match.groupdict()
        first = self._months.get(groups.get("m1") or "", month)
        second = groups.get("m2") or ""
        last = self._months.get(second) or (int(second) if second.isdigit() else month)
        day = int(groups["d1"] or 0)
        end_day = int(groups.get("d2") or day)
        over_new_year = first == 12 and last == 1
        if not (1 <= day <= 31 and 1 <= end_day <= 31) or (
            (first, day) > (last, end_day) and not over_new_year
        ):
            return
        year = int(groups["year"] or 0) or None
        start, end = match.span()
        yield _Date(0, start, end, "days", year, first, day, last, end_day)

    def _persian(self, match: Any) -> Iterator[_Date]:
        if not match["year"]:
            return
        year, month = int(match["year"]), self._jalali[match["month"]]
        try:
            first = from_jalali(year, month, int(match["d1"]))
            last = from_jalali(year, month, int(match["d2"] or match["d1"]))
        except ValueError:
            return
        if first <= last:
            start, end = match.span()
            yield _Date(0, start, end, "days", first.year, first.month, first.day, last.month, last.day)


def _whole_month(match: Any, month: int) -> _Date:
    start, end = match.span()
    return _Date(2, start, end, "month", int(match["year"] or 0) or None, month, None, month)


def _told(field: TextField, folded: Folded, found: _Date, words: DayWords) -> Told:
    end = found.end
    while folded.text[end - 1] in " ,.":
        end -= 1
    first, last = folded.span(found.start, end)
    toward = words.toward(folded.text, found.start, end) if found.sort == "weekday" else 0
    is_last = found.sort in ("days", "day", "weekday") and words.is_last_day(folded.text, found.start, end)
    return Told(found.sort, field, first, last, *found[4:], toward=toward, is_last=is_last)


def exact_days(told: Told, year: int) -> tuple[date, date] | None:
    """The first and last day a told date means in a year; None when there is no such day."""
    month, day = told.month or 1, told.day or 1
    end_month, end_day = told.end_month or month, told.end_day or day
    try:
        first = date(year, month, day)
        return first, date(year + (end_month < month), end_month, end_day)
    except ValueError:
        return None
