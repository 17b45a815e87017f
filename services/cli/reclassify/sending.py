"""Writing new labels: through the pipeline, behind the news, no faster than it takes them, and on from where it stopped."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from services.cli.reclassify.alerts import Changed, Matching
from shared.bus.port import Bus
from shared.contracts.article import Struct
from shared.contracts.messages import ParsedArticle
from shared.contracts.topics import BACKFILL
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.store.port import Store, Write

COLLECTION = "reclassify"
ID = "run"
SENT_AT_ONCE = 20
# Messages that may wait for the events service; more would only keep them waiting there.
MOST_WAITING = 200
LOOK_EVERY = 0.2
# An article names no more subscriptions to be told than this.
MOST_TOLD = 10_000
# Later on there are other articles before the place where it was stopped.
RESUMED_WITHIN = timedelta(days=1)


class Run(Struct, frozen=True, kw_only=True):
    """A run that was begun: by which rules and of which articles (`key`), and the last article that was sent."""

    key: str
    after: str = ""
    sent: int = 0
    at: datetime


class Stuck(Exception):
    """Nothing moves any more; says what waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait: `watch` is called meanwhile, and after `timeout` seconds without any progress it is given up."""

    watch: Callable[[], None]
    timeout: float


def begun(store: Store, key: str, now: datetime) -> Run | None:
    """The run with these rules and articles that did not come to its end; None when there is none of late."""
    stored = store.get(COLLECTION, ID)
    if stored is None:
        return None
    try:
        found = msgspec.json.decode(stored.body, type=Run)
    except msgspec.DecodeError:  # another version of this program left it
        return None
    return found if found.key == key and now - found.at < RESUMED_WITHIN else None


def finished(store: Store) -> None:
    """The run has come to its end."""
    store.delete(COLLECTION, ID)


def send(
    bus: Bus, store: Store, run: Run, changed: Iterable[Changed], tell: Matching | None, waiting: Waiting
) -> Generator[int, None, None]:
    """Send the new labels; yields how many are sent. Raises Stuck, BusUnavailable, StoreUnavailable.

    With `tell`, subscriptions that an article would newly match are told of it; without, nobody is.
    """
    producer = bus.producer()
    try:
        for batch in _batches(changed):
            wait_for(bus, "events", "parsed", MOST_WAITING, waiting)
            records = []
            for each, parsed in batch:
                if tell:
                    gained, _ = tell.gained_and_lost(each)
                    parsed = replace(parsed, tell=tuple(gained[:MOST_TOLD]))
                id = derived_id("reclassify", run.key, parsed.article.id, parsed.article.fetched_at)
                outgoing = Outgoing("parsed", parsed.article.id, parsed, "backfill")
                records.append(
                    encode(outgoing, message_id=id, traceparent=new_traceparent(), mode="backfill")
                )
            producer.produce(records)
            run = replace(run, after=batch[-1][0].before.id, sent=run.sent + len(batch))
            store.put(Write(COLLECTION, ID, msgspec.json.encode(run)))
            yield len(batch)
    finally:
        producer.close()


def wait_for(bus: Bus, group: str, topic: str, most: int, waiting: Waiting) -> None:
    """Wait until no more than so many messages behind the news wait for a group. Raises Stuck, BusUnavailable."""
    lanes = [topic + BACKFILL]
    last, moved = -1, time.monotonic()
    while (left := sum(bus.lag(group, lanes).values())) > most:
        waiting.watch()
        if left != last:
            last, moved = left, time.monotonic()
        if time.monotonic() - moved > waiting.timeout:
            raise Stuck(
                f"{left} messages wait for '{group}' and nothing has moved for {waiting.timeout:g} s: see "
                "'heritage-wire status', then say 'reclassify --apply' again to go on from here"
            )
        time.sleep(LOOK_EVERY)


def _batches(changed: Iterable[Changed]) -> Iterator[list[tuple[Changed, ParsedArticle]]]:
    batch: list[tuple[Changed, ParsedArticle]] = []
    for each in changed:
        if each.parsed is None:  # its event follows from the others
            continue
        batch.append((each, each.parsed))
        if len(batch) == SENT_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
