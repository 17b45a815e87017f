"""How values read: names of ids, dates, counts, and the direction a language is written in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from services.dashboard.bodies import short_name
from shared.contracts.article import Article, Precision
from shared.contracts.messages import Source
from shared.taxonomy.taxonomy import Taxonomy

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
PHASES = {
    "preview": "announced",
    "report": "reported",
    "followup": "followed up",
    "background": "background",
}
QUALITIES = {
    "official": "official site",
    "agency": "news agency",
    "press": "press",
    "aggregator": "aggregator",
}
COUNTED = {
    "country": "countries",
    "city": "cities",
    "site": "sites",
    "participant": "participants",
    "project": "projects",
    "object": "objects",
}
_ENGLISH = Locale("en")


class Names:
    """What people call the ids that facets, labels and filters hold."""

    def __init__(self, taxonomy: Taxonomy, sources: Sequence[Source]) -> None:
        self._taxonomy = taxonomy
        self._sources = {source.id: source.name for source in sources if source.name}
        self._short: dict[str, str] = {}

    def of(self, field: str, value: str) -> str:
        """The name of a value of a facet; the value itself where there is none."""
        known: Mapping[str, Callable[[str], str]] = {
            "alliance": self.alliance,
            "type": self.event_type,
            "lang": language,
            "country": country,
            "source": self.source,
            "on": lambda period: days(*period.partition("..")[::2]) or period,
            "phase": lambda phase: PHASES.get(phase, phase),
            "quality": lambda quality: QUALITIES.get(quality, quality),
        }
        return known[field](value) if field in known else value

    def alliance(self, id: str) -> str:
        """The name of an alliance."""
        found = self._taxonomy.alliances.get(id)
        return found.name if found else id

    def short(self, id: str) -> str:
        """What an alliance is called for short."""
        if id not in self._short:
            found = self._taxonomy.alliances.get(id)
            self._short[id] = short_name(found) if found else id
        return self._short[id]

    def event_type(self, id: str) -> str:
        """The name of an event type."""
        found = self._taxonomy.event_types.get(id)
        return found.name if found else id

    def counted(self, what: str) -> str:
        """What a number counts, in the plural."""
        return COUNTED.get(what, what)

    def source(self, id: str) -> str:
        """The name of a source that file or catalogue names."""
        return self._sources.get(id) or id


def language(code: str) -> str:
    """The English name of a language."""
    if code == "und":
        return "language unknown"
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(_ENGLISH) or code
    except (UnknownLocaleError, ValueError, TypeError):
        return str(_ENGLISH.languages.get(code.lower(), code))


def country(code: str | None) -> str:
    """The English name of a country (ISO 3166-1 alpha-2)."""
    return str(_ENGLISH.territories.get((code or "").upper(), code or ""))


def direction(code: str) -> str:
    """`rtl` or `ltr`, for the `dir` of a text in this language."""
    parts = code.lower().split("-")
    return "rtl" if parts[0] in RIGHT_TO_LEFT or "arab" in parts[1:] or "hebr" in parts[1:] else "ltr"


def day(at: datetime | None, precision: Precision | None = "day") -> str:
    """A date as exact as it is known: 26 November 2025, November 2025, 2025."""
    if at is None:
        return "undated"
    at = at.astimezone(UTC)
    if precision == "year":
        return f"{at.year}"
    if precision == "month":
        return f"{at:%B} {at.year}"
    return f"{at.day} {at:%B} {at.year}"


def moment(at: datetime | None) -> str:
    """A time to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def iso(at: datetime | None, precision: Precision | None = "second") -> str:
    """What a `<time>` element says to programs, as exact as it is known."""
    if at is None:
        return ""
    at = at.astimezone(UTC)
    shapes = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}
    return f"{at:{shapes.get(precision or 'day', '%Y-%m-%dT%H:%M:%SZ')}}"


def days(start: str | None, end: str | None, precision: Precision | None = None) -> str:
    """An interval of days (ISO 8601, also months and years): 26–29 November 2025.

    One that is known to the month or year alone is said so, though it is kept as all days of it.
    """
    if not start:
        return ""
    length = {"year": 4, "month": 7}.get(precision or "", 10)
    first, last = _calendar(start[:length]), _calendar((end or start)[:length])
    if first == last:
        return _written(first)
    if len(first) == len(last) == 3 and first[:2] == last[:2]:
        return f"{first[2]}–{_written(last)}"
    if len(first) == len(last) > 1 and first[0] == last[0]:
        return f"{_written(first).rsplit(' ', 1)[0]} – {_written(last)}"
    return f"{_written(first)} – {_written(last)}"


def _calendar(day: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in day.split("T")[0].split("-"))
    except ValueError:
        return ()


def _written(parts: tuple[int, ...]) -> str:
    if len(parts) > 1 and 1 <= parts[1] <= 12:
        month = _ENGLISH.months["format"]["wide"][parts[1]]
        return " ".join(str(part) for part in (*parts[2:3], month, parts[0]))
    return str(parts[0]) if parts else ""


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in one unit."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if abs(seconds) >= length:
            count = int(abs(seconds) // length)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds > -1 else "in a moment"


def count(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 article`, `1,204 articles`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def dated(article: Article) -> str:
    """When an article was published, as exact as it is known; else when it was first seen, and that it is that."""
    if article.published_at is None:
        return f"seen {day(article.first_seen_at)}"
    return day(article.published_at, article.published_precision)


def with_code(words: str) -> Markup:
    """Words of our own with what stands between backticks set as code."""
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if number % 2 else Markup.escape(piece)
        for number, piece in enumerate(words.split("`"))
    )


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ago": ago,
    "capitalize_first": lambda words: words[:1].upper() + words[1:],
    "count": count,
    "country": country,
    "dated": dated,
    "day": day,
    "days": days,
    "direction": direction,
    "iso": iso,
    "language": language,
    "moment": moment,
    "with_code": with_code,
    "thousands": lambda number: f"{number:,}",
}
