"""Every topic in one table: what a message is, its key, who writes and reads it, and how it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from shared.bus.port import TopicSettings
from shared.contracts import messages as m
from shared.contracts.article import Struct

KiB, MiB = 1024, 1024 * 1024
BACKFILL = "-backfill"


@dataclass(frozen=True, slots=True)
class Topic:
    """`schemas` maps each version of the message still on the wire to its type; the highest is written."""

    name: str
    says: str
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    schemas: dict[int, type[Struct]]
    partitions: int
    retention: timedelta | None
    max_bytes: int = MiB
    two_lanes: bool = False
    compacted: bool = False
    outcomes: bool = field(default=True, kw_only=True)

    @property
    def version(self) -> int:
        """The version that is written today."""
        return max(self.schemas)

    def lanes(self) -> tuple[str, ...]:
        """The live lane, then the backfill lane where there is one."""
        return (self.name, self.name + BACKFILL) if self.two_lanes else (self.name,)


days = timedelta(days=1)

TOPICS: dict[str, Topic] = {
    t.name: t
    for t in (
        Topic(
            "fetch-requests",
            "poll this source, or fetch this page",
            key="host",
            producers=("crawler",),
            consumers=("crawler",),
            schemas={1: m.FetchRequest},
            partitions=12,
            retention=7 * days,
            max_bytes=256 * KiB,
            two_lanes=True,
        ),
        Topic(
            "fetched",
            "one document as fetched: bytes, headers, feed entry, provenance",
            key="requested URL, normalised",
            producers=("crawler", "ingest", "learner", "parser"),
            consumers=("parser", "learner", "archiver"),
            schemas={1: m.FetchedDocument},
            partitions=12,
            retention=7 * days,
            max_bytes=6 * MiB,
            two_lanes=True,
        ),
        # One partition: the events service needs to see every article, so one member works and others stand by.
        Topic(
            "parsed",
            "text, metadata, classification, facts, near-duplicate signature",
            key="article id",
            producers=("parser",),
            consumers=("events",),
            schemas={1: m.ParsedArticle},
            partitions=1,
            retention=7 * days,
            max_bytes=6 * MiB,
            two_lanes=True,
        ),
        Topic(
            "articles",
            "the same with event and duplicate_of set, or a new revision",
            key="article id",
            producers=("events",),
            consumers=("indexer", "alerter"),
            schemas={1: m.ArticleUpdate},
            partitions=12,
            retention=30 * days,
            max_bytes=6 * MiB,
            two_lanes=True,
        ),
        Topic(
            "alerts",
            "one delivery to make",
            key="subscription id",
            producers=("alerter",),
            consumers=("delivery",),
            schemas={1: m.Alert},
            partitions=12,
            retention=30 * days,
            max_bytes=6 * MiB,
        ),
        Topic(
            "outcomes",
            "what one step did with one message",
            key="URL",
            producers=("every runner",),
            consumers=("indexer",),
            schemas={1: m.StepOutcome},
            partitions=12,
            retention=7 * days,
            max_bytes=64 * KiB,
            outcomes=False,
        ),
        Topic(
            "subscriptions",
            "the latest state of an alert",
            key="subscription id",
            producers=("dashboard", "command"),
            consumers=("alerter",),
            schemas={1: m.Subscription},
            partitions=1,
            retention=None,
            max_bytes=256 * KiB,
            compacted=True,
            outcomes=False,
        ),
        Topic(
            "corrections",
            "what a reader put right in an article's labels",
            key="correction id",
            producers=("dashboard", "command"),
            consumers=("events",),
            schemas={1: m.Correction},
            partitions=1,
            retention=None,
            max_bytes=256 * KiB,
            compacted=True,
            outcomes=False,
        ),
        Topic(
            "deletions",
            "a tombstone for an address or a source",
            key="deletion id",
            producers=("dashboard", "command"),
            consumers=("events", "indexer", "alerter"),
            schemas={1: m.Deletion},
            partitions=1,
            retention=None,
            max_bytes=256 * KiB,
            compacted=True,
            outcomes=False,
        ),
        # Larger than any other, so that a message and the account of its failure fit together.
        Topic(
            "dead-letters",
            "a message that could not be handled, with where it stood and the error",
            key="original key",
            producers=("every runner",),
            consumers=("operator",),
            schemas={1: m.DeadLetter},
            partitions=1,
            retention=90 * days,
            max_bytes=9 * MiB,
            outcomes=False,
        ),
    )
}


def topic_of(name: str) -> Topic:
    """The topic a lane belongs to. Raises `KeyError` for a name that is in no row of the table."""
    return TOPICS[name.removesuffix(BACKFILL)]


def bus_topics() -> Iterator[TopicSettings]:
    """The table as the bus needs it: one entry per lane."""
    for topic in TOPICS.values():
        for lane in topic.lanes():
            yield TopicSettings(
                name=lane,
                partitions=topic.partitions,
                retention=topic.retention,
                compacted=topic.compacted,
                max_bytes=topic.max_bytes,
                backfill=lane.endswith(BACKFILL),
            )
