"""Finds the dates a short folded text names, as they stand there: numbers and names of months, nothing resolved yet.

(`told_dates` finds the dates an article tells of; this one reads stamps, in more languages and calendars.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from services.parser.calendars import ERAS
from services.parser.date_words import Calendar, Month, fold, month_named, weekdays

_FREE = r"(?<![\d.:/,a-z])(?<!\d[-–—−])(?<!\d\s[-–—−]\s)"
_YEAR_FIRST = re.compile(r"(?<![\d/.-])(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d|\s?[-/]\s?\d)")
_EAST = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})(?!\d)\s?[日일号號]?")
_ERA = re.compile(
    rf"({'|'.join(sorted(ERAS, key=len, reverse=True))})\s?(\d{{1,3}}|元)\s?[年.]\s?(\d{{1,2}})\s?[月.]\s?(\d{{1,2}})(?!\d)"
)
_ERA_LETTER = re.compile(r"(?<![a-z])([rhs])\s?(\d{1,2})[./](\d{1,2})[./](\d{1,2})(?![\d./])")
_LETTERS = {"r": "令和", "h": "平成", "s": "昭和"}
_SHORT_ROC = re.compile(r"(?<!\d)(1[0-4]\d)([/.-]|年)(\d{1,2})(?:\2|月)(\d{1,2})(?!\d)")
_EAST_NO_YEAR = re.compile(r"(?<![\d年년])(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]")
_EAST_MONTH = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?!\s?\d)")
_DAY_FIRST = re.compile(rf"{_FREE}(\d{{1,2}})(\s?[/.-]\s?)(\d{{1,2}})\2(\d{{4}}|\d{{2}})(?![\w/]|\.\d|-\d)")
_MONTH_AND_DAY = re.compile(r"(?<![\d:.,/-])(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?=\s\d{1,2}:\d\d)")
_THANG = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:thang|tháng|/)\s?(\d{1,2})\s?(?:,|nam|năm|-|\s){1,4}(\d{4})(?!\d)"
)
_MONGOLIAN = re.compile(r"(?<!\d)(\d{4})\s?оны?\s(\d{1,2})\s?(?:-\w{1,3}\s)?сарын\s(\d{1,2})(?!\d)")
_NUMERALS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_EAST_NUMERAL = re.compile(r"[〇○零一二三四五六七八九十]+(?=[年月日号號])")
_TOKEN = regex.compile(r"\d+|\p{Thai}{1,2}\.\s?\p{Thai}{1,2}\.?|[\p{L}\p{M}\u200c]+(?:'[\p{L}]+)?|\S")
_JOINED = frozenset(",.-/'،၊、፣·֊–")
_WORDS = (
    "st nd rd th er ten de del of do da the di d a o e г года р року roku r rok m ж жылы ж. yil yilning yili eko год "
    "წ წელი ngay nam thang năm ngày พ ศ ค พ.ศ ค.ศ พ.ศ. ค.ศ. ปี เดือน ฉบับที่ ឆ្នាំ ខែ ថ្ងៃទី ခုနှစ် ရက် ရက်နေ့ سنه لعام عام من ماه م ه هـ سال "
    "الموافق го е ого o' թ թ. թվականի й gada g metu d. eaт den ден dne i em în al le den. ה ב"
)
_GLUE = frozenset(map(fold, _WORDS.split()))
_MOST_GLUE = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A date as it stands there. `either`: day and month may have changed places; `sign` is what stands between."""

    start: int
    end: int
    year: int | None
    month: int
    day: int | None
    calendar: Calendar | None = None
    either: bool = False
    sign: str = ""
    short_year: bool = False
    thai: bool = False
    weekday: int | None = None
    clock_inside: bool = False


def find_told(folded: str, languages: Sequence[str]) -> list[Told]:
    """Every date a folded text names, in no order."""
    if not any(c.isdigit() for c in folded):
        folded = east_numerals(folded)
        if not any(c.isdigit() for c in folded):
            return []
    elif "年" in folded or "月" in folded:
        folded = east_numerals(folded)
    found = [*_in_numbers(folded, languages), *_by_name(folded, languages)]
    return [told for told in found if 1 <= told.month <= 31 and (told.day is None or 1 <= told.day <= 31)]


def east_numerals(folded: str) -> str:
    """二〇二五年十一月 → 2025年11月, of the same length: numbers are filled up with spaces in front."""
    if not _EAST_NUMERAL.search(folded):
        return folded

    def number(match: re.Match[str]) -> str:
        text = match[0]
        if "十" in text:
            tens, _, ones = text.partition("十")
            text = f"{_NUMERALS.get(tens, '1') if tens else '1'}{_NUMERALS.get(ones, '0') if ones else '0'}"
        else:
            text = "".join(_NUMERALS[c] for c in text)
        return text.rjust(len(match[0]))

    return _EAST_NUMERAL.sub(number, folded)


def _in_numbers(text: str, languages: Sequence[str]) -> Iterator[Told]:
    for match in _YEAR_FIRST.finditer(text):
        yield Told(*match.span(), int(match[1]), int(match[3]), int(match[4]))
    for match in _DAY_FIRST.finditer(text):
        yield from _short(match, text, languages)
    if "thang" in text or "nam" in text:
        for match in _THANG.finditer(text):
            yield Told(*match.span(), int(match[3]), int(match[2]), int(match[1]))
    if "月" in text or "월" in text or "年" in text:
        yield from _eastern(text)
    for match in _MONGOLIAN.finditer(text):
        yield Told(*match.span(), int(match[1]), int(match[2]), int(match[3]))
    for match in _ERA_LETTER.finditer(text) if "ja" in languages else ():
        year = ERAS[_LETTERS[match[1]]] + int(match[2])
        yield Told(*match.span(), year, int(match[3]), int(match[4]), "gregorian")
    for match in _SHORT_ROC.finditer(text):
        yield Told(*match.span(), int(match[1]), int(match[3]), int(match[4]))
    for match in _MONTH_AND_DAY.finditer(text):
        yield Told(*match.span(), None, int(match[1]), int(match[2]))


def _eastern(text: str) -> Iterator[Told]:
    for match in _EAST.finditer(text):
        yield Told(*match.span(), int(match[1]), int(match[2]), int(match[3]))
    for match in _ERA.finditer(text):
        year = ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        yield Told(*match.span(), year, int(match[3]), int(match[4]), "gregorian")
    for match in _EAST_NO_YEAR.finditer(text):
        yield Told(*match.span(), None, int(match[1]), int(match[2]))
    for match in _EAST_MONTH.finditer(text):
        yield Told(*match.span(), int(match[1]), int(match[2]), None)


def _short(match: re.Match[str], text: str, languages: Sequence[str]) -> Iterator[Told]:
    """31/12/2025, 12/31/2025, 31.12.25 and, where years stand first, 25.12.31."""
    first, sign, second, third = int(match[1]), match[2].strip(), int(match[3]), int(match[4])
    short = len(match[4]) == 2
    if short and any(language in ("zh", "ja", "ko", "hu", "lt", "mn") for language in languages):
        yield Told(*match.span(), first, second, third, short_year=True)
        return
    day, month = first, second
    if month > 12:
        day, month = second, first
    either = day <= 12 and month <= 12 and day != month
    weekday = _weekday_before(text, match.start()) if either else None
    if either or month <= 12:
        yield Told(
            *match.span(), third, month, day, either=either, sign=sign, short_year=short, weekday=weekday
        )


def _weekday_before(text: str, start: int) -> int | None:
    words = re.findall(r"[^\W\d_]+", text[max(0, start - 14) : start])
    return weekdays().get(words[-1]) if words else None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def number(self) -> int | None:
        return int(self.text) if self.text.isdigit() and len(self.text) <= 4 else None


def _by_name(text: str, languages: Sequence[str]) -> Iterator[Told]:
    tokens = [_Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    skip = -1
    for i, token in enumerate(tokens):
        if i <= skip or not token.text[0].isalpha():
            continue
        found = _month_at(tokens, i, text, languages)
        if found:
            month, last = found
            skip = last
            told = _around(tokens, i, last, month)
            if told:
                yield told


def _month_at(
    tokens: Sequence[_Token], i: int, text: str, languages: Sequence[str]
) -> tuple[Month, int] | None:
    """The month whose name begins at a token, and its last token. Names of two and three words come first."""
    # "rabi al-awwal" takes four tokens; no month is named without a number beside it.
    near = range(max(0, i - _MOST_GLUE - 1), min(len(tokens), i + _MOST_GLUE + 4))
    if not any(tokens[j].text[0].isdigit() for j in near):
        return None
    for last in range(min(i + 3, len(tokens) - 1), i - 1, -1):
        if last > i and not tokens[last].text[0].isalpha():
            continue
        word = text[tokens[i].start : tokens[last].end].strip(".")
        if month := month_named(word, languages):
            return month, last
    return None


def _is_glue(token: _Token) -> bool:
    return token.text in _JOINED or token.text.strip(".'") in _GLUE or token.text in "ºª°"


def _number_beside(tokens: Sequence[_Token], i: int, step: int, digits: Sequence[int]) -> int | None:
    """The nearest token in a direction that is a number of so many digits, glue aside."""
    for _ in range(_MOST_GLUE + 1):
        i += step
        if not 0 <= i < len(tokens):
            return None
        if tokens[i].text[0].isdigit():
            return i if len(tokens[i].text) in digits else None
        if not _is_glue(tokens[i]):
            return None
    return None


def _around(tokens: Sequence[_Token], first: int, last: int, month: Month) -> Told | None:
    """Day and year around the name of a month, in any order."""
    while last + 2 < len(tokens) and tokens[last + 1].text == "/" and tokens[last + 2].text[0].isalpha():
        last += 2  # Two names for one month: نوفمبر/تشرين الثاني
    while last + 1 < len(tokens) and tokens[last + 1].text in ("الثاني", "الثانی", "الاول"):
        last += 1
    thai = "\u0e00" <= tokens[first].text[0] <= "\u0e7f"
    before = _number_beside(tokens, first, -1, (1, 2))
    if before is not None and _is_part(tokens, before):
        before = None
    if before is not None and _ends_range(tokens, before):
        return None
    year_before = _number_beside(tokens, first if before is None else before, -1, (4,))
    after = _number_beside(tokens, last, 1, (1, 2))
    if before is None and after is not None and _is_clock(tokens, after):
        after = None
    if before is not None:
        year, inside = _year_after(tokens, last, thai=thai)
        if year is None:
            year = year_before
        return _told(tokens, month, before, year, last, first, thai=thai, inside=inside)
    if after is not None:
        if _is_range(tokens, after):
            return None
        year, inside = _year_after(tokens, after, thai=thai)
        if year is None:
            year = year_before
        return _told(tokens, month, after, year, last, first, thai=thai, inside=inside)
    year = _number_beside(tokens, last, 1, (4,))
    year = year_before if year is None else year
    if year is None:
        return None
    start, end = min(first, year), max(last, year)
    return Told(
        tokens[start].start,
        tokens[end].end,
        tokens[year].number,
        month.number,
        None,
        _calendar(month),
    )


def _calendar(month: Month) -> Calendar | None:
    """The calendar whose month it is; none for ours, whose months go with Buddhist years too."""
    return None if month.calendar == "gregorian" else month.calendar


def _told(
    tokens: Sequence[_Token],
    month: Month,
    day: int,
    year: int | None,
    last: int,
    first: int,
    *,
    thai: bool,
    inside: bool,
) -> Told:
    places = [place for place in (day, year, last, first) if place is not None]
    told_year = tokens[year] if year is not None else None
    return Told(
        tokens[min(places)].start,
        tokens[max(places)].end,
        told_year.number if told_year else None,
        month.number,
        tokens[day].number,
        None if month.calendar == "gregorian" else month.calendar,
        short_year=told_year is not None and len(told_year.text) == 2,
        thai=thai,
        clock_inside=inside,
    )


def _is_part(tokens: Sequence[_Token], day: int) -> bool:
    """Whether a number is the minutes of a time or the end of a longer number."""
    if day < 2:
        return False
    before = tokens[day - 1]
    return before.text in ":./" and before.end == tokens[day].start and tokens[day - 2].text.isdigit()


def _ends_range(tokens: Sequence[_Token], day: int) -> bool:
    """Whether a day is the second half of "27-28"."""
    if day < 2:
        return False
    first = tokens[day - 2]
    return tokens[day - 1].text in "-–—−~" and first.text.isdigit() and len(first.text) <= 2


def _is_range(tokens: Sequence[_Token], day: int) -> bool:
    rest = tokens[day + 1 : day + 3]
    return len(rest) == 2 and rest[0].text in "-–—−~" and rest[1].text.isdigit() and len(rest[1].text) <= 2


def _is_clock(tokens: Sequence[_Token], number: int) -> bool:
    return number + 1 < len(tokens) and tokens[number + 1].text == ":"


def _year_after(tokens: Sequence[_Token], i: int, *, thai: bool) -> tuple[int | None, bool]:
    """Where the year stands behind a month or day; it may follow a time ("Nov 26 15:05:00 CET 2025")."""
    year = _number_beside(tokens, i, 1, (4,))
    if year is not None:
        return year, False
    short = _number_beside(tokens, i, 1, (2,))
    if short is not None and not _is_clock(tokens, short):
        between = {token.text for token in tokens[i + 1 : short]}
        if between & {"'", "-"} or (thai and not between - {"."}) or "พ.ศ." in between:
            return short, False
    for j in range(i + 1, min(i + 10, len(tokens))):
        token = tokens[j]
        if len(token.text) == 4 and token.text.isdigit() and tokens[j - 1].text not in "+-":
            seen = {t.text for t in tokens[i + 1 : j]}
            return (j, True) if ":" in seen else (None, False)
    return None, False
