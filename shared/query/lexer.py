"""A query cut into its pieces, with their positions."""

from dataclasses import dataclass
from typing import Literal

import regex

Kind = Literal["word", "quoted", "field", "open", "close", "and", "or", "not", "end"]

_QUOTES = '"“”„‟«»'
_PIECES = regex.compile(
    rf"(?P<space>\s+)"
    rf"|(?P<open>\()"
    rf"|(?P<close>\))"
    rf"|(?P<quoted>[{_QUOTES}](?P<inner>(?:\\.|[^\\{_QUOTES}])*+)[{_QUOTES}])"
    rf"|(?P<unclosed>[{_QUOTES}])"
    rf"|(?P<not>-(?=[^\s)]))"
    rf"|(?P<field>[A-Za-z_]+):(?=[^\s/]|\s|$)"
    rf"|(?P<word>[^\s(){_QUOTES}]+)",
    regex.DOTALL,
)
_OPERATORS: dict[str, Kind] = {"AND": "and", "OR": "or", "NOT": "not"}


class QueryError(ValueError):
    """A query that cannot be read: where (code points from its beginning), what was expected there, and what is wrong."""

    def __init__(self, position: int, expected: str, message: str) -> None:
        super().__init__(f"{message} (at {position + 1}); expected {expected}")
        self.position = position
        self.expected = expected
        self.message = message

    def pointed(self, source: str) -> str:
        """The query with a caret under the place, and the message."""
        line = source.replace("\n", " ").replace("\t", " ")
        return f"  {line}\n  {' ' * self.position}^\n{self}"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece of a query; `start` counts code points."""

    kind: Kind
    text: str
    start: int


def lexemes(source: str) -> list[Lexeme]:
    """The pieces in order, closed by one of kind `end`. Raises QueryError for a quote that is not closed."""
    found: list[Lexeme] = []
    at = 0
    while at < len(source):
        match = _PIECES.match(source, at)
        if match is None or match["unclosed"]:
            raise QueryError(at, "a closing quote", "this quote is not closed")
        if not match["space"]:
            found.append(_lexeme(match, at))
        at = match.end()
    found.append(Lexeme("end", "", len(source)))
    return found


def _lexeme(match: "regex.Match[str]", at: int) -> Lexeme:
    if match["quoted"]:
        return Lexeme("quoted", regex.sub(r"\\(.)", r"\1", match["inner"]), at)
    if match["field"]:
        return Lexeme("field", match["field"], at)
    text = match[0]
    if match["word"]:
        return Lexeme(_OPERATORS.get(text, "word"), text, at)
    kinds: dict[str, Kind] = {"(": "open", ")": "close", "-": "not"}
    return Lexeme(kinds[text], text, at)
