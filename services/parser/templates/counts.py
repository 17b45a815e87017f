"""What is kept of a source's pages for learning: per group the newest ones. Merging is a union that keeps the newest,
so the order and the batches in which pages come do not matter, and a page that comes again counts once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zlib import crc32

import msgspec
from msgspec.structs import replace

from services.parser.templates.sketch import Sketch
from shared.contracts.article import Struct
from shared.contracts.wire import derived_id

# Pages of a group that count; what changed on a site is forgotten as they pass.
WINDOW = 24
# Groups of a source; beyond them the ones go that have been silent longest.
MOST_GROUPS = 12
# Pages that are kept whole of each group, to be parsed again; and while parsers may not know a template of it yet,
# as when a hundred pages of a new source come at once.
KEPT_PAGES, MOST_KEPT = 20, 64


class Page(Struct, frozen=True, kw_only=True):
    """A page that was counted: its address, hashed, and when it was fetched."""

    id: str
    at: datetime
    sketch: Sketch

    @property
    def mark(self) -> int:
        """A short mark by which to tell whether a template was learned from this page."""
        return crc32(f"{self.id} {self.at.timestamp()}".encode())

    @property
    def age(self) -> tuple[datetime, str]:
        """The older page has the lesser."""
        return self.at, self.id


class Group(Struct, frozen=True, kw_only=True):
    """Pages built alike, oldest first; `kept` names the first ones, kept whole.

    `known_at` is when the first template that knows the group was made.
    """

    pages: tuple[Page, ...] = ()
    kept: tuple[str, ...] = ()
    known_at: datetime | None = None


class SourceCounts(Struct, frozen=True, kw_only=True):
    """What is counted of a source."""

    source: str
    groups: Mapping[str, Group] = msgspec.field(default_factory=dict)


encode_counts = msgspec.msgpack.Encoder().encode
decode_counts = msgspec.msgpack.Decoder(SourceCounts).decode


def page_id(url: str) -> str:
    """The name of a page among the counted ones."""
    return derived_id(url)


def merge(counts: SourceCounts, pages: Iterable[Page]) -> SourceCounts:
    """The counts with these pages; the same object where they were counted before."""
    groups = dict(counts.groups)
    for page in pages:
        group = groups.get(page.sketch.group, Group())
        groups[page.sketch.group] = replace(group, pages=_with(group.pages, page))
    kept = sorted(groups, key=lambda key: _worth(key, groups[key]), reverse=True)[:MOST_GROUPS]
    merged = {key: groups[key] for key in sorted(kept)}
    return counts if merged == counts.groups else replace(counts, groups=merged)


def _with(pages: tuple[Page, ...], page: Page) -> tuple[Page, ...]:
    """The newest pages of these and one more; of one address the latest fetch."""
    known = {each.id: each for each in pages}
    if page.id not in known or known[page.id].at < page.at:
        known[page.id] = page
    return tuple(sorted(known.values(), key=lambda each: each.age)[-WINDOW:])


def _worth(key: str, group: Group) -> tuple[datetime, str]:
    return group.pages[-1].at, key
