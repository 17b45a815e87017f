"""When a source is looked at again, and what is said of it. Pure functions of state and time.

A source without an interval of its own starts at 30 minutes; news halves the wait, silence makes it longer. A failure
waits twice as long as the one before, until the source is set aside (quarantined) and tried once a day.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from shared.contracts.messages import Source
from shared.contracts.sources import SourceState

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_UNITS = (("day", DAY), ("hour", HOUR), ("minute", MINUTE))
START = 30 * MINUTE
LEAST = 10 * MINUTE
MOST = 6 * HOUR
# A source that had nothing new for so long is looked at once a day.
QUIET_AFTER = timedelta(days=14)
MOST_QUIET = DAY
FASTER, SLOWER = 0.5, 1.25
# Waits that servers ask for are kept up to here: a cache that holds for a year says nothing about news.
LONGEST_TOLD = DAY

FIRST_RETRY = 5 * MINUTE
LONGEST_RETRY = 6 * HOUR
QUARANTINE_AFTER = 10
QUARANTINE = DAY
# While nothing at all can be reached the fault is not the source's: it is tried at least so often.
LONGEST_ALONE = 30 * MINUTE
LONGEST_LINE = 300
_JOINERS = "\u200c\u200d"  # Persian and Indian scripts are not written without them
# Failures at an address that a source was sent on to, after which its own is asked again.
GIVE_UP_MOVED = 3


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a source brought. `unchanged`: the server said so, or sent the same bytes.

    `at_least` is the wait in seconds that the feed or the server's caching asks for.
    """

    unchanged: bool = False
    kind: str | None = None
    title: str | None = None
    entries: int = 0
    new: int = 0
    etag: str | None = None
    last_modified: str | None = None
    content_sha256: str | None = None
    answered_url: str | None = None
    at_least: float = 0.0


def first_state(source: Source, registered_at: datetime) -> SourceState:
    """The state of a source that was never looked at: due at once."""
    return SourceState(
        id=source.id,
        source=source,
        says="not looked at yet",
        registered_at=registered_at,
        next_poll=registered_at,
        interval=source.interval or START,
    )


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether it is time to look."""
    return state.next_poll is None or state.next_poll <= now


def asked(state: SourceState, now: datetime) -> SourceState:
    """A look is under way: the next one is not due before this one had its time."""
    return replace(state, next_poll=now + timedelta(seconds=max(state.interval, FIRST_RETRY)))


def adopted(state: SourceState, source: Source, now: datetime) -> SourceState:
    """The state after the source's definition changed; the same object when it did not.

    A source with another address is looked at anew, as one that was switched on again.
    """
    if state.source == source and (state.health == "disabled") is not source.enabled:
        return state
    if not source.enabled:
        return replace(state, source=source, health="disabled", says="switched off", next_poll=None)
    was = state.source
    same_place = was is not None and (was.url, was.kind, was.selector, was.query) == (
        source.url, source.kind, source.selector, source.query,
    )  # fmt: skip
    if same_place and state.health != "disabled":
        return replace(state, source=source, next_poll=_sooner(state, source, now))
    kept = state if same_place else replace(state, etag=None, last_modified=None, content_sha256=None)
    kept = kept if same_place else replace(kept, answered_url=None, moved_to=None, kind=None, title=None)
    return replace(
        kept, source=source, health="new", says="not looked at yet", next_poll=now, failures=0,
        interval=source.interval or START,
    )  # fmt: skip


def _sooner(state: SourceState, source: Source, now: datetime) -> datetime | None:
    """When a source has got a shorter interval, it holds from now on."""
    if source.interval is None or state.next_poll is None:
        return state.next_poll
    return min(state.next_poll, now + timedelta(seconds=source.interval))


def after_success(state: SourceState, source: Source, looked: Looked, now: datetime) -> SourceState:
    """The state after a look that worked."""
    last_new = now if looked.new else state.last_new_at
    interval = source.interval or _adapted(state, looked.new, last_new, now)
    wait = source.interval or max(interval * jitter(source.id), min(looked.at_least, LONGEST_TOLD))
    kept = state
    if not looked.unchanged:
        kept = replace(
            state,
            kind=looked.kind or state.kind,
            title=looked.title or state.title,
            entries_seen=looked.entries,
            content_sha256=looked.content_sha256,
        )
    return replace(
        kept,
        source=source,
        health="ok",
        says=f"{_found(kept, looked)}; next look in {duration(wait)}",
        polled_at=now,
        next_poll=now + timedelta(seconds=wait),
        ok_at=now,
        last_new_at=last_new,
        interval=interval,
        failures=0,
        etag=looked.etag,
        last_modified=looked.last_modified,
        answered_url=looked.answered_url,
        entries_new=looked.new,
    )


def _found(state: SourceState, looked: Looked) -> str:
    count = state.entries_seen if looked.unchanged else looked.entries
    entries = "1 entry" if count == 1 else f"{count} entries"
    if looked.unchanged:
        return f"nothing has changed ({entries})"
    return f"{entries}, {looked.new} new" if looked.new else f"{entries}, none new"


def _adapted(state: SourceState, new: int, last_new: datetime | None, now: datetime) -> float:
    if state.ok_at is None:
        return START
    if new:
        return max(LEAST, state.interval * FASTER)
    quiet = now - (last_new or state.registered_at) > QUIET_AFTER
    return min(MOST_QUIET if quiet else MOST, state.interval * SLOWER)


def after_failure(
    state: SourceState,
    source: Source,
    why: str,
    now: datetime,
    *,
    at_least: float = 0.0,
    nothing_answers: bool = False,
) -> SourceState:
    """The state after a look that failed. `why` is said to people; `at_least` is the wait in seconds asked of us.

    `nothing_answers` says that no other host could be reached either since the last try.
    """
    failures = state.failures + 1
    if nothing_answers:
        failures = min(failures, QUARANTINE_AFTER - 1)
    wait = max(_retry(source, failures), at_least)
    if nothing_answers:
        wait = max(min(wait, LONGEST_ALONE), at_least)
    health: Literal["failing", "quarantined"] = "quarantined" if failures >= QUARANTINE_AFTER else "failing"
    tried = f", {failures} tries so far" if failures > 1 and not nothing_answers else ""
    return replace(
        state,
        source=source,
        health=health,
        says=f"{one_line(why)}; next try in {duration(wait)}{tried}",
        polled_at=now,
        next_poll=now + timedelta(seconds=wait),
        failures=failures,
        moved_to=None if failures >= GIVE_UP_MOVED else state.moved_to,
    )


def _retry(source: Source, failures: int) -> float:
    if failures >= QUARANTINE_AFTER:
        return QUARANTINE
    # A source that is looked at every few seconds need not wait minutes for its first retry.
    first = min(FIRST_RETRY, source.interval or FIRST_RETRY)
    return min(LONGEST_RETRY, first * 2.0 ** (failures - 1))


def one_line(text: str | None) -> str | None:
    """What strangers said, as one line that changes nothing about how the rest is shown."""
    line = " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text or "").split())
    return line[:LONGEST_LINE] or None


def jitter(id: str) -> float:
    """A factor between 0.9 and 1.1 that belongs to a source, so that those added together do not stay together."""
    return 0.9 + 0.2 * int.from_bytes(hashlib.sha256(id.encode()).digest()[:4]) / 2**32


def duration(seconds: float) -> str:
    """In words: 45 seconds, 5 minutes, 100 minutes, 2 hours, 1 day."""
    fitting = (u for u in _UNITS if seconds >= 2 * u[1] or (seconds >= u[1] and seconds % u[1] == 0))
    unit, size = next(fitting, ("second", 1.0))
    count = max(1, round(seconds / size))
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
