"""Dates as articles tell them, found in folded text: days, ranges, months, bare days and weekdays, in many languages.

What stands there is returned with its parts, and nothing is made up: a date without a year has none yet.
`services.parser.event_dates` gives years and says which dates are those of the event.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import regex
from ahocorasick_rs import AhoCorasick, MatchKind

from services.parser.calendars import BUDDHIST, BUDDHIST_YEARS, ERAS, day_of, year_near
from services.parser.date_words import Calendar, hijri_months
from services.parser.day_words import DayFinder
from services.parser.taken import Taken
from services.parser.told_days import east_numerals
from shared.contracts.article import TextField
from shared.taxonomy.calendars import jalali_months, months, weekdays
from shared.taxonomy.folding import Folded, Folder
from shared.taxonomy.schema import DayWords

Sort = Literal["days", "month", "year", "day", "weekday", "shift", "stretch", "ends"]
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th|er|º|ª|o)?\.?"
_FREE = r"(?<![\d.,:/-])"
_TO = r"\s*(?:-|to|and|through|until|till|bis(?: zum)?|und|au|et|al|a|alle|e|y|ao|до|по|и|и до|الي|حتي|و|تا|sampai|hingga|dan|до|&|,)\s*"
# The twenty-five hundreds are years of the Buddhist era.
_YEAR = r"(?:(?:,|\s|de|del|of|г\.|ค\.ศ\.|พ\.ศ\.)*\s*(?P<year>(?:1[89]|20|25)\d\d)(?!\d))?"
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
    rf"(?:(?:(?P<era>{'|'.join(ERAS)}) ?(?P<of_era>\d{{1,3}}|元)|(?P<year>(?:1[89]|20)\d\d)) ?[年년]\s*)?"
    r"(?P<month>1[0-2]|0?[1-9])[月월]\s*(?:(?P<d1>[0-3]?\d)\s*[日일号]?"
    r"(?:\s*(?:至|到|-|和|、|から|·|부터)\s*(?:(?P<m2>1[0-2]|0?[1-9])[月월]\s*)?(?P<d2>[0-3]?\d)\s*[日일号])?)?"
)
_ISO = r"(?<!\d)(?P<year>(?:1[89]|20)\d\d)(?P<s>[-/.])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<d1>3[01]|[12]\d|0?[1-9])(?!\d)"
_NUMERIC = r"(?<![\d./-])(?P<d1>3[01]|[12]\d|0?[1-9])(?P<s>[/.])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<year>20\d\d)(?!\d)"
_OTHER = rf"{_FREE}{_DAY.format('d1')}(?:{_TO}{_DAY.format('d2')})?\s*(?:ماه\s*|من\s+)?(?P<month>\L<other>)(?!\p{{L}})(?:\s*(?:ماه|من عام|لعام|سنه|عام)?\s*(?P<year>1[34]\d\d))?"
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

    def __init__(self, words: Mapping[str, DayWords], folder: Folder) -> None:
        self._day_words = {language: DayFinder(each, folder) for language, each in words.items()}
        self._no_day_words = DayFinder(DayWords(), folder)
        self._months = months(folder)
        self._weekdays = weekdays(folder)
        self._other: dict[str, tuple[Calendar, int]] = {
            **{folder.key(name): ("hijri", number) for name, number in hijri_months().items()},
            **{name: ("jalali", number) for name, number in jalali_months(folder).items()},
        }
        # Names are looked up first; the patterns run around them alone.
        self._names = [*self._months, *self._weekdays, *self._other]
        self._anchors = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest)
        names = list(self._months)
        self._day_first = regex.compile(_DAY_FIRST, months=names, weekdays=list(self._weekdays))
        self._month_first = regex.compile(_MONTH_FIRST, months=names)
        self._month = regex.compile(_MONTH_ONLY, months=names)
        self._other_days = regex.compile(_OTHER, other=list(self._other))
        self._iso, self._numeric = regex.compile(_ISO), regex.compile(_NUMERIC)
        self._east = regex.compile(_EAST)
        self._east_day = regex.compile(_EAST_DAY)
        self._a_year = regex.compile(_A_YEAR)
        self._year_lead, self._year_word = regex.compile(_YEAR_LEAD), regex.compile(_YEAR_WORD)
        self._on_the = regex.compile(_ON_THE)

    def find(
        self, field: TextField, folded: Folded, language: str, published: date | None = None
    ) -> list[Told]:
        """All dates in reading order; where two readings overlap, the fuller one.

        `published` gives days of other calendars their year: they have no fixed day in ours without one.
        """
        taken = Taken()
        words = self._day_words.get(language.partition("-")[0].lower(), self._no_day_words)
        readings = [*self._readings(folded, published)]
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

    def _readings(self, folded: Folded, published: date | None) -> Iterator[_Date]:
        text = folded.text
        # The second begins at every digit: it is tried only where its last part stands somewhere.
        figures = [self._iso] + [self._numeric] * ("/20" in text or ".20" in text)
        for pattern in figures:
            for match in pattern.finditer(text):
                yield from self._days(match, int(match["month"]))
        for number, start, end in self._anchors.find_matches_as_indexes(text):
            if text[start] > _LATIN_END or not (
                text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
            ):
                yield from self._named(folded, self._names[number], start, end, published)
        if "月" in text or "월" in text:
            for match in self._east.finditer(east_numerals(text)):
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

    def _named(
        self, folded: Folded, name: str, start: int, end: int, published: date | None
    ) -> Iterator[_Date]:
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
        if name in self._other:
            for match in self._other_days.finditer(text, first, last):
                yield from self._of_other_calendar(match, published)

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
        start, end = match.span()
        yield _Date(0, start, end, "days", _year(groups), first, day, last, end_day)

    def _of_other_calendar(self, match: Any, published: date | None) -> Iterator[_Date]:
        """A day told by a Jalali or Hijri month: in the year told, else in that which is nearest to publication."""
        calendar, month = self._other[match["month"]]
        day, end_day = int(match["d1"]), int(match["d2"] or match["d1"])
        if match["year"]:
            years: Sequence[int] = (int(match["year"]),)
        elif published:
            years = [year_near(calendar, published) + shift for shift in (-1, 0, 1)]
        else:
            return
        spans = [
            (day_of(calendar, year, month, day), day_of(calendar, year, month, end_day)) for year in years
        ]
        known = [(first.date(), last.date()) for first, last in spans if first and last and first <= last]
        if known:
            first, last = min(known, key=lambda days: abs((days[0] - (published or days[0])).days))
            start, end = match.span()
            yield _Date(0, start, end, "days", first.year, first.month, first.day, last.month, last.day)


def _whole_month(match: Any, month: int) -> _Date:
    start, end = match.span()
    return _Date(2, start, end, "month", _year(match.groupdict()), month, None, month)


def _year(groups: Mapping[str, str | None]) -> int | None:
    """The year told, in our reckoning: of an era (令和7年), of the Buddhist era, or as it stands."""
    if era := groups.get("era"):
        told = groups["of_era"] or ""
        return ERAS[era] + (1 if told == "元" else int(told))
    year = int(groups.get("year") or 0)
    return (year - BUDDHIST if year in BUDDHIST_YEARS else year) or None


def _told(field: TextField, folded: Folded, found: _Date, words: DayFinder) -> Told:
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
