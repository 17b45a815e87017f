"""Names, fields and settings of the indices.

    PREFIX-articles-v1-2025.11-0001     a backing index: fields of version 1, month of first sight, generation
    PREFIX-articles                     alias of everything that is searched now, for Kibana and for rebuilding
    PREFIX-articles-v1                  the same, for readers that know the fields of version 1
    PREFIX-articles-v1-write-2025.11    alias of the one index that takes this month's articles
    PREFIX-articles-next                alias of what a rebuild is filling; only who holds it can put it in service
    PREFIX-deleted                      ids of deleted articles, for a rebuild to leave out

Raise FIELDS with every change to the fields or to the analysis; `rebuild` makes indices of other versions anew.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.index.fields import KEYWORDS
from shared.index.port import FACETS
from shared.text import POSITION_GAP

FIELDS = 1
PREFIX = re.compile(r"[a-z][a-z0-9-]*")
_BACKING = re.compile(r"-(\d{4}\.\d\d)-(\d{4,})")

_ROW = {"type": "text", "analyzer": "whitespace", "position_increment_gap": POSITION_GAP}
_BAG = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_TERMS = {"type": "keyword", "doc_values": False}
_COUNTED = {"type": "keyword", "index": False}
# For people's tools alone: a date they cannot read must not keep an article out.
_DATE = {"type": "date", "ignore_malformed": True}

SEARCH_FIELDS: dict[str, Any] = {
    # Exact tokens with positions, of title and text as two values; then of the title alone.
    "words": _ROW,
    "title": _ROW,
    # The same without positions, because the words that begin with a prefix can only be listed of keywords.
    "tokens": _TERMS,
    "title_tokens": _TERMS,
    "stems": _BAG,
    "title_stems": _BAG,
    "keyword": {"properties": dict.fromkeys(KEYWORDS, _TERMS)},
    "facet": {"properties": dict.fromkeys(FACETS, _COUNTED)},
    "duplicate": {"type": "boolean"},
    # Microseconds since 1970: `date` keeps milliseconds.
    "when": {"type": "long"},
    "day": {"type": "date", "format": "epoch_millis"},
    "id": {"type": "keyword"},
    # The event, or the article itself where it belongs to none.
    "group": {"type": "keyword"},
}

MAPPINGS: dict[str, Any] = {
    "dynamic": False,
    "_source": {"excludes": ["search"]},
    "properties": {
        "search": {"properties": SEARCH_FIELDS},
        "title": {"type": "text"},
        "text": {"type": "text"},
        "published_at": _DATE,
        "first_seen_at": _DATE,
        "fetched_at": _DATE,
    },
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The names under one prefix. `shards` are of each month: one holds up to some fifty gigabytes well."""

    prefix: str
    shards: int = 1

    def __post_init__(self) -> None:
        if not PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"prefix {self.prefix!r}: a name is lower-case letters, digits and hyphens, a letter first"
            )

    @property
    def all(self) -> str:
        """The alias of everything in service, whatever the version of its fields."""
        return f"{self.prefix}-articles"

    @property
    def ours(self) -> str:
        """The alias of everything in service that has the fields of this program."""
        return f"{self.all}-v{FIELDS}"

    @property
    def next(self) -> str:
        """The alias of what a rebuild is filling."""
        return f"{self.all}-next"

    @property
    def deleted(self) -> str:
        """The index of deleted ids."""
        return f"{self.prefix}-deleted"

    @property
    def every(self) -> str:
        """A pattern of all backing indices, in service or not."""
        return f"{self.all}-v*"

    def write(self, month: str) -> str:
        """The alias that takes a month's articles."""
        return f"{self.ours}-write-{month}"

    def backing(self, month: str, generation: int) -> str:
        """The name of a backing index."""
        return f"{self.ours}-{month}-{generation:04}"

    def template(self) -> dict[str, Any]:
        """The index template, as a request's parameters."""
        return {
            "name": self.ours,
            "index_patterns": [f"{self.ours}-*"],
            "priority": 500,
            "version": FIELDS,
            "template": {"settings": self.settings(), "mappings": MAPPINGS},
        }

    def settings(self) -> dict[str, Any]:
        """Settings of a backing index."""
        return {
            "number_of_shards": self.shards,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "1s",
            # What was deleted may come again, in whatever version.
            "gc_deletes": "0s",
        }


def month_of(at: datetime) -> str:
    """The month of an article's first sight, as backing indices are named."""
    day = at.astimezone(UTC)
    return f"{day.year:04}.{day.month:02}"


def month_and_generation(index: str) -> tuple[str, int] | None:
    """What the name of a backing index says; None when it is none."""
    found = _BACKING.search(index)
    return (found[1], int(found[2])) if found and index.endswith(found[0]) else None
