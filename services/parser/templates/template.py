"""A template: what is known of a source's pages, as an immutable numbered snapshot, and what it says of one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from services.parser.lines import Line, is_body, same_headline
from services.parser.templates.fingerprint import fingerprint
from services.parser.templates.sketch import Piece
from shared.contracts.article import Struct

Where = Literal["anywhere", "edge"]


class LearnedLine(Struct, frozen=True, array_like=True):
    """A line that is furniture: on `pages` of `of` pages, at these paths.

    `anywhere` goes wherever it stands at one of its paths; `edge` only above the first and below the last line of
    the article.
    """

    text: int
    paths: tuple[int, ...]
    pages: int
    of: int
    where: Where


class LearnedGroup(Struct, frozen=True, kw_only=True):
    """The furniture of pages that are built alike, as of the page fetched at `at`."""

    at: datetime
    lines: tuple[LearnedLine, ...]


class Template(Struct, frozen=True, kw_only=True):
    """What is known of a source's pages, by group. A number is never given twice."""

    source: str
    number: int
    groups: Mapping[str, LearnedGroup]

    @property
    def id(self) -> str:
        """As the articles name it."""
        return snapshot_id(self.source, self.number)


def snapshot_id(source: str, number: int) -> str:
    """The name of a source's template of this number."""
    return f"{source}/{number}"


encode_template = msgspec.json.Encoder().encode
decode_template = msgspec.json.Decoder(Template).decode


@dataclass(frozen=True, slots=True)
class Learned:
    """What a template says of one page. `here` tells where on the page each of the learned lines stands."""

    lines: Mapping[int, LearnedLine]
    here: Mapping[int, frozenset[int]]

    def reasons(self, lines: Sequence[Line], title: str = "") -> tuple[str, ...]:
        """For each line of the document why it is furniture, or nothing. Lines that may be the article's stay."""
        known = [self._known(line.text, title) for line in lines]
        own = [i for i, line in enumerate(lines) if known[i] is None and is_body(line.text)]
        first, last = (own[0], own[-1]) if own else (0, len(lines))
        return tuple(
            _reason(found) if found and (not first <= i <= last or self._goes(found)) else ""
            for i, found in enumerate(known)
        )

    def furniture(self, text: str) -> bool:
        """Whether a line is known to recur, wherever it stands."""
        return self._known(text, "") is not None

    def _known(self, text: str, title: str) -> LearnedLine | None:
        if not self.lines or (title and same_headline(text, title)):
            return None
        found = fingerprint(text)
        return self.lines.get(found.value) if found else None

    def _goes(self, line: LearnedLine) -> bool:
        """Whether a line goes even from between the article's own: it does not stand among those as well."""
        return line.where == "anywhere" and self.here.get(line.text, frozenset()) <= set(line.paths)


NOTHING = Learned({}, {})


def _reason(line: LearnedLine) -> str:
    return f"learned: on {line.pages} of {line.of} pages of this source"


def applied(template: Template | None, group: str, pieces: Sequence[Piece]) -> Learned:
    """What a template says of a page of this group, made of these pieces."""
    known = template.groups.get(group) if template else None
    if known is None:
        return NOTHING
    lines = {line.text: line for line in known.lines}
    here: dict[int, set[int]] = {}
    for piece in pieces:
        found = fingerprint(piece.text)
        if found and found.value in lines:
            here.setdefault(found.value, set()).add(piece.path)
    return Learned(lines, {text: frozenset(paths) for text, paths in here.items()})
