"""Corrections: the one place that checks, keeps, publishes and withdraws them, for page, API and command.

The collection `corrections` of the store is what people see, at once; the compacted topic of the same name is what the
events service follows. A correction is kept first and published then; one that was kept and could not be published is
published by `publish_pending`, which the events service calls now and then. There is one for each field of an article:
the latest takes the place of those before it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import get_args

import msgspec
from msgspec.structs import replace

from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.messages import CorrectedField, Correction
from shared.published_state import publish_state
from shared.store.port import Store, Stored, VersionConflict, Write

COLLECTION = TOPIC = "corrections"
FIELDS: tuple[CorrectedField, ...] = get_args(CorrectedField)
# Two people at one article at the same moment; more tries than this is a fault of ours.
TRIES = 10

_decode = msgspec.json.Decoder(Correction).decode


class UnknownCorrection(LookupError):
    """There is no correction with this id, or it was withdrawn."""

    def __init__(self, id: str) -> None:
        super().__init__(
            f"there is no correction {id!r}; 'heritage-wire corrections list' names those there are"
        )


def correction_id(article: str, field: CorrectedField) -> str:
    """The id of the correction of a field of an article."""
    return f"{article}.{field}"


class Corrections:
    """The corrections there are. Every method may raise StoreUnavailable, those that change one BusUnavailable too."""

    def __init__(self, bus: Bus, store: Store, clock: Clock) -> None:
        self._bus = bus
        self._store = store
        self._clock = clock

    def keep(
        self, article: str, field: CorrectedField, was: Sequence[str], right: Sequence[str], note: str = ""
    ) -> Correction:
        """Keep what a reader says, in place of what was said of this field before.

        `was` is what the article has now. Where it was corrected before, what the program had found then stays.
        """
        id = correction_id(article, field)
        before = self.get(id)
        made = Correction(
            id=id,
            article=article,
            field=field,
            was=before.was if before else tuple(was),
            right=tuple(right),
            note=note,
            at=self._clock(),
        )
        self._store.put(_write(made, published=False))
        self._publish(id)
        return made

    def withdraw(self, id: str) -> Correction:
        """End a correction: what the program finds holds again. Raises UnknownCorrection."""
        for _ in range(TRIES):
            stored = self._store.get(COLLECTION, id)
            before = _decode(stored.body) if stored else None
            if stored is None or before is None or before.withdrawn:
                raise UnknownCorrection(id)
            ended = replace(before, withdrawn=True, at=self._clock())
            try:
                self._store.put(_write(ended, published=False, expected=stored.version))
            except VersionConflict:
                continue
            self._publish(id)
            return ended
        raise RuntimeError(f"{COLLECTION}/{id} changes without end")

    def get(self, id: str) -> Correction | None:
        """A correction that holds."""
        stored = self._store.get(COLLECTION, id)
        found = _decode(stored.body) if stored else None
        return None if found is None or found.withdrawn else found

    def of_article(self, article: str) -> list[Correction]:
        """Those of an article that hold, at most one for each field."""
        ids = [correction_id(article, field) for field in FIELDS]
        kept = self._store.get_many(COLLECTION, ids)
        found = [_decode(kept[id].body) for id in ids if id in kept]
        return [correction for correction in found if not correction.withdrawn]

    def all(self) -> Iterator[Correction]:
        """Every correction that holds, by article. One made in the last second may be missing."""
        return (_decode(stored.body) for stored in self._store.list(COLLECTION, {"state": "live"}))

    def publish_pending(self) -> int:
        """Publish what was kept and not published, because somebody was stopped in between; how many there were."""
        pending = [stored.id for stored in self._store.list(COLLECTION, {"published": "no"})]
        for id in pending:
            self._publish(id)
        return len(pending)

    def _publish(self, id: str) -> None:
        publish_state(self._bus, self._store, COLLECTION, id, TOPIC, _decode, self._settled)

    def _settled(self, stored: Stored) -> bool:
        """Note that this version is published; False when there is a later one, which has to follow it."""
        try:
            self._store.put(_write(_decode(stored.body), published=True, expected=stored.version))
        except VersionConflict:
            return False
        return True


def newest(corrections: Sequence[Correction]) -> datetime | None:
    """When the last of them was made."""
    return max((correction.at for correction in corrections), default=None)


def _write(correction: Correction, *, published: bool, expected: int | None = None) -> Write:
    labels = {
        "article": correction.article,
        "state": "withdrawn" if correction.withdrawn else "live",
        "published": "yes" if published else "no",
    }
    return Write(COLLECTION, correction.id, msgspec.json.encode(correction), labels, expected)
