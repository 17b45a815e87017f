"""Journeys: for every address what each step did with it, put together from `outcomes`.

Outcomes of one address may come in any order and more than once; a journey is the set of them, so it comes out
the same. Where it stands follows from the last thing that happened.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from shared.contracts.article import Struct
from shared.contracts.journeys import SOURCE
from shared.contracts.messages import StepOutcome
from shared.contracts.wire import derived_id
from shared.identity import item_address
from shared.store.port import Store, Write

COLLECTION = "journeys"
INDEXED = "indexed"
# States in which nothing more will happen to a document by itself.
ENDED = (INDEXED, "ended", "dead")
# Older steps of a page that changes every hour are dropped; the last ones tell where it stands.
MOST_STEPS = 60
# What a step says of a document that came again and brought nothing new: it stands as it stood.
UNCHANGED = "unchanged"
OLDER = "an older version than the one that is known"
# What the parser says of a document that holds several texts: each goes on under an address of its own.
SPLIT = "split into {} items"
_SPLIT = re.compile(SPLIT.format(r"(\d+)"))
# An article may be sent to thousands: the ledger of deliveries has them all, a journey the last ones.
MOST_ALERTS = 20
ALERTS = "alerts"
READ_AT_ONCE = 200


class Journey(Struct, frozen=True, kw_only=True):
    """What happened to one address, first things first."""

    url: str
    article: str | None = None
    state: str
    reason: str = ""
    steps: tuple[StepOutcome, ...]


def journey_id(url: str) -> str:
    """The id of an address's journey in the store."""
    return derived_id(url)


def put_together(url: str, outcomes: Iterable[StepOutcome]) -> Journey:
    """The journey these outcomes make; the same whatever their order and however often each is told."""
    # Of one message the last try counts, and of a try what was told first: a redelivery finds the work done already
    # ("unchanged"), which is no news.
    of_each = {o.id: o for o in sorted(outcomes, key=lambda o: (o.attempts, -o.at.timestamp()))}
    told = sorted(of_each.values(), key=_when)
    # What becomes of alerts says nothing of where the document stands.
    own = [o for o in told if o.topic != ALERTS]
    last, reason = _decisive(own or told)
    kept = [o for o in own[:-MOST_STEPS] if o is last] + own[-MOST_STEPS:]
    steps = sorted([*kept, *[o for o in told if o.topic == ALERTS][-MOST_ALERTS:]], key=_when)
    article = next((s.article for s in reversed(steps) if s.article), None)
    return Journey(url=url, article=article, state=_state(last), reason=reason, steps=tuple(steps))


def _when(outcome: StepOutcome) -> tuple[datetime, int, str]:
    return outcome.at, outcome.attempts, outcome.id


def _decisive(steps: Sequence[StepOutcome]) -> tuple[StepOutcome, str]:
    """The last step that ended, failed or waits; while there is none, the last that passed it on. With its reason.

    What was indexed and came again with nothing new is still indexed, and the reason says that it came. A message that
    came back since waits no more.
    """
    last_of = {_place(step): step for step in steps}
    told = (
        s
        for s in reversed(steps)
        if s.result != "passed" and (s.result != "retry" or s is last_of[_place(s)])
    )
    last = next(told, steps[-1])
    if last.result == "ended" and last.reason in (UNCHANGED, OLDER):
        stands = next((s for s in reversed(steps) if s.result == "ended" and s.reason == INDEXED), last)
        return stands, last.reason
    return last, last.reason


def _place(step: StepOutcome) -> tuple[str, str, int, int]:
    return step.service, step.topic, step.partition, step.offset


def _state(last: StepOutcome) -> str:
    """One word: `indexed`, `ended` (for another reason), `dead`, `retry` or `under way`."""
    match last.result:
        case "passed":
            return "under way"
        case "ended":
            return INDEXED if last.reason == INDEXED else "ended"
        case result:
            return result


def write_of(journey: Journey) -> Write:
    """How a journey is kept and what it can be listed by."""
    kind = "source" if journey.url.startswith(SOURCE) else "document"
    labels = {"kind": kind, "state": journey.state, f"{kind}-state": journey.state}
    return Write(COLLECTION, journey_id(journey.url), msgspec.json.encode(journey), labels)


def find_journeys(store: Store, urls: Iterable[str]) -> dict[str, Journey]:
    """The journeys of these addresses, by address; those of which nothing is known are left out."""
    ids = [journey_id(url) for url in urls]
    found = [
        msgspec.json.decode(stored.body, type=Journey)
        for start in range(0, len(ids), READ_AT_ONCE)
        for stored in store.get_many(COLLECTION, ids[start : start + READ_AT_ONCE]).values()
    ]
    return {journey.url: journey for journey in found}


def find_journey(store: Store, url: str) -> Journey | None:
    """The journey of an address, or None when nothing is known of it."""
    return find_journeys(store, [url]).get(url)


def items_of(journey: Journey) -> tuple[str, ...]:
    """The addresses of the items that a document was split into; none for others."""
    found = _SPLIT.fullmatch(journey.reason) if journey.state == "ended" else None
    return tuple(item_address(journey.url, n) for n in range(1, int(found[1]) + 1)) if found else ()


def ended(journey: Journey, since: datetime) -> bool:
    """Whether the document came to an end since then, and nothing more will happen to it by itself."""
    own = (s for s in journey.steps if s.topic != ALERTS and s.result != "passed")
    return journey.state in ENDED and any(s.at >= since for s in own)
