"""Days told by the day of publication, and the words that lead from one told day to all days of an event.

"Yesterday", "three-day", "last Friday", "until the 15th": found in folded text, each in its own language alone, for
one language's yesterday is another's here.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import regex
from ahocorasick_rs import AhoCorasick, MatchKind

from shared.taxonomy.folding import Folder
from shared.taxonomy.schema import DayWords
from shared.text.scripts import SPACELESS

_SPACELESS = regex.compile(f"[{SPACELESS}]")
_LETTER = regex.compile(r"[\p{L}\p{M}]")
# How far beside a date its words stand, in letters.
_BESIDE = 14
_LONGEST_STRETCH = 60

Kind = Literal["shift", "stretch", "ends"]


class Word(NamedTuple):
    """A word found: `number` is the shift in days, or how many days a stretch has."""

    kind: Kind
    start: int
    end: int
    number: int


class DayFinder:
    """The words of one language, or of none. Immutable once built."""

    def __init__(self, words: DayWords, folder: Folder) -> None:
        self._shift = {folder.key(word): shift for word, shift in words.shift.items()}
        self._stretch = {folder.key(word): days for word, days in words.stretch.items()}
        meant: dict[str, tuple[Kind, int]] = {folder.key(word): ("ends", 0) for word in words.ends}
        meant |= {word: ("stretch", days) for word, days in self._stretch.items() if "#" not in word}
        meant |= {word: ("shift", shift) for word, shift in self._shift.items()}
        self._meant = list(meant.items())
        self._plain = AhoCorasick([word for word, _ in self._meant], matchkind=MatchKind.LeftmostLongest)
        figures = [
            regex.escape(word).replace(r"\#", r"(?P<figure>\d{1,2})") for word in self._stretch if "#" in word
        ]
        self._figures = regex.compile("|".join(figures)) if figures else None
        self._last, self._next, self._until = (
            _any(folder.key(word) for word in some) for some in (words.last, words.next, words.until)
        )

    def find(self, text: str) -> Iterator[Word]:
        """Each day told by a word, each stretch of days, and each word that says that something ended."""
        for index, start, end in self._plain.find_matches_as_indexes(text):
            word, (kind, number) = self._meant[index]
            if _SPACELESS.search(word) or not (_in_word(text, start - 1) or _in_word(text, end)):
                yield Word(kind, start, end, number)
        for found in self._figures.finditer(text) if self._figures else ():
            if 2 <= (days := int(found["figure"])) <= _LONGEST_STRETCH:
                yield Word("stretch", *found.span(), days)

    def toward(self, text: str, start: int, end: int) -> int:
        """-1 where the last such weekday is meant, 1 where the next one is, 0 where nothing says so."""
        beside = f"{text[max(0, start - _BESIDE) : start]} {text[end : end + _BESIDE]}"
        if self._next and self._next.search(beside):
            return 1
        return -1 if self._last and self._last.search(beside) else 0

    def is_last_day(self, text: str, start: int, end: int) -> bool:
        """Whether a date is told as the last one: "until 15 June", "15日まで"."""
        if self._until is None:
            return False
        before, after = text[max(0, start - _BESIDE) : start].rstrip(), text[end : end + _BESIDE]
        return any(m.end() == len(before) for m in self._until.finditer(before)) or (
            (found := self._until.search(after)) is not None and found.start() <= 1
        )


def _in_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and _LETTER.match(text, at) is not None


def _any(words: Iterable[str]) -> regex.Pattern[str] | None:
    ordered = sorted(words, key=len, reverse=True)
    if not ordered:
        return None
    parts = [
        regex.escape(word)
        if _SPACELESS.search(word)
        else rf"(?<![\p{{L}}\p{{M}}]){regex.escape(word)}(?![\p{{L}}\p{{M}}])"
        for word in ordered
    ]
    return regex.compile("|".join(parts))
