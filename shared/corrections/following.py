"""The corrections as the compacted topic has them, followed from its beginning on and held in memory."""

import logging

from shared.bus.port import Bus, Record
from shared.bus.whole_topic import WholeTopic
from shared.contracts.messages import CorrectedField, Correction
from shared.contracts.wire import Undecodable, decode
from shared.corrections.keeping import TOPIC

log = logging.getLogger(__name__)


class Followed:
    """What holds now, by article. How far the topic was read is held in memory alone. Not for several threads."""

    def __init__(self, bus: Bus) -> None:
        self._topic = WholeTopic(bus, TOPIC)
        self._held: dict[str, dict[CorrectedField, Correction]] = {}
        self._touched: dict[str, None] = {}

    def catch_up(self) -> None:
        """Take over everything that was published until now. Raises BusUnavailable; what was read is kept."""
        for record in self._topic.news():
            self._take(record)

    def of(self, article: str) -> tuple[Correction, ...]:
        """What readers said of an article."""
        return tuple(self._held.get(article, {}).values())

    def touched(self, most: int) -> list[str]:
        """Up to so many articles that something new was read of, longest ago first; each is told once."""
        found = list(self._touched)[:most]
        for article in found:
            del self._touched[article]
        return found

    def _take(self, record: Record) -> None:
        try:
            correction: Correction = decode(record).message
        except Undecodable as e:
            log.error("correction %s cannot be read and changes nothing: %s", record.key, e)
            return
        fields = self._held.setdefault(correction.article, {})
        if correction.withdrawn:
            fields.pop(correction.field, None)
        else:
            fields[correction.field] = correction
        if not fields:
            del self._held[correction.article]
        self._touched[correction.article] = None
