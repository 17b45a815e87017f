"""A query tree as text that is read back as the same tree."""

from datetime import datetime
from types import UnionType

import regex

from shared.query.ast import And, Between, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.lexer import QUOTES
from shared.text import phrase_text

_SPECIAL = regex.compile(rf"[\\{QUOTES}]")


def unparse(query: Query) -> str:
    """The canonical text of a query: `parse(unparse(query)) == query` for every tree that `parse` makes.

    It can be longer than what `parse` takes from people by default: relative dates are written out.
    Raises ValueError for And and Or without parts, which no text says.
    """
    match query:
        case And(parts) | Or(parts) if not parts:
            raise ValueError(f"{type(query).__name__} without parts cannot be written as a query")
        case And(parts):
            return " AND ".join(_grouped(part, And | Or) for part in parts)
        case Or(parts):
            return " OR ".join(_grouped(part, Or) for part in parts)
        case Not(part):
            return f"NOT {_grouped(part, And | Or)}"
        case Word(token, scope):
            return _scoped(token, scope)
        case Phrase(row, scope):
            return _scoped(f'"{phrase_text(row)}"', scope)
        case Prefix(token, scope):
            return _scoped(f"{token}*", scope)
        case Keyword(field, value):
            escaped = _SPECIAL.sub(r"\\\g<0>", value)
            return f'{field}:"{escaped}"'
        case Duplicate():
            return "is:duplicate"
        case Between(start, end):
            return _dates(start, end)


def _grouped(part: Query, kinds: UnionType | type) -> str:
    return f"({unparse(part)})" if isinstance(part, kinds) else unparse(part)


def _scoped(text: str, scope: str) -> str:
    return f"title:{text}" if scope == "title" else text


def _dates(start: datetime | None, end: datetime | None) -> str:
    if start and end:
        return f"on:{start.isoformat()}..{end.isoformat()}"
    if start:
        return f"after:{start.isoformat()}"
    if end:
        return f"before:{end.isoformat()}"
    raise ValueError("dates without a beginning and an end cannot be written as a query")
