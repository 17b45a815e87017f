"""Lines that are nothing but a date, as pages print them under a headline: `Aktualizováno: 12. března 2024, 10:15`.

Names of months and weekdays of every language come from Unicode CLDR through Babel, the words around them from
`date_lines.yaml`. A line is a stamp when nothing is left of it once these, numbers and signs are taken away.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from babel import Locale

from services.parser.phrases import UNSPACED, Zone, fold
from services.parser.rule_file import read_rules

LONGEST = 90
_LANGUAGES = re.findall(
    r"\w+",
    "en fr es pt de it nl pl ru uk be bg el tr ar fa he zh ja ko vi id ms fil th km lo hi ur bn ta hy ka hu ro cs sk "
    "sv da nb fi hr sr sl lt lv et ca eu az kk uz mn",
)
_REST = re.compile(r"[\W\d_]+")
_YEAR = re.compile(r"(?<!\d)(?:1[34]|19|20|25)\d\d(?!\d)")
_NUMBER = re.compile(r"\d{1,4}")
# Days of a meeting, not of a page.
_SPAN = re.compile(r"(?<![\d/.-])\d{1,2}\s?[-–—]\s?\d{1,2}(?!\d|\s?[-/.]\s?\d)")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A line found to be a stamp, told as a rule would be. Certain is one that says what it is."""

    zone: Zone
    id: str = "stamp"
    reason: str = "publication or update stamp"
    kind: Literal["line"] = "line"


@functools.cache
def words_around() -> dict[str, dict[str, Any]]:
    """`date_lines.yaml`: by language the words around a date, with an example and a counter-example."""
    return dict(read_rules("date_lines.yaml"))


def _names(language: str) -> list[str]:
    locale = Locale.parse(language)
    found: list[str] = []
    for table in (locale.months, locale.days):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                found += table.get(context, {}).get(width, {}).values()
    # Hebrew writes "in" as one word with the month.
    return found + [f"ב{name}" for name in found] if language == "he" else found


def _alternatives(words: set[str]) -> re.Pattern[str]:
    """Any of the words, the longest first; whole ones where a script sets spaces."""
    kept = sorted((w for w in words if w and not w.isdigit()), key=lambda w: (-len(w), w))
    spaced = "|".join(re.escape(w) for w in kept if not UNSPACED.search(w))
    unspaced = "|".join(re.escape(w) for w in kept if UNSPACED.search(w))
    return re.compile(rf"(?<![^\W\d_])(?:{spaced})(?![^\W\d_])|{unspaced}")


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Names of months and weekdays, words that say what the date is, words that only stand with dates."""
    names = {fold(name).strip(" .") for language in _LANGUAGES for name in _names(language)}
    names |= {fold(name) for each in words_around().values() for name in each.get("names", ())}
    telling = {fold(word) for each in words_around().values() for word in each["says"]}
    beside = {fold(word) for each in words_around().values() for word in each.get("beside", ())}
    return _alternatives(names), _alternatives(telling), _alternatives(beside)


def _western(text: str) -> str:
    """The text with the digits of all scripts as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def matching_stamp(text: str, *, edge: bool = True) -> Stamp | None:
    """The stamp a line is; with `edge` false only one that names itself (`Updated: …`)."""
    if len(text) > LONGEST or not _YEAR.search(text := _western(text)) or _SPAN.search(text):
        return None
    names, telling, beside = _patterns()
    folded = fold(text)
    bare, said = telling.subn(" ", folded)
    if not edge and not said:
        return None
    undated, months = names.subn(" ", bare)
    if _REST.sub("", beside.sub(" ", undated)):
        return None
    enough = 3 - bool(months)
    if len(_NUMBER.findall(folded)) < enough:
        return None
    return Stamp("any" if said else "edge")
