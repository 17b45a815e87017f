"""When a document was published: every place that may tell, in order of trust.

Feed entry, JSON-LD, meta elements, a stamp on the page, the address, the dateline. A copyright year never counts,
nor does the day's date in a page header, nor anything later than a day after the fetch. A time without a zone is
taken as UTC.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from services.parser.lines import Line, is_body, same_headline
from shared.contracts.article import Precision

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)

_MONTH_NAMES = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct"
    "|november nov|december dec",
    "janvier janv|février févr|mars|avril|mai|juin|juillet juil|août|septembre|octobre|novembre|décembre déc",
    "enero ene|febrero|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre|octubre|noviembre"
    "|diciembre dic",
    "janeiro|fevereiro fev|março|abril|maio|junho|julho|agosto|setembro set|outubro out|novembro|dezembro dez",
    "januar jänner|februar|märz mär|april|mai|juni|juli|august|september|oktober okt|november|dezember",
    "gennaio gen|febbraio|marzo|aprile|maggio mag|giugno giu|luglio lug|agosto|settembre|ottobre ott|novembre"
    "|dicembre",
    "januari|februari|maart mrt maret|april|mei|juni|juli|augustus agustus|september|oktober|november|desember des",
    "enero|pebrero|marso|abril|mayo|hunyo|hulyo|agosto|setyembre|oktubre|nobyembre|disyembre",
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
    "січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня",
    "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık",
    "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia",
    "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
)
_MONTHS = {
    word: number
    for names in _MONTH_NAMES
    for number, words in enumerate(names.split("|"), 1)
    for word in words.split()
}
_MONTH = "(" + "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True)) + r")\b\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|[.ºª°])?"
# "27-28 October" is a span, not a date: a day after a dash does not count.
_ALONE = r"(?<![\d.:/])(?<!\d[-–—])(?<!\d [-–—] )"
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)\s?[日일T]?")
_DAY_FIRST = re.compile(
    rf"{_ALONE}(\d{{1,2}}){_ORDINAL}[\s-](?:de |of )?{_MONTH},?[\s-](?:de |del )?(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(rf"(?<!\w){_MONTH}\s(\d{{1,2}}){_ORDINAL},?\s(\d{{4}})(?!\d)", re.IGNORECASE)
_NUMERIC = re.compile(rf"{_ALONE}(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}})(?!\w)")
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s{0,2}([ap]\.?m\b\.?)?\s{0,2}"
    r"(Z\b|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, UTC, and how exactly it is known."""

    at: datetime
    precision: Precision


@dataclass(frozen=True, slots=True)
class Published:
    """A publication date and where it was found."""

    moment: Moment
    origin: str


def _day(year: str, month: str | int, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _find_day(text: str) -> tuple[datetime, int, int] | None:
    """The first date in the text, with where it stands."""
    found: list[tuple[int, datetime, int]] = []
    if (m := _YEAR_FIRST.search(text)) and (day := _day(m[1], m[2], m[3])):
        found.append((m.start(), day, m.end()))
    if (m := _DAY_FIRST.search(text)) and (day := _day(m[3], _MONTHS[m[2].lower()], m[1])):
        found.append((m.start(), day, m.end()))
    if (m := _MONTH_FIRST.search(text)) and (day := _day(m[3], _MONTHS[m[1].lower()], m[2])):
        found.append((m.start(), day, m.end()))
    if (m := _NUMERIC.search(text)) and (day := _numeric_day(m)):
        found.append((m.start(), day, m.end()))
    if not found:
        return None
    start, day, end = min(found)
    return day, start, end


def _numeric_day(match: re.Match[str]) -> datetime | None:
    first, sign, second, year = match[1], match[2], match[3], match[4]
    if sign == "/" and int(first) <= 12 and int(second) <= 12 and first != second:
        return None  # 4/5/2024 is two dates, one on each side of the Atlantic.
    return _day(year, first, second) if int(second) > 12 else _day(year, second, first)


def _with_clock(day: datetime, text: str) -> Moment:
    match = _CLOCK.search(text)
    if not match:
        return Moment(day, "day")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half = (match[4] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return Moment(day, "day")
    at = day.replace(hour=hour, minute=minute, second=second, tzinfo=_zone(match[5]))
    return Moment(at.astimezone(UTC), "second" if match[3] else "minute")


def _zone(text: str | None) -> timezone:
    match = re.search(r"([+-])(\d{2}):?(\d{2})", text or "")
    if not match or int(match[2]) > 14 or int(match[3]) > 59:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(offset if match[1] == "+" else -offset)


def _plain_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def parse(text: str) -> Moment | None:
    """The first date in a short text, with the time next to it; None where there is none or it is ambiguous."""
    text = _plain_digits(text[:200])
    found = _find_day(text)
    if found is None:
        return _rfc2822(text)
    day, start, end = found
    around = text[end : end + 40]
    if not _CLOCK.search(around):
        around = text[max(0, start - 14) : start]
    return _with_clock(day, around)


def _rfc2822(text: str) -> Moment | None:
    try:
        at = parsedate_to_datetime(text)
        return Moment(at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC), "second")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def of_datetime(at: datetime | None) -> Moment | None:
    """A moment from a feed; midnight sharp is a date without a time."""
    if at is None:
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    whole = (at.hour, at.minute, at.second) == (0, 0, 0)
    return Moment(at, "day" if whole else "second")


_YEAR = r"(?<![0-9a-fA-F])(19[9]\d|20[0-4]\d)"
_URL_DAY = re.compile(rf"{_YEAR}([-/_.]?)(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12]\d|3[01])(?:\d{{6}})?(?![0-9])")
_URL_LOOSE_DAY = re.compile(rf"/{_YEAR}([-/])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])/")
_URL_MONTH = re.compile(rf"/{_YEAR}[-/]?(0[1-9]|1[0-2])/(?!\d{{1,2}}/)")


def in_url(url: str) -> Moment | None:
    """The date an address carries, a day or a month."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(f"{parts.path}?{parts.query}")[:500]
    for pattern in (_URL_LOOSE_DAY, _URL_DAY):
        if (m := pattern.search(path)) and (day := _day(m[1], m[3], m[4])):
            return Moment(day, "day")
    if m := _URL_MONTH.search(path):
        return Moment(datetime(int(m[1]), int(m[2]), 1, tzinfo=UTC), "month")
    return None


_PUBLISHED = re.compile(
    r"\b(?:published|posted|publish(?:ing)? (?:time|date)|release (?:time|date)|publié le|publicado|veröffentlicht"
    r"|pubblicato|опубликовано|terbit)\b|发布时间|發布時間|发布日期|发表时间|时间[:：]|日期[:：]|입력|등록",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"(?:[\w ]{2,30}[:：–—-]\s)?(?:(?:press|media|news) (?:release|information|statement|notice|note|advisory)"
    r"|release|communiqué(?: de presse)?|comunicado(?: de (?:prensa|imprensa))?|nota (?:de prensa|de imprensa|stampa)"
    r"|comunicato stampa|pressemitteilung|presseinformation|medienmitteilung|siaran pers|rilis pers|пресс-релиз)\b",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\b(?:updated?|modified|mis à jour|actualizado|aktualisiert|aggiornato|обновлено)\b|更新时间|更新時間|수정",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"©|copyright|版权|版權|all rights", re.IGNORECASE)
_SPAN = re.compile(r"(?<![\d-])\d{1,2}\s?(?:[-–—~]|to|au|al|bis|至|到)\s?\d{1,2}\s+[^\W\d]")
_STRAP = re.compile(r"[·•|]|\d:\d\d")


def _labelled(lines: Iterable[Line], label: re.Pattern[str]) -> Moment | None:
    for line in lines:
        if len(line.text) <= 200 and (m := label.search(line.text)) and not _COPYRIGHT.search(line.text):
            after = line.text[m.end() : m.end() + 60]
            if not is_body(after) and (moment := parse(after)) and re.match(r"\D{0,20}\d|\D{0,40}\d", after):
                return moment
    return None


def _release_stamp(lines: Iterable[Line]) -> Moment | None:
    """The date on the label of a press release ("Press release, 4 March 2022"), a line of nothing else."""
    for line in lines:
        if len(line.text) <= 100 and (label := _RELEASE.match(line.text)):
            after = _plain_digits(line.text[label.end() :])
            found = _find_day(after)
            if found and found[1] <= 6 and not re.search(r"[^\W\d_]{3}", after[found[2] :]):
                return Moment(found[0], "day")
    return None


def page_stamp(lines: Sequence[Line], title: str) -> Moment | None:
    """A publication stamp among the lines as they stood before furniture was removed."""
    near = [*lines[:60], *lines[60:][-20:]]
    labelled = _labelled(near, _PUBLISHED) or _release_stamp(lines[:8]) or _labelled(near, _UPDATED)
    if labelled:
        return labelled
    # A bare date counts only below the headline: above it stands the day the page was shown.
    start = next((i for i, line in enumerate(lines[:20]) if title and same_headline(line.text, title)), None)
    for line in lines[0 if start is None else start + 1 :][:12]:
        if is_body(line.text):
            break
        stamp = start is not None or _STRAP.search(line.text)
        if stamp and _may_be_stamp(line.text) and (moment := parse(line.text)):
            return moment
    return None


def _may_be_stamp(text: str) -> bool:
    return len(text) <= 90 and not _COPYRIGHT.search(text) and not _SPAN.search(text)


def updated_stamp(lines: Sequence[Line]) -> Moment | None:
    """An "updated" stamp among the lines."""
    return _labelled([*lines[:60], *lines[60:][-20:]], _UPDATED)


_DATELINE_END = re.compile(r"\s?(?:\([^()]{2,60}\)|/[^/]{2,30}/)?\s?[-–—:]|[电電]")
_NO_PLACE = re.compile(r"[.!?]\s|[:\d]|day\b", re.IGNORECASE)


def dateline(lines: Sequence[Line]) -> Moment | None:
    """The full date an article opens with ("Vienna, May 20, 2025 (Agency) -"); without a year it tells nothing."""
    paragraphs = 0
    for line in lines[:20]:
        head = _plain_digits(line.text[:110])
        found = _find_day(head)
        if found is not None and _opens_article(head, found[1], found[2]):
            return Moment(found[0], "day")
        paragraphs += is_body(line.text)
        if paragraphs == 3:
            break
    return None


def _opens_article(head: str, start: int, end: int) -> bool:
    place = re.sub(r"^(?:\w{3,9}day|\w{3}\.),?\s", "", head[:start], flags=re.IGNORECASE)
    # A place is set off from the date; Chinese agencies write both in one word.
    set_off = not place.strip() or re.search(r"[,，、(（–—-]\s?$|[\u4e00-\u9fff]$", place)
    if start > 60 or not set_off or _NO_PLACE.search(place):
        return False
    alone = end == len(head) and len(place) > 2 and place.rstrip().endswith(",")
    return alone or _DATELINE_END.match(head, end) is not None


def crawl_stamp(lines: Sequence[Line]) -> Moment | None:
    """The stamp a crawler set before the text ("date 2025-08-19 …"): the last resort."""
    match = re.match(r"date (\d{4}-\d{2}-\d{2})(?:\s|$)", lines[0].text) if lines else None
    return parse(match[1]) if match else None


def plausible(moment: Moment | None, fetched_at: datetime) -> bool:
    """Not before the web, not in the future of the fetch."""
    return moment is not None and OLDEST <= moment.at <= fetched_at + AHEAD


def choose(candidates: Iterable[tuple[str, Moment | None]], fetched_at: datetime) -> Published | None:
    """The first plausible of (origin, moment), in the order given."""
    for origin, moment in candidates:
        if moment is not None and plausible(moment, fetched_at):
            return Published(moment, origin)
    return None
