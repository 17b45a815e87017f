"""Which entries of a source are asked for: new ones and changed ones, each in its lane. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from services.crawler.found import FoundEntry
from shared.contracts.article import Struct
from shared.contracts.sources import SourceState
from shared.contracts.wire import Mode, derived_id
from shared.store.port import Write

COLLECTION = "seen-entries"
# New entries of one look that count as news; what goes beyond travels in backfill.
BUDGET = 200
# A feed with at least so many known entries that all carry a new time, and the same words, stamps them anew each time.
STAMPED = 5
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class SeenEntry(Struct, frozen=True, kw_only=True):
    """An entry as it was when its page was last asked for. `month` (2026-03) is when it last stood in the feed."""

    source: str
    url: str
    fingerprint: str
    updated: datetime | None = None
    month: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be asked for, in which lane, and what is to be remembered of it."""

    asked: Sequence[tuple[FoundEntry, Mode]]
    remember: Sequence[Write]
    new: int


def seen_id(source: str, entry: FoundEntry) -> str:
    """The id of an entry's record."""
    return derived_id(source, entry.url or f"id:{entry.id}")


def choose(
    entries: Iterable[FoundEntry],
    known: Mapping[str, SeenEntry],
    state: SourceState,
    now: datetime,
    *,
    first_look: bool,
) -> Choice:
    """Of the entries found, those that were not asked for yet, or are not as they were.

    `known` holds what is known of these entries, by `seen_id`. At a source's first look, what is older than its registration (or has no date: it was there before us) is backfill.
    """
    month = f"{now:%Y-%m}"
    fresh: list[FoundEntry] = []
    changed: list[FoundEntry] = []
    stamped: list[FoundEntry] = []
    kept: list[FoundEntry] = []
    for entry in entries:
        seen = known.get(seen_id(state.id, entry))
        if seen is None:
            fresh.append(entry)
        elif seen.fingerprint != entry.fingerprint:
            changed.append(entry)
        elif _moved(seen.updated, entry.entry.updated):
            stamped.append(entry)
        elif seen.month != month:
            kept.append(entry)
    # `known` holds records of these entries alone.
    all_stamped = len(stamped) >= STAMPED and len(stamped) + len(changed) == len(known)
    (kept if all_stamped else changed).extend(stamped)
    fresh.sort(key=_newest_first)
    asked: list[tuple[FoundEntry, Mode]] = [(entry, "live") for entry in changed]
    for number, entry in enumerate(fresh):
        asked.append(
            (entry, "backfill" if number >= BUDGET or (first_look and _is_old(entry, state)) else "live")
        )
    writes = [_write(state.id, entry, month) for entry in [*changed, *fresh, *kept]]
    return Choice(asked, writes, len(fresh))


def _newest_first(entry: FoundEntry) -> float:
    published = entry.entry.published or entry.entry.updated
    return -(published or _LONG_AGO).timestamp()


def _is_old(entry: FoundEntry, state: SourceState) -> bool:
    published = entry.entry.published or entry.entry.updated
    return published is None or published < state.registered_at


def _moved(was: datetime | None, now: datetime | None) -> bool:
    return now is not None and (was is None or now > was)


def _write(source: str, entry: FoundEntry, month: str) -> Write:
    seen = SeenEntry(
        source=source,
        url=entry.url,
        fingerprint=entry.fingerprint,
        updated=entry.entry.updated,
        month=month,
    )
    return Write(COLLECTION, seen_id(source, entry), msgspec.json.encode(seen), {"month": month})
