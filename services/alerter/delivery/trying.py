"""One try at sending a parcel: whether now is the time, by which sender, and what came of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.alerter.delivery.parcel import Parcel
from services.alerter.delivery.receivers import Receivers
from services.alerter.delivery.sending import Sender, Sent


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it; or, when the receiver is to be left alone until then, `wait_until` and no try."""

    sent: Sent | None
    ms: float = 0.0
    wait_until: datetime | None = None


class Trying:
    """Sends parcels and learns of their receivers. Any number of threads may call it."""

    def __init__(
        self,
        senders: Mapping[str, Sender],
        receivers: Receivers,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._senders = senders
        self._receivers = receivers
        self._monotonic = monotonic

    def once(self, parcel: Parcel, now: datetime) -> Tried:
        """Try, unless the receiver asked to wait or its place was found silent just now."""
        sender = self._senders[parcel.channel.kind]
        target = f"{parcel.channel.kind}:{parcel.channel.target}"
        place = sender.place(parcel.channel)
        advice = self._receivers.advise(target, place, now)
        if advice.wait_until:
            return Tried(None, wait_until=advice.wait_until)
        if advice.unreachable:
            return Tried(Sent("again", advice.unreachable, reached=False))
        started = self._monotonic()
        sent = sender.send(parcel, now)
        ms = (self._monotonic() - started) * 1000
        self._receivers.learn(target, place, now, sent.reached, sent.not_before)
        return Tried(sent, ms)
