"""Gives told dates their years and says which of them are the dates of the event.

Years: as told; else the year in which the day lies nearest to publication; else the year another date of the
article tells for the same day, or the only year its full dates tell. Without any of these the day is kept as a
day of no year (`--11-27`, the reduced form of ISO 8601:2000), which still says that two articles tell one day.

Event dates: where a date stands counts. Datelines, captions, deadlines, page stamps and history never win.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, islice

import regex

from services.parser.reading import Passage, Reading
from services.parser.told_dates import Told, exact_days
from shared.contracts.article import DateSpan, Evidence

_DATELINE = regex.compile(
    r"^.{0,80}?(?:\(xinhua\)|\(ap\)|\(afp\)|--|—|–| - |\)\s*–|电\s*[(（]|電\s*[(（]|[电電]$)",
    regex.IGNORECASE,
)
_STAMP = regex.compile(
    r"updated|published|posted|来源|发布时间|更新|last modified|publié le|actualizado|pubblicato|입력|등록|收藏",
    regex.IGNORECASE,
)
_EVENTFUL = frozenset(
    (
        "assembly",
        "council_meeting",
        "congress_words",
        "conference",
        "held",
        "sign",
        "launch",
        "adopt",
        "appoint",
        "inscribe",
        "restitute",
        "award",
        "exhibition",
        "join",
        "visit",
        "traffic",
        "damage",
        "discover",
        "complete",
        "letter",
        "session",
    )
)
_PAST = ("deadline", "history")
_NEAR_DAYS, _FAR_DAYS = 45, 300
_ONE_EVENT_DAYS = 3
_FEW_LETTERS, _STAMPED_LETTERS = 12, 80
_ENOUGH = 2.0
# "18 May", in a report of November, is the last one unless the next is spoken of.
_LESS_LIKELY_AHEAD = 2.0
_RECENT_DAYS = 10


@dataclass(frozen=True, slots=True)
class Dated:
    """A told date with its days, where they are known, and how likely it is the event's."""

    told: Told
    days: tuple[date, date] | None
    score: float
    passage: Passage
    is_event: bool = False
    # Days from publication at most, and nothing speaks against it.
    is_recent: bool = False


def read_dates(reading: Reading, found: Sequence[Told], published: date | None) -> list[Dated]:
    """All dates of an article, those of its event marked."""
    full_years = {told.year for told in found if told.year and told.sort == "days"}
    years_of: dict[tuple[int | None, int | None], set[int]] = defaultdict(set)
    for told in found:
        if told.year:
            years_of[told.month, told.day].add(told.year)
    dated = []
    last_month: tuple[int, int] | None = None
    for told in found:
        passage = reading.passage_at(told.field, told.start)
        if passage is None:
            continue
        if told.sort in ("stretch", "ends"):
            continue
        days = _days(told, years_of, full_years, published, last_month, passage)
        if days and told.sort in ("days", "month"):
            last_month = days[0].year, days[0].month
        score = _score(told, days, passage, published)
        dated.append(Dated(told, days, score, passage, is_recent=score > 0 and _is_recent(days, published)))
    return _stretched(_mark(dated), found, reading)


def _days(
    told: Told,
    years_of: Mapping[tuple[int | None, int | None], set[int]],
    full_years: set[int],
    published: date | None,
    last_month: tuple[int, int] | None,
    passage: Passage,
) -> tuple[date, date] | None:
    if told.sort == "weekday":
        return _weekday(told, published, passage)
    if told.sort == "shift":
        day = published + timedelta(days=told.number) if published else None
        return (day, day) if day else None
    if told.sort == "day":
        return _bare_day(told, published, last_month)
    if told.sort == "year" and told.year:
        return date(told.year, 1, 1), date(told.year, 12, 31)
    if told.sort == "month":
        return _month(told, published, full_years)
    if told.year:
        return exact_days(told, told.year)
    if published:
        years = (published.year, published.year - 1, published.year + 1)
        candidates = [days for year in years if (days := exact_days(told, year))]
        ahead = 1.0 if passage.has("future") else _LESS_LIKELY_AHEAD
        return min(candidates, key=lambda days: _distance(days[0], published, ahead), default=None)
    years_told = years_of.get((told.month, told.day)) or full_years
    return exact_days(told, next(iter(years_told))) if len(years_told) == 1 else None


def _distance(day: date, published: date, ahead: float) -> float:
    """Days between the two; those ahead count for more, where nothing speaks of what is to come."""
    apart = (day - published).days
    return apart * ahead if apart > 0 else -apart


def _weekday(told: Told, published: date | None, passage: Passage) -> tuple[date, date] | None:
    if published is None:
        return None
    ahead = ((told.weekday or 0) - published.weekday()) % 7
    coming = told.toward > 0 or (told.toward == 0 and passage.has("future"))
    day = published + timedelta(days=ahead if coming or not ahead else ahead - 7)
    return day, day


def _bare_day(
    told: Told, published: date | None, last_month: tuple[int, int] | None
) -> tuple[date, date] | None:
    month = last_month or ((published.year, published.month) if published else None)
    if month is None:
        return None
    try:
        return date(*month, told.day or 1), date(*month, told.end_day or told.day or 1)
    except ValueError:
        return None


def _month(told: Told, published: date | None, full_years: set[int]) -> tuple[date, date] | None:
    month = told.month or 1
    year = told.year
    if year is None and published:
        year = min(
            (published.year, published.year - 1, published.year + 1),
            key=lambda each: abs((date(each, month, 15) - published).days),
        )
    if year is None:
        year = next(iter(full_years)) if len(full_years) == 1 else None
    if year is None:
        return None
    following = date(year + (month == 12), month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _score(told: Told, days: tuple[date, date] | None, passage: Passage, published: date | None) -> float:
    score = {"title": 3.0, "lead": 2.0, "body": 0.0, "caption": -4.0}[passage.sentence.kind]
    if any(passage.has(concept) for concept in _EVENTFUL):
        score += 2.0
    if any(passage.has(concept) for concept in _PAST):
        score -= 3.0
    score += {"days": 1.0, "day": 0.5, "weekday": -0.5, "shift": -0.5, "month": -1.5, "year": -9.0}[told.sort]
    before = passage.before(told.start)
    after = passage.after(told.end)
    if _DATELINE.match(
        before + passage.words[told.start - passage.sentence.start :][: told.end - told.start + 14]
    ) and (
        len(before) < 60
        and told.sort == "days"
        and passage.sentence.start < 400
        and _DATELINE.match(passage.words)
    ):
        score -= 4.0
    if after[:1] in "电電" and after:
        score -= 4.0
    # Counted no further than it matters: a sentence may be as long as the text, and nothing but dates.
    letters = sum(1 for _ in islice(filter(str.isalpha, chain(before, after)), _STAMPED_LETTERS))
    if letters <= _FEW_LETTERS or (letters < _STAMPED_LETTERS and _STAMP.search(before)):
        score -= 4.0
    if days and published:
        distance = abs((days[0] - published).days)
        score += 1.0 if distance <= _NEAR_DAYS else -4.0 if distance > _FAR_DAYS else -0.5
    return score


def _is_recent(days: tuple[date, date] | None, published: date | None) -> bool:
    return days is not None and published is not None and abs((days[0] - published).days) <= _RECENT_DAYS


def _mark(dated: list[Dated]) -> list[Dated]:
    usable = [each for each in dated if each.score >= _ENOUGH] or [each for each in dated if each.is_recent]
    if not usable:
        return dated
    best = max(usable, key=lambda each: (each.score, -each.told.start))
    return [replace(each, is_event=_with(best, each)) for each in dated]


def _with(best: Dated, other: Dated) -> bool:
    if other is best:
        return True
    if other.score < max(best.score - 3.0, 1.0):
        return False
    if best.days and other.days:
        if other.told.sort == "month":
            return False
        if other.told.is_last and other.passage is best.passage and other.days > best.days:
            return True
        return abs((other.days[0] - best.days[0]).days) <= _ONE_EVENT_DAYS
    return (best.told.month, best.told.day) == (other.told.month, other.told.day)


def _stretched(dated: list[Dated], found: Sequence[Told], reading: Reading) -> list[Dated]:
    """An event told by one day and by how long it lasts has all those days: "ended on Friday after three days"."""
    mine = [i for i, each in enumerate(dated) if each.is_event and each.days]
    firsts = {dated[i].days for i in mine}
    stretch = next((told for told in found if told.sort == "stretch"), None)
    if stretch is None or len(firsts) != 1 or (days := dated[mine[0]].days) is None or days[0] != days[1]:
        return dated
    passage = reading.passage_at(stretch.field, stretch.start)
    if passage is None or (
        passage.sentence.kind not in ("title", "lead") and passage is not dated[mine[0]].passage
    ):
        return dated
    ended = any(
        t.sort == "ends" and reading.passage_at(t.field, t.start) is dated[mine[0]].passage for t in found
    )
    length = timedelta(days=stretch.number - 1)
    days = (days[0] - length, days[1]) if ended else (days[0], days[1] + length)
    return [replace(each, days=days) if i in mine else each for i, each in enumerate(dated)]


def spans(dated: Iterable[Dated]) -> tuple[DateSpan, ...]:
    """The dates as the contract has them, those of the event first; one entry per interval and role."""
    found: dict[tuple[str, str, str], DateSpan] = {}
    for each in sorted(
        dated, key=lambda each: (not each.is_event, each.told.field != "title", each.told.start)
    ):
        interval = _interval(each)
        if interval is None or each.told.sort == "year":
            continue
        role = "event" if each.is_event else "other"
        told = each.told
        evidence = Evidence(
            text=each.passage.slice(told.start, told.end), field=told.field, start=told.start, end=told.end
        )
        key = (*interval, "")
        if key in found:
            continue
        found[key] = DateSpan(
            start=interval[0],
            end=interval[1],
            precision="month" if told.sort == "month" else "day",
            role="event" if role == "event" else "other",
            evidence=(evidence,),
        )
    return tuple(found.values())


def _interval(each: Dated) -> tuple[str, str] | None:
    if each.days:
        return each.days[0].isoformat(), each.days[1].isoformat()
    told = each.told
    if told.year or told.sort != "days" or not told.month or not told.day:
        return None
    end_month, end_day = told.end_month or told.month, told.end_day or told.day
    return f"--{told.month:02}-{told.day:02}", f"--{end_month:02}-{end_day:02}"


def event_start(dated: Iterable[Dated]) -> date | None:
    """The first day of the event, when the article tells it."""
    starts = [each.days[0] for each in dated if each.is_event and each.days]
    return min(starts, default=None)
