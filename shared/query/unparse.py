"""A query tree as text that is read back as the same tree."""

from datetime import datetime

from shared.query.ast import And, Between, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.text import phrase_text


def unparse(query: Query) -> str:
    """The canonical text of a query: `parse(unparse(query)) == query` for every tree that `parse` makes."""
    match query:
        case And(parts):
            return " AND ".join(_grouped(part) for part in parts)
        case Or(parts):
            return " OR ".join(_grouped(part) for part in parts)
        case Not(part):
            return f"NOT {_grouped(part)}"
        case Word(token, scope):
            return _scoped(token, scope)
        case Phrase(row, scope):
            return _scoped(f'"{phrase_text(row)}"', scope)
        case Prefix(token, scope):
            return _scoped(f"{token}*", scope)
        case Keyword(field, value):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'{field}:"{escaped}"'
        case Duplicate():
            return "is:duplicate"
        case Between(start, end):
            return _dates(start, end)


def _grouped(part: Query) -> str:
    return f"({unparse(part)})" if isinstance(part, And | Or) else unparse(part)


def _scoped(text: str, scope: str) -> str:
    return f"title:{text}" if scope == "title" else text


def _dates(start: datetime | None, end: datetime | None) -> str:
    if start and end:
        return f"on:{start.isoformat()}..{end.isoformat()}"
    return f"after:{start.isoformat()}" if start else f"before:{end.isoformat() if end else ''}"
