"""A query cut into its pieces, with their positions."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

import regex

Kind = Literal["word", "quoted", "field", "open", "close", "and", "or", "not", "end"]

QUOTES = '"＂“”„‟«»「」『』'
# In Hebrew the same sign between two letters is part of an abbreviation (אונסק"ו) and no quote.
_INNER_QUOTE = rf"(?<=\p{{Hebrew}})[{QUOTES}](?=\p{{Hebrew}})"
_BARE = rf"(?:[^\s(){QUOTES}]|{_INNER_QUOTE})++"
_PIECES = regex.compile(
    rf"(?P<space>\s+)"
    rf"|(?P<open>\()"
    rf"|(?P<close>\))"
    rf"|(?P<quoted>[{QUOTES}](?P<inner>(?:\\.|[^\\{QUOTES}]|{_INNER_QUOTE})*+)[{QUOTES}])"
    rf"|(?P<unclosed>[{QUOTES}])"
    rf"|(?P<not>-(?=[^\s)]))"
    rf"|(?P<field>[A-Za-z_]+):(?!/)"
    rf"|(?P<word>{_BARE})",
    regex.DOTALL,
)
# Directly after `field:` operators and further colons are part of the value: country:OR, event:a:b, title:-.
_VALUE = regex.compile(_BARE)
_ESCAPED = regex.compile(r"\\(.)", regex.DOTALL)
_OPERATORS: dict[str, Kind] = {"AND": "and", "OR": "or", "NOT": "not"}
# How much of a long query is shown around an error.
_SHOWN = 40


class QueryError(ValueError):
    """A query that cannot be read: where (code points from its beginning), what was expected there, and what is wrong."""

    def __init__(self, position: int, expected: str, message: str) -> None:
        super().__init__(f"{message} (at character {position + 1}); expected {expected}")
        self.position = position
        self.expected = expected
        self.message = message

    def pointed(self, source: str) -> str:
        """The query around the place with a caret under it, then the message. Takes two lines for the query."""
        begin = max(0, self.position - _SHOWN)
        end = self.position + _SHOWN
        before = ("… " if begin else "") + _printable(source[begin : self.position])
        after = _printable(source[self.position : end]) + (" …" if end < len(source) else "")
        return f"  {before}{after}\n  {' ' * _columns(before)}^\n{self}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _columns(text: str) -> int:
    """How wide a terminal draws the text: ideographs take two columns, marks none (Unicode TR11)."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me") for c in text)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece of a query; `start` and `end` count code points, half-open. A quoted one has its inside as text."""

    kind: Kind
    text: str
    start: int
    end: int


def lexemes(source: str) -> list[Lexeme]:
    """The pieces in order, closed by one of kind `end`. Raises QueryError for a quote that is not closed."""
    found: list[Lexeme] = []
    at = 0
    while at < len(source):
        if (
            found
            and found[-1].kind == "field"
            and at == found[-1].end
            and (value := _VALUE.match(source, at))
        ):
            found.append(Lexeme("word", value[0], at, value.end()))
            at = value.end()
            continue
        match = _PIECES.match(source, at)
        if match is None or match["unclosed"]:
            raise QueryError(at, "a closing quote", "this quote is not closed")
        if not match["space"]:
            found.append(_lexeme(match))
        at = match.end()
    found.append(Lexeme("end", "", len(source), len(source)))
    return found


def _lexeme(match: "regex.Match[str]") -> Lexeme:
    start, end = match.span()
    if match["quoted"]:
        return Lexeme("quoted", _ESCAPED.sub(r"\1", match["inner"]), start, end)
    if match["field"]:
        return Lexeme("field", match["field"], start, end)
    text = match[0]
    if match["word"]:
        return Lexeme(_OPERATORS.get(text, "word"), text, start, end)
    kinds: dict[str, Kind] = {"(": "open", ")": "close", "-": "not"}
    return Lexeme(kinds[text], text, start, end)
