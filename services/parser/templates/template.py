"""A template: what is known of a source's pages, as an immutable numbered snapshot."""

from collections.abc import Mapping
from typing import Literal

import msgspec

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
    """The furniture of pages that are built alike. `pages` are the marks of those it was learned from."""

    pages: tuple[int, ...]
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
