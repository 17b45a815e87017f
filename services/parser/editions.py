"""Numbered meetings: "2nd General Assembly", "第二届…大会", "제47차 위원회", "XVII Congreso".

The number of a meeting says more than any date which one an article is about.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import regex

from services.parser.reading import Passage, Reading
from shared.taxonomy.taxonomy import Taxonomy

_NUMERALS = {character: number for number, character in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_EDITION = (
    r"(?<![\p{Latin}\p{Cyrillic}\d])(?P<word>\L<words>)(?![\p{Latin}\p{Cyrillic}\p{Arabic}])"
    r"|(?<![\d.])(?P<digits>\d{1,3})(?:st|nd|rd|th|ª|º|e|eme|a|\.(?=\s*\p{L})|-я|-й|-и|-ю|-ое|ste|η|व[ाीे][ंँ])"
    r"(?![\p{L}\p{M}\d])"
    r"|(?:lan thu|ครั้งที่|สมัยที่) ?(?P<after>\d{1,3})(?!\d)"
    r"|(?<!\p{L})(?P<roman>[ivxl]{1,6})(?![\p{L}'])"
    r"|第(?P<han>[零一二三四五六七八九十两\d]{1,3})(?:届|次|回)"
    r"|제? ?(?P<korean>\d{1,3}) ?(?:차|회|기)(?!\d)"
)
_ORGANS = {
    "general_assembly": ("assembly", "congress_words"),
    "council_meeting": ("council_meeting", "council", "COMMITTEE", "session"),
    "conference_forum": ("conference",),
}
_EDITION_GAP = 24


class EditionReader:
    """Finds numbered meetings. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._folder = taxonomy.folder
        self._ordinals = taxonomy.ordinals
        self._pattern = regex.compile(_EDITION, words=list(taxonomy.ordinals))

    def read(self, reading: Reading, types: Collection[str]) -> tuple[str, ...]:
        """Meetings of the reported types as `type:number`; one that is merely chosen a host for comes last.

        News that is of no meeting may be of what one decides or needs: there all that are numbered count.
        """
        found: dict[str, None] = {}
        organs = {kind: words for kind, words in _ORGANS.items() if kind in types} or (
            _ORGANS if types else {}
        )
        wanted = [concept for concepts in organs.values() for concept in concepts]
        is_choice = "host_selection" in types
        for passage in sorted(reading.passages, key=lambda each: is_choice and _is_about_later(each)):
            if passage.sentence.kind != "caption" and any(passage.has(concept) for concept in wanted):
                found.update(dict.fromkeys(self._numbered(passage, organs)))
        return tuple(found)

    def _numbered(self, passage: Passage, organs: Mapping[str, Sequence[str]]) -> Iterator[str]:
        folded = self._folder.fold(passage.words)
        for match in self._pattern.finditer(folded.text):
            number = self._ordinals[match["word"]] if match["word"] else _number(match)
            first, last = folded.span(*match.span())
            offset = passage.sentence.start
            kind = _organ(passage, offset + first, offset + last, organs)
            if number and kind:
                yield f"{kind}:{number}"


def _is_about_later(passage: Passage) -> bool:
    return passage.has("host") or passage.has("future")


def _number(match: regex.Match[str]) -> int | None:
    if match["roman"]:
        return _roman(match["roman"])
    if match["han"]:
        return _han(match["han"])
    return int(match["digits"] or match["after"] or match["korean"])


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if any(later > value for later in values[at + 1 : at + 2]) else value
        for at, value in enumerate(values)
    )


def _han(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return _NUMERALS.get(text) if len(text) == 1 else None
    tens, _, ones = text.partition("十")
    return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)


def _organ(passage: Passage, start: int, end: int, organs: Mapping[str, Sequence[str]]) -> str | None:
    """The kind of meeting a number belongs to: the nearest one after it, or before it."""
    best: tuple[int, str] | None = None
    for kind, concepts in organs.items():
        for concept in concepts:
            for first, last in passage.concepts.get(concept, ()):
                gap = first - end if first >= end - 1 else (start - last) * 2 + 1
                if -2 <= gap <= _EDITION_GAP and (best is None or gap < best[0]):
                    best = (gap, kind)
    return best[1] if best else None
