"""What passes the topic `articles`, as it passes: read once for everybody who listens, without a consumer group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from shared.bus.port import Bus, Partition, Record
from shared.contracts.article import Article
from shared.contracts.messages import ArticleUpdate
from shared.contracts.wire import Undecodable, decode
from shared.query.ast import Query
from shared.query.evaluate import SearchDocument, matches
from shared.rights import shown

TOPIC = "articles"
NEWS = ("new", "revision")
# An article may have megabytes: few at a time.
READ_AT_ONCE = 20

# For every partition the next offset to read.
Positions = Mapping[Partition, int]


@dataclass(frozen=True)
class Passed:
    """An article that passed. `positions` is where to go on after it."""

    update: ArticleUpdate
    positions: Positions

    @property
    def id(self) -> str:
        """Its id in the stream; whoever shows it again goes on after it."""
        return id_of(self.positions)

    @cached_property
    def whole(self) -> bytes:
        """As the API tells it, rights applied."""
        return msgspec.json.encode({"change": self.update.change, "article": shown(self.update.article)})

    @cached_property
    def brief(self) -> bytes:
        """Its head alone, to be counted or listed."""
        return msgspec.json.encode({"change": self.update.change, "article": _head(self.update.article)})

    @cached_property
    def _document(self) -> SearchDocument:
        return SearchDocument.of_article(self.update.article)

    def matches(self, query: Query | None) -> bool:
        """Whether somebody who asked for this is told."""
        return query is None or matches(query, self._document)


def _head(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "language": article.language,
        "source": article.source,
        "published_at": article.published_at,
        "event": article.event,
        "duplicate_of": article.duplicate_of,
    }


def ends(bus: Bus) -> dict[Partition, int]:
    """Where the topic ends now. Raises BusUnavailable."""
    return {place: end for place, (_, end) in sorted(bus.ends(TOPIC).items())}


def kept(bus: Bus) -> dict[Partition, tuple[int, int]]:
    """The first offset that is kept, and where the topic ends. Raises BusUnavailable."""
    return dict(sorted(bus.ends(TOPIC).items()))


def passed(bus: Bus, start: Positions, end: Positions) -> Iterator[Passed]:
    """The news between two places, in the order it was written. Raises BusUnavailable."""
    records = [
        record for place in sorted(end) for record in _between(bus, place, start.get(place, 0), end[place])
    ]
    at = dict(start)
    for record in sorted(records, key=lambda r: (r.timestamp, r.place, r.offset)):
        at[record.place] = record.offset + 1
        update = _update(record)
        if update and update.change in NEWS:
            yield Passed(update, dict(at))


def _between(bus: Bus, place: Partition, start: int, end: int) -> Iterator[Record]:
    while start < end:
        records: Sequence[Record] = bus.read(place, start, min(READ_AT_ONCE, end - start))
        yield from (record for record in records if record.offset < end)
        start = records[-1].offset + 1 if records else end


def _update(record: Record) -> ArticleUpdate | None:
    try:
        found: ArticleUpdate = decode(record).message
    except Undecodable:  # the indexer tells of it, and the dead letters have it
        return None
    return found


def id_of(positions: Positions) -> str:
    """Positions as an id: the offsets in the order of the partitions, with dots between."""
    return ".".join(str(positions[place]) for place in sorted(positions))


def positions_of(id: str, ends: Positions) -> dict[Partition, int] | None:
    """The positions that an id stands for; None for one that this topic did not give."""
    parts = id.split(".")
    if len(parts) != len(ends) or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
        return None
    return {place: int(part) for place, part in zip(sorted(ends), parts, strict=True)}
