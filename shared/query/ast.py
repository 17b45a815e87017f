"""The query language as a tree. `parse` makes it, `shared.query.evaluate` says what it means."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# Fields compared as whole values, case-folded.
KeywordField = Literal[
    "alliance",
    "mention",
    "event",
    "type",
    "phase",
    "source",
    "quality",
    "country",
    "lang",
    "place",
    "site",
    "author",
]
TextScope = Literal["all", "title"]


@dataclass(frozen=True, slots=True)
class Word:
    """One unquoted word: matches its exact token or an inflected form of it in the article's language."""

    token: str
    scope: TextScope = "all"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exact tokens in a row, within the title or within the text, never across."""

    tokens: tuple[str, ...]
    scope: TextScope = "all"


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any exact token that begins so."""

    token: str
    scope: TextScope = "all"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A field that holds this value, case-folded; `site` also matches the subdomains of its value."""

    field: KeywordField
    value: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Articles that are a near-duplicate of another."""


@dataclass(frozen=True, slots=True)
class Between:
    """Articles dated (published, else first seen) at or after `start` and before `end`, UTC; None is open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but this."""

    part: "Query"


Query = Word | Phrase | Prefix | Keyword | Duplicate | Between | And | Or | Not
