"""What a reader asks for: the words typed, the filters clicked, and the one query both make."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from shared.index.port import Search
from shared.query.ast import Or, Query
from shared.query.lexer import QUOTES
from shared.query.parse import Names, QueryError, parse

# What can be narrowed by a click, in the order it is shown.
FILTERS = ("alliance", "type", "lang", "source", "country", "place", "phase", "quality", "on")
EVERYTHING = "*"
PAGE = 20
_BARE = re.compile(r"[\w.-]+")
_SPECIAL = re.compile(rf"[\\{QUOTES}]")
Sort = Literal["relevance", "date"]
Unit = Literal["article", "event"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address tells it. `filters` are pairs of field and value; all of them must hold."""

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: Sort = "relevance"
    unit: Unit = "article"
    cursor: str | None = None

    @classmethod
    def of(cls, values: "Mapping[str, str]", pairs: "list[tuple[str, str]]") -> "Asked":
        """Read it from the parameters of an address; what is unknown there is passed over."""
        chosen = tuple(dict.fromkeys((f, v.strip()) for f, v in pairs if f in FILTERS and v.strip()))
        return cls(
            q=values.get("q", "").strip(),
            filters=chosen,
            sort="date" if values.get("sort") == "date" else "relevance",
            unit="event" if values.get("unit") == "event" else "article",
            cursor=values.get("cursor") or None,
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing at all was asked."""
        return not self.typed and not self.filters

    @property
    def typed(self) -> str:
        """What was typed; nothing where that was everything."""
        return "" if self.q == EVERYTHING else self.q

    def address(self, path: str = "/") -> str:
        """Where this search is."""
        values = [("q", self.q), *self.filters]
        values += [("sort", self.sort)] if self.sort != "relevance" else []
        values += [("unit", self.unit)] if self.unit != "article" else []
        values += [("cursor", self.cursor or "")]
        said = urlencode([(name, value) for name, value in values if value])
        return f"{path}?{said}" if said else path

    def with_filter(self, name: str, value: str) -> "Asked":
        """Narrowed by one more filter, from its first page on."""
        if (name, value) in self.filters:
            return replace(self, cursor=None)
        others = tuple(f for f in self.filters if f[0] != "on" or name != "on")
        return replace(self, filters=(*others, (name, value)), cursor=None)

    def without_filter(self, name: str, value: str) -> "Asked":
        """Without one filter, from its first page on."""
        left = tuple(f for f in self.filters if f != (name, value))
        return replace(self, filters=left, cursor=None)

    def at(self, cursor: str | None) -> "Asked":
        """The same at another page."""
        return replace(self, cursor=cursor)

    def changed(self, *, sort: Sort | None = None, unit: Unit | None = None) -> "Asked":
        """In another order or unit, from its first page on."""
        return replace(self, sort=sort or self.sort, unit=unit or self.unit, cursor=None)


@dataclass(frozen=True, slots=True)
class Read:
    """A search that could be read: its tree, and the one query that says it all (empty: everything)."""

    query: Query | None
    text: str
    asked: Asked = field(default_factory=Asked)

    def search(self, *, limit: int = PAGE, facets: tuple[str, ...] = (), timeline: bool = False) -> Search:
        """What the index is asked."""
        asked = self.asked
        return Search(
            query=self.query,
            limit=limit,
            cursor=asked.cursor,
            sort=asked.sort,
            unit=asked.unit,
            facets=facets,
            timeline=timeline,
        )


class BadFilter(ValueError):
    """A filter in the address that no page of ours would make; says which and what is wrong with it."""


def read(asked: Asked, now: datetime, names: Names) -> Read:
    """Read what was typed and clicked. Raises QueryError with a position in what was typed, or BadFilter."""
    typed = parse(asked.typed, now, names) if asked.typed else None
    for name, value in asked.filters:
        try:
            parse(f"{name}:{as_value(value)}", now, names)
        except QueryError as e:
            raise BadFilter(f"the filter {name}: {e.message}; expected {e.expected}") from e
    pieces = list(_pieces(asked, typed))
    text = " ".join(pieces)
    whole = typed if not asked.filters else parse(text, now, names, longest=len(text))
    return Read(whole, text, asked)


def _pieces(asked: Asked, typed: Query | None) -> Iterator[str]:
    if asked.typed:
        yield f"({asked.typed})" if asked.filters and isinstance(typed, Or) else asked.typed
    for name, value in asked.filters:
        yield f"{name}:{as_value(value)}"


def as_value(value: str) -> str:
    """A value as a query has it after `field:`."""
    if _BARE.fullmatch(value):
        return value
    return '"' + _SPECIAL.sub(r"\\\g<0>", value) + '"'
