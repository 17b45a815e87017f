"""Sources as the store keeps them, as JSON.

`sources` holds those that were added by page, API or command (the sources file and the catalogue come with the
program); labels `enabled`. `source-states` holds what the crawler knows of each; labels `health`.
"""

from datetime import datetime
from typing import Literal

import msgspec

from shared.contracts.article import Struct
from shared.contracts.messages import Source
from shared.store.port import Write

SOURCES = "sources"
SOURCE_STATES = "source-states"

# new: not looked at yet; quarantined: looked at rarely after many failures.
Health = Literal["new", "ok", "failing", "quarantined", "disabled"]


class SavedSource(Struct, frozen=True, kw_only=True):
    """A source as last set by a person. `removed` takes out one that the catalogue or the file names."""

    source: Source
    removed: bool = False
    changed_at: datetime


class SourceState(Struct, frozen=True, kw_only=True):
    """What the crawler knows of a source. `says` is the last look in words; times are UTC.

    `source` is the source itself as it stood then: whoever lists these states needs no other list.
    `etag` and `last_modified` make the next request to `answered_url` conditional; `interval` is seconds between
    looks now. `registered_at` divides news from what was there before: older entries travel in backfill.
    `moved_to` is polled instead of the source's own address: it moved for good, or its feed was found there.
    """

    id: str
    source: Source | None = None
    health: Health = "new"
    says: str = ""
    registered_at: datetime
    polled_at: datetime | None = None
    next_poll: datetime | None = None
    ok_at: datetime | None = None
    last_new_at: datetime | None = None
    interval: float = 1800.0
    failures: int = 0
    kind: str | None = None
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_sha256: str | None = None
    answered_url: str | None = None
    entries_seen: int = 0
    entries_new: int = 0
    moved_to: str | None = None


decode_saved_source = msgspec.json.Decoder(SavedSource).decode
decode_source_state = msgspec.json.Decoder(SourceState).decode


def saved_source_write(saved: SavedSource) -> Write:
    """The write that keeps a source."""
    labels = {"enabled": "yes" if saved.source.enabled and not saved.removed else "no"}
    return Write(SOURCES, saved.source.id, msgspec.json.encode(saved), labels)


def source_state_write(state: SourceState) -> Write:
    """The write that keeps what is known of a source."""
    return Write(SOURCE_STATES, state.id, msgspec.json.encode(state), {"health": state.health})
