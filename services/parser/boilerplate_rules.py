"""The rules of `boilerplate.yaml`, compiled, and made fast to try on every line of every document."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import regex
from ahocorasick_rs import AhoCorasick

from services.parser.date_lines import Stamp, matching_stamp
from services.parser.lines import is_table_row
from services.parser.phrases import Entry, Zone, matching_bar, matching_phrase
from services.parser.rule_file import read_rules

Kind = Literal["line", "prefix", "suffix", "inline", "section"]

# Longer lines are paragraphs: a whole-line rule is tried on them only if it says so.
LONGEST_FURNITURE = 240
LONGEST_LINE = 600
LONGEST_HEADING = 80
# Chinese and Japanese pages write brackets, colons and the like as wide as a character; the rules write them narrow.
# Beginnings of lines that are remembered, each with the rules that may match: two characters, or one that is not ASCII.
MOST_BEGINNINGS = 8192
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `boilerplate.yaml`, see there."""

    id: str
    languages: tuple[str, ...]
    reason: str
    kind: Kind
    zone: Zone
    pattern: re.Pattern[str]
    words: tuple[str, ...]
    longest: int
    example: str
    leaves: str
    counter_example: str

    def wants(self, lower: str) -> bool:
        """Whether the line, in lower case, holds a word without which the rule cannot match."""
        return not self.words or any(word in lower for word in self.words)


def narrow(text: str) -> str:
    """The text with full-width signs as their narrow twins, one for one: places in it stay the same."""
    return text if text.isascii() or not _WIDE.search(text) else text.translate(_NARROW)


def _compiled(raw: dict[str, Any], terms: dict[str, str]) -> Rule:
    pattern = str(raw["pattern"])
    while "<<" in pattern:
        pattern = re.sub(r"<<(\w+)>>", lambda m: f"(?:{terms[m[1]]})", pattern)
    flags = "(?-i:" if raw.get("case") else "(?:"
    pattern = {"prefix": "^", "suffix": ""}.get(raw["kind"], "") + f"{flags}{pattern})"
    return Rule(
        id=raw["id"],
        languages=tuple(raw["languages"]),
        reason=raw["reason"],
        kind=raw["kind"],
        zone=raw["zone"],
        pattern=re.compile(pattern + ("$" if raw["kind"] == "suffix" else ""), re.IGNORECASE),
        words=tuple(raw.get("needs", ())),
        longest=raw.get("longest", LONGEST_FURNITURE),
        example=raw["example"],
        leaves=raw.get("leaves", ""),
        counter_example=raw["counter_example"],
    )


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the file."""
    data = read_rules("boilerplate.yaml")
    return tuple(_compiled(raw, data["terms"]) for raw in data["rules"])


class Needs:
    """Which of some rules a line may fall to, by the words they need: one pass over it for all of them."""

    def __init__(self, chosen: Sequence[Rule]) -> None:
        owners: dict[str, list[int]] = {}
        for number, rule in enumerate(chosen):
            for word in rule.words:
                owners.setdefault(word, []).append(number)
        self._rules = tuple(chosen)
        self._always = tuple(number for number, rule in enumerate(chosen) if not rule.words)
        self._owners = tuple(owners.values())
        self._automaton = AhoCorasick(list(owners))

    def wanted(self, lower: str) -> list[Rule]:
        """The rules that need nothing or find a word of theirs, in their order."""
        hits = self._automaton.find_matches_as_indexes(lower, overlapping=True)
        if not hits:
            return [self._rules[number] for number in self._always]
        found = {owner for number, _, _ in hits for owner in self._owners[number]}
        return [self._rules[number] for number in sorted(found.union(self._always))]


class _Table:
    """Whole-line rules made fast: most are ruled out by how the line begins, others by the words they need."""

    def __init__(self, chosen: Sequence[Rule]) -> None:
        self._free = tuple(rule for rule in chosen if not rule.words)
        gated = [rule for rule in chosen if rule.words]
        self._gated = frozenset(rule.id for rule in gated)
        self._needs = Needs(gated)
        self._beginning = functools.lru_cache(MOST_BEGINNINGS)(self._that_begin)

    def match(self, text: str, lower: str) -> Rule | None:
        """The rule that matches the whole text, if any."""
        free, gated = self._beginning(text[: 2 if text[:2].isascii() else 1])
        for rule in free:
            if len(text) <= rule.longest and rule.pattern.fullmatch(text):
                return rule
        for rule in self._needs.wanted(lower) if gated else ():
            if rule.id in gated and len(text) <= rule.longest and rule.pattern.fullmatch(text):
                return rule
        return None

    def _that_begin(self, beginning: str) -> tuple[tuple[Rule, ...], frozenset[str]]:
        """The rules without words that may match a text that begins so, and the ids of those with words."""
        may = _may_begin(beginning)
        return tuple(rule for rule in self._free if rule.id in may), self._gated & may.keys()


@functools.lru_cache(MOST_BEGINNINGS)
def _may_begin(beginning: str) -> Mapping[str, regex.Pattern[str]]:
    """The whole-line rules that may match a text which begins so: those that may match the beginning before, first."""
    known = _may_begin(beginning[:-1]) if len(beginning) > 1 else _partial()
    return {id: rule for id, rule in known.items() if rule.fullmatch(beginning, partial=True)}


@functools.cache
def _partial() -> Mapping[str, regex.Pattern[str]]:
    """Whole-line rules by id, in the library that says of a beginning whether the text may go on to match."""
    whole = [rule for rule in rules() if rule.kind in ("line", "section")]
    return {rule.id: regex.compile(rule.pattern.pattern, regex.IGNORECASE) for rule in whole}


@functools.cache
def _table(kind: Kind, *, edge: bool, long: bool) -> _Table:
    limit = LONGEST_FURNITURE if long else 0
    return _Table([r for r in rules() if r.kind == kind and r.longest > limit and (edge or r.zone == "any")])


@functools.cache
def cutting_rules(kind: Kind) -> Needs:
    """The rules that take a piece out of a line."""
    return Needs([rule for rule in rules() if rule.kind == kind])


def matching_line_rule(text: str, *, edge: bool = True) -> Rule | Entry | Stamp | None:
    """The first whole-line rule that holds for the line; with `edge` false only those that hold anywhere."""
    if len(text) > LONGEST_LINE or is_table_row(text):
        return None
    text = narrow(text)
    table = _table("line", edge=edge, long=len(text) > LONGEST_FURNITURE)
    return (
        table.match(text, text.lower())
        or matching_phrase(text, edge=edge)
        or matching_bar(text)
        or matching_stamp(text, edge=edge)
    )


def matching_section_rule(text: str) -> Rule | Entry | None:
    """The rule for headings of lists of other pages that holds for the line."""
    if len(text) > LONGEST_HEADING:
        return None
    text = narrow(text)
    return _table("section", edge=True, long=False).match(text, "") or matching_phrase(text, "section")
