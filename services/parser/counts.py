"""Numbers a report tells, and what they count: the same in every language, so they tie reports of one event together.

Days, years, times and the numbers of meetings are left out: they say when and which, not how many.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

import regex

from services.parser.rule_file import read_rules
from shared.contracts.article import DateSpan
from shared.text.folding import fold
from shared.text.scripts import SPACELESS

MOST = 32
# Lower ones stand in every text; they are kept where they count something.
LEAST_BARE = 13
_YEARS = range(1800, 2101)
_BEHIND = 40
_WORDS_BETWEEN = 2
_NUMBER = regex.compile(
    r"(?<![\p{Nd}\p{Latin}\p{Cyrillic}:/–—-]|\p{Nd}[.,]|[第제] ?)"
    r"(?:\p{Nd}{1,3}(?P<mark>[.,'’٬\u00a0\u202f ])\p{Nd}{3}(?:(?P=mark)\p{Nd}{3})*|\p{Nd}{1,9}(?:[.,٫]\p{Nd}{1,2})?)"
    r"(?!\p{Nd}|[.,:/–—-]\p{Nd}|(?:st|nd|rd|th|er|ème|e|º|ª|-?[яйеюи])\b| ?[年月日号號届屆次回년월일시분차회時时])"
)
_WORD = regex.compile(r"[\p{L}\p{M}'’]+")
_END = regex.compile(r"[\n\p{Nd},.;:()،。，、]")
_UNSPACED = regex.compile(f"[{SPACELESS}]")


class Counted:
    """The words behind numbers, from `counts.yaml`. Immutable once built."""

    def __init__(self, told: Mapping[str, Mapping[object, Iterable[str]]]) -> None:
        self._nouns = _by_beginning(told["counted"].items())
        self._factors = _by_beginning(told["multiplied"].items())

    def read(self, title: str, text: str, dates: Iterable[DateSpan] = ()) -> tuple[str, ...]:
        """Numbers in order as decimals, each once, with what they count: `35 country`, `900000`."""
        found: dict[str, None] = {}
        for field, words in (("title", title), ("text", text)):
            words = _without(words, field, dates)
            for match in _NUMBER.finditer(words):
                if told := self._told(match, words):
                    found[told] = None
                if len(found) == MOST:
                    return tuple(found)
        return tuple(found)

    def _told(self, match: regex.Match[str], words: str) -> str | None:
        number = _value(match[0], match["mark"])
        behind = _words_behind(words[match.end() : match.end() + _BEHIND])
        factor = _first(self._factors, behind[:1])
        if factor:
            number *= int(factor)
            behind = behind[1:]
        noun = _first(self._nouns, behind)
        is_whole = number == number.to_integral_value()
        if is_whole and not factor and number in _YEARS and not noun:
            return None
        if is_whole and number < (2 if noun else LEAST_BARE):
            return None
        return f"{_plain(number)} {noun}" if noun else _plain(number)


@lru_cache(maxsize=1)
def counted() -> Counted:
    """The words of the file beside this module."""
    return Counted(read_rules("counts.yaml"))


def _by_beginning(named: Iterable[tuple[object, Iterable[str]]]) -> dict[str, str]:
    return {fold(word): str(name) for name, words in named for word in words}


def _first(names: Mapping[str, str], words: Iterable[str]) -> str | None:
    """What the first of the words that begins as one of `names` does stands for; the longest beginning counts."""
    for word in words:
        for length in range(len(word), 0, -1):
            if name := names.get(word[:length]):
                return name
    return None


def _words_behind(text: str) -> list[str]:
    """The next words, folded; of scripts without spaces what stands right behind, with and without a classifier."""
    words = [fold(match[0]) for match in _WORD.finditer(_END.split(text, 1)[0])]
    if words and _UNSPACED.match(words[0]):
        whole = words[0]
        return [whole, *(whole[at:] for at in (1, 2) if len(whole) > at)]
    return words[: _WORDS_BETWEEN + 1]


def _value(digits: str, mark: str | None) -> Decimal:
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in digits)
    if mark:
        return Decimal(plain.replace(mark, ""))
    return Decimal(plain.replace(",", ".").replace("٫", "."))


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return text if len(text) <= 24 else text[:24]


def _without(words: str, field: str, dates: Iterable[DateSpan]) -> str:
    """The words with the places where dates are told left blank."""
    for span in dates:
        for evidence in span.evidence:
            if evidence.field == field:
                words = (
                    words[: evidence.start] + " " * (evidence.end - evidence.start) + words[evidence.end :]
                )
    return words
