"""The query language, read: words, "phrases", AND OR NOT -, parentheses, prefix*, field:value.

A word that the text analysis splits (Xi'an, COVID-19, 文化遗产) is a phrase of its pieces; any other unquoted word also
stands for its inflected forms. Words side by side mean AND, which binds tighter than OR. Dates are UTC.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol, get_args

from shared.contracts.article import Phase, Quality
from shared.query.ast import (
    And,
    Duplicate,
    Keyword,
    KeywordField,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    TextScope,
    Word,
)
from shared.query.dates import between
from shared.query.evaluate import fold_keyword
from shared.query.lexer import Lexeme, QueryError, lexemes
from shared.text import phrase
from shared.text.analysis import unspaced_characters

LONGEST = 2000
MOST_NODES = 200
DEEPEST = 50
KEYWORDS: tuple[KeywordField, ...] = get_args(KeywordField)
DATES = ("after", "before", "on")
FIELDS = (*KEYWORDS, "title", "is", *DATES)
CLOSED: dict[str, tuple[str, ...]] = {"phase": get_args(Phase), "quality": get_args(Quality)}
NAMED = {"alliance": "alliance", "mention": "alliance", "type": "type"}

__all__ = ["FIELDS", "Names", "QueryError", "parse"]


class Names(Protocol):
    """Names that people use for ids: `resolve("alliance", "Blue Shield")` is `blue_shield`; None when unknown."""

    def resolve(self, field: str, value: str) -> str | None:
        """The id, or None."""

    def known(self, field: str) -> Sequence[str]:
        """Every id of the field."""


def parse(source: str, now: datetime, names: Names | None = None, longest: int = LONGEST) -> Query:
    """Read a query. Raises QueryError for everything that is none, an empty one too.

    `now` is what relative dates are counted from. With `names`, alliances and event types may be given by name, and
    unknown ones are refused. `longest` bounds the length in characters; what `unparse` wrote may need more.
    """
    if len(source) > longest:
        raise QueryError(longest, f"at most {longest} characters", f"the query has {len(source)} characters")
    if not source.strip():
        raise QueryError(0, "a word, a phrase or field:value", "the query is empty")
    return _Reader(lexemes(source), now, names).read()


@dataclass(frozen=True, slots=True)
class _Inside:
    """The field a group stands in: `place:(Cairo OR Luxor)`."""

    name: str
    at: int


class _Reader:
    """A recursive descent over the lexemes; its depth is bounded before Python's is."""

    def __init__(self, row: list[Lexeme], now: datetime, names: Names | None) -> None:
        self._row = row
        self._at = 0
        self._now = now
        self._names = names
        self._nodes = 0
        self._depth = 0

    def read(self) -> Query:
        query = self._either(None)
        here = self._here
        if here.kind == "close":
            raise QueryError(here.start, "the end of the query", "this parenthesis was never opened")
        return query

    @property
    def _here(self) -> Lexeme:
        return self._row[self._at]

    def _next(self) -> Lexeme:
        lexeme = self._row[self._at]
        self._at += 1
        return lexeme

    def _count(self, lexeme: Lexeme) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise QueryError(
                lexeme.start, f"at most {MOST_NODES} words and conditions", "the query is too large"
            )

    def _deeper(self, lexeme: Lexeme, read: Callable[[], Query]) -> Query:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(lexeme.start, f"at most {DEEPEST} levels", "the query is nested too deeply")
        found = read()
        self._depth -= 1
        return found

    def _either(self, inside: _Inside | None) -> Query:
        parts = [self._all(inside)]
        while self._here.kind == "or":
            self._next()
            parts.append(self._all(inside))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, inside: _Inside | None) -> Query:
        parts = [self._not(inside)]
        while True:
            if self._here.kind == "and":
                self._next()
            elif self._here.kind in ("or", "close", "end"):
                break
            parts.append(self._not(inside))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self, inside: _Inside | None) -> Query:
        if self._here.kind == "not":
            lexeme = self._next()
            self._count(lexeme)
            return Not(self._deeper(lexeme, lambda: self._not(inside)))
        return self._leaf(inside)

    def _leaf(self, inside: _Inside | None) -> Query:
        lexeme = self._next()
        if lexeme.kind != "open":  # a group is no condition of its own; its depth is bounded
            self._count(lexeme)
        match lexeme.kind:
            case "open":
                return self._group(lexeme, inside)
            case "field":
                if inside is None:
                    return self._field(lexeme)
                raise QueryError(
                    lexeme.start, f"values of {inside.name}", "a field cannot stand inside another's"
                )
            case "word" | "quoted":
                return self._value(inside, lexeme) if inside else _text(lexeme, "all")
            case "end":
                raise QueryError(
                    lexeme.start, "a word, a phrase or field:value", "something is missing at the end"
                )
            case _:
                raise QueryError(
                    lexeme.start,
                    "a word, a phrase or field:value",
                    f"{lexeme.text} has nothing to stand for here",
                )

    def _group(self, opened: Lexeme, inside: _Inside | None) -> Query:
        found = self._deeper(opened, lambda: self._either(inside))
        if self._here.kind != "close":
            raise QueryError(self._here.start, "')'", f"the parenthesis at {opened.start + 1} is not closed")
        self._next()
        return found

    def _field(self, lexeme: Lexeme) -> Query:
        name = lexeme.text.lower()
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, n=2, cutoff=0.6)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            expected = f"one of the fields {', '.join(FIELDS)}"
            raise QueryError(lexeme.start, expected, f"there is no field {lexeme.text!r}{hint}")
        inside = _Inside(name, lexeme.start)
        if self._here.kind == "open":
            opened = self._next()
            return self._group(opened, inside)
        if self._here.kind not in ("word", "quoted"):
            raise QueryError(self._here.start, f"a value for {name}", f"{name}: has no value")
        return self._value(inside, self._next())

    def _value(self, inside: _Inside, lexeme: Lexeme) -> Query:
        name = inside.name
        if name == "title":
            return _text(lexeme, "title")
        value = lexeme.text.strip()
        if name in DATES:
            return between(name, value, self._now, lexeme.start)
        if name == "is":
            if value.lower() != "duplicate":
                raise QueryError(lexeme.start, "duplicate", f"is:{value} says nothing")
            return Duplicate()
        field = _keyword_field(name)
        folded = fold_keyword(field, self._id(name, value, lexeme.start))
        if not folded:
            raise QueryError(lexeme.start, f"a value for {name}", f"{value!r} holds nothing to compare")
        return Keyword(field, folded)

    def _id(self, name: str, value: str, at: int) -> str:
        if not value:
            raise QueryError(at, f"a value for {name}", f"{name}: has no value")
        if name in CLOSED:
            if value.lower() not in CLOSED[name]:
                raise QueryError(at, " or ".join(CLOSED[name]), f"{value!r} is no {name}")
            return value.lower()
        if name not in NAMED or self._names is None:
            return value
        found = self._names.resolve(NAMED[name], value)
        if found is None:
            near = get_close_matches(value.lower(), self._names.known(NAMED[name]), n=3, cutoff=0.5)
            expected = " or ".join(near) or f"an id or a name of the {NAMED[name]}s that are known"
            raise QueryError(at, expected, f"{value!r} is no {NAMED[name]} that is known")
        return found


def _keyword_field(name: str) -> KeywordField:
    return next(field for field in KEYWORDS if field == name)


def _text(lexeme: Lexeme, scope: TextScope) -> Query:
    """A word, a phrase or a prefix."""
    star = lexeme.text.find("*") if lexeme.kind == "word" else -1
    is_prefix = star == len(lexeme.text) - 1 and star > 0
    if star >= 0 and not is_prefix:
        raise QueryError(
            lexeme.start + star, "* at the end of a word", f"in {lexeme.text!r} * stands elsewhere"
        )
    row = phrase(lexeme.text)
    if not row:
        raise QueryError(lexeme.start, "a word", f"{lexeme.text!r} holds no letter or digit to search for")
    if is_prefix and not unspaced_characters(row[-1]):
        if len(row) > 1:
            message = f"{lexeme.text!r} is more than one word, {' '.join(row)}"
            raise QueryError(lexeme.start, "a single word before *", message)
        return Prefix(row[0], scope)
    if lexeme.kind == "word" and len(row) == 1:
        return Word(row[0], scope)
    return Phrase(row, scope)
