"""Fixed phrases of page furniture in many languages (`phrases.yaml`), found in one pass over a line.

A line is folded (case, accents, forms of letters) before it is compared. Whole lines are looked up; beginnings,
labels and words within come from one automaton (ahocorasick_rs), so the time does not grow with the phrases.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from ahocorasick_rs import AhoCorasick

from services.parser.lines import starts_item, weight, word_count
from services.parser.rule_file import read_rules

Zone = Literal["any", "edge", "head", "tail"]
Kind = Literal["line", "section"]
Way = Literal["whole", "begins", "labels", "holds"]

LONGEST = 160
# Characters of the longest line that is looked at; `longest` of no entry may be larger.
LONGEST_LINE = 400
# A bar is made of this many parts at most.
MOST_PARTS = 14

# Rules of which a single word is certain.
_ONE_WORD = frozenset(["advertising", "sign-off"])
_WAYS: tuple[Way, ...] = ("whole", "begins", "labels", "holds")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640\u200c\u200d\u00ad]")
_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ı": "i", "’": "'", "‘": "'", "ʼ": "'", "`": "'"}
)
_SPACES = re.compile(r"\s+")
# Scripts that write words without a space between them, and Korean, which hangs particles on them.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SEPARATOR = re.compile(r"[\])】」』\s]{0,2}(?:[:|/=>»›→©՝៖】\]]|\s[-–—]\s|[–—])")
_NUMBER = re.compile(r"[\d.,\s]{1,14}\w{0,4}")
_PARTS = re.compile(r"\s*[|·•/\u3000¦‖]+\s*|\s+[>»›→–—-]\s+|\s{2,}|,\s+|】\s*【?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One language of one rule of `phrases.yaml`, see there. Phrases are folded."""

    id: str
    language: str
    reason: str
    zone: Zone
    kind: Kind
    longest: int
    number: bool
    phrases: tuple[tuple[Way, str], ...]
    example: str
    counter_example: str


@dataclass(frozen=True, slots=True)
class _Needle:
    """A phrase the automaton looks for. `open` phrases may end within a word."""

    entry: Entry
    way: Way
    open: bool


def fold(text: str) -> str:
    """The form in which lines and phrases are compared: places in it are not those of the text."""
    if text.isascii():
        return _spaced(text.lower())
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_LETTERS)
    return _spaced(unicodedata.normalize("NFC", plain))


def _spaced(text: str) -> str:
    """Lines are tidy already: only what folding made, and phrases, may hold more than single spaces."""
    return _SPACES.sub(" ", text) if "  " in text or "\n" in text else text


def _is_word(character: str) -> bool:
    """Letters and the marks that belong to them; numbers are not looked at."""
    return character.isalpha() or unicodedata.category(character)[0] == "M"


def _bare(folded: str) -> str:
    """Without whatever is no letter at the ends."""
    if folded.isalpha():
        return folded
    start, end = 0, len(folded)
    while start < end and not _is_word(folded[start]):
        start += 1
    while end > start and not _is_word(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _entries(rule: dict[str, Any]) -> Iterator[Entry]:
    for language, raw in rule["in"].items():
        yield Entry(
            id=rule["id"],
            language=language,
            reason=rule["reason"],
            zone=rule.get("zone", "any"),
            kind=rule.get("kind", "line"),
            longest=raw.get("longest", rule.get("longest", LONGEST)),
            number=rule.get("value") == "number",
            phrases=tuple((way, phrase) for way in _WAYS for phrase in _folded(raw.get(way, ()))),
            example=raw["example"],
            counter_example=raw["counter_example"],
        )


def _folded(phrases: Iterable[str]) -> Iterator[str]:
    """Phrases as lines are compared; a star at the end stays."""
    for phrase in phrases:
        yield _bare(fold(phrase)) + ("*" if phrase.endswith("*") else "")


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Every language of every rule, in the order of the file."""
    return tuple(entry for rule in read_rules("phrases.yaml") for entry in _entries(rule))


@dataclass(frozen=True, slots=True)
class _Index:
    """All phrases made fast. Of one phrase in several rules, the certain ones come first."""

    whole: dict[str, tuple[Entry, ...]]
    needles: tuple[tuple[_Needle, ...], ...]
    automaton: AhoCorasick


@functools.cache
def _index() -> _Index:
    whole: dict[str, list[Entry]] = {}
    needles: dict[str, list[_Needle]] = {}
    for entry in sorted(entries(), key=lambda e: e.zone != "any"):
        for way, phrase in entry.phrases:
            if way == "whole":
                whole.setdefault(phrase, []).append(entry)
            else:
                bare = phrase.removesuffix("*")
                needles.setdefault(bare, []).append(_Needle(entry, way, bare != phrase))
    return _Index(
        whole={phrase: tuple(found) for phrase, found in whole.items()},
        needles=tuple(tuple(found) for found in needles.values()),
        automaton=AhoCorasick(list(needles)),
    )


def _ends_word(folded: str, end: int) -> bool:
    return (
        end >= len(folded)
        or not (folded[end].isalnum() or _is_word(folded[end]))
        or UNSPACED.search(folded, end - 1, end + 1) is not None
    )


def _begins_word(folded: str, start: int) -> bool:
    return start == 0 or not _is_word(folded[start - 1]) or UNSPACED.match(folded[start]) is not None


def _fits(needle: _Needle, folded: str, start: int, end: int, first: int, heavy: int) -> bool:
    """Whether a phrase found at a place makes the line fall; `first` is where its first letter stands."""
    entry = needle.entry
    if heavy > entry.longest or not (needle.open or _ends_word(folded, end)):
        return False
    if needle.way == "holds":
        return _begins_word(folded, start)
    if start != first:
        return False
    if needle.way == "begins":
        return True
    separator = _SEPARATOR.match(folded, end)
    return separator is not None and (
        not entry.number or _NUMBER.fullmatch(folded, separator.end()) is not None
    )


@functools.lru_cache(maxsize=16)
def _rules_of(text: str) -> tuple[str, tuple[Entry, ...]]:
    """A line folded, and the rules it falls to. Kept for a moment: a line is asked for in several ways."""
    folded = fold(text)
    return folded, tuple(dict.fromkeys(_found(text, folded)))


def _found(text: str, folded: str) -> Iterator[Entry]:
    """The rules a line falls to, the whole line first."""
    index = _index()
    yield from index.whole.get(_bare(folded), ())
    hits = index.automaton.find_matches_as_indexes(folded, overlapping=True)
    if not hits:
        return
    heavy = weight(text)
    first = next((i for i, c in enumerate(folded) if _is_word(c)), 0)
    for number, start, end in hits:
        for needle in index.needles[number]:
            if _fits(needle, folded, start, end, first, heavy):
                yield needle.entry


def _bar(text: str) -> Entry | None:
    """The rule of a line that is nothing but labels side by side: `Print | Share | Send`."""
    if not _PARTS.search(text):
        return None
    parts = [part for part in _PARTS.split(text) if part]
    if not 2 <= len(parts) <= MOST_PARTS:
        return None
    whole = _index().whole
    known = [whole[bare][0] for part in parts if (bare := _bare(fold(part))) in whole]
    if len(known) == len(parts) or (len(known) >= 2 and all(word_count(part) <= 3 for part in parts)):
        return known[0]
    return None


def matching_phrase(text: str, kind: Kind = "line", *, edge: bool = True) -> Entry | None:
    """The first rule a line falls to; with `edge` false only one that holds anywhere.

    Entries of lists and, but for advertisements, single words fall at the edges only: such is the rule returned.
    """
    if len(text) > LONGEST_LINE:
        return None
    folded, found = _rules_of(text)
    for entry in found:
        if entry.kind != kind:
            continue
        certain = kind == "section" or (
            entry.zone == "any" and not starts_item(text) and (entry.id in _ONE_WORD or _several(folded))
        )
        if certain:
            return entry
        if edge:
            return replace(entry, zone="edge") if entry.zone == "any" else entry
    return None


def _several(folded: str) -> bool:
    """Whether there are several words, or a script that does not tell."""
    bare = _bare(folded)
    return " " in bare or UNSPACED.search(bare) is not None


def matching_bar(text: str) -> Entry | None:
    """The rule of a line made of labels only, wherever it stands."""
    return _bar(text) if len(text) <= LONGEST else None


def is_credit(text: str) -> bool:
    """Whether words in brackets name a photographer or the source of a picture."""
    return any(entry.id == "picture-credit" for entry in _rules_of(text)[1])
