"""The rules of `rules.yaml`, compiled: what pages say that hold no article."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.parser.boilerplate_rules import narrow
from services.parser.rule_file import read_rules

Where = Literal["title", "line"]
# Longer lines are paragraphs of an article.
LONGEST_LINE = 700
_EDGES = " \t.!?…。!?:：–—-|\"'“”‘’«»"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page that holds no article: what is told of it, and the most text left of it, by how it is known."""

    says: str
    title: int
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `rules.yaml`, see there."""

    kind: str
    where: Where
    languages: tuple[str, ...]
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them."""

    kinds: dict[str, Kind]
    rules: tuple[Rule, ...]

    def matching(self, where: Where, said: Iterable[str]) -> dict[str, str]:
        """The kinds that a title or line is told by, each with the words that do."""
        found: dict[str, str] = {}
        for text in said:
            if len(text) > LONGEST_LINE:
                continue
            bare = _bare(text)
            for rule in self.rules:
                if rule.where == where and rule.kind not in found and bare and rule.pattern.fullmatch(bare):
                    found[rule.kind] = text
        return found


def _bare(text: str) -> str:
    return narrow(text).replace("’", "'").strip(_EDGES)


@functools.cache
def rules() -> Rules:
    """The rules, in the order of the file."""
    data = read_rules("rules.yaml", "services.parser.told_apart")
    terms: dict[str, str] = data["terms"]

    def compiled(pattern: str) -> re.Pattern[str]:
        whole = re.sub(r"<<(\w+)>>", lambda m: terms[m[1]], pattern)
        return re.compile(narrow(whole).replace("’", "'"), re.IGNORECASE)

    return Rules(
        kinds={name: Kind(**told) for name, told in data["kinds"].items()},
        rules=tuple(
            Rule(
                kind=raw["kind"],
                where=raw["where"],
                languages=tuple(raw["languages"]),
                pattern=compiled(raw["pattern"]),
                examples=tuple(map(str, raw["examples"])),
                counter_examples=tuple(map(str, raw["counter_examples"])),
            )
            for raw in data["rules"]
        ),
    )
