"""Webhooks by Standard Webhooks (https://www.standardwebhooks.com), through the guard."""

import dataclasses
from datetime import UTC, datetime
from typing import Protocol

from services.alerter.delivery.parcel import Parcel
from services.alerter.delivery.payload import body
from services.alerter.delivery.schedule import retry_after
from services.alerter.delivery.sending import Sent, one_line
from services.alerter.delivery.signing import signatures
from shared.contracts.messages import Channel
from shared.identity import host_of
from shared.outgoing.answer import DELIVERY, Answer, Limits
from shared.outgoing.errors import OutgoingError, TimedOut, Unreachable

LIMITS = dataclasses.replace(DELIVERY, total=15.0)
GONE = 410
# Answers whose `Retry-After` is an order, not a guess.
BUSY = (429, 503)


class Poster(Protocol):
    """The part of the outgoing client that is needed here."""

    def post(self, url: str, body: bytes, headers: dict[str, str], limits: Limits) -> Answer:
        """Send a body. Raises OutgoingError."""


class WebhookSender:
    """Posts a parcel's JSON, signed with the channel's secret."""

    def __init__(self, client: Poster, limits: Limits = LIMITS) -> None:
        self._client = client
        self._limits = limits

    def place(self, channel: Channel) -> str:
        """The host."""
        try:
            return host_of(channel.target).lower()
        except ValueError:  # what cannot be read is refused by the guard, in words
            return channel.target

    def send(self, parcel: Parcel, now: datetime) -> Sent:
        """Post it once. 2xx is delivered, 410 gone; all else comes again."""
        payload = body(parcel)
        try:
            answer = self._client.post(
                parcel.channel.target, payload, headers(parcel, payload, now), self._limits
            )
        except (Unreachable, TimedOut) as e:
            return Sent("again", one_line(f"cannot be reached: {e}"), reached=False)
        except OutgoingError as e:
            return Sent("again", one_line(f"not sent, or not answered: {e}"))
        return judged(answer, now)


def headers(parcel: Parcel, payload: bytes, now: datetime) -> dict[str, str]:
    """The headers of the standard. Without a secret there is no signature."""
    at = now.astimezone(UTC)
    made = {
        "content-type": "application/json",
        "webhook-id": parcel.id,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    signed = signatures(parcel.channel.secret or "", parcel.id, at, payload.decode())
    return {**made, "webhook-signature": signed} if signed else made


def judged(answer: Answer, now: datetime) -> Sent:
    """What an answer means."""
    told = f"answered {answer.status}"
    if 200 <= answer.status < 300:
        return Sent("delivered", told)
    if answer.status == GONE:
        return Sent("gone", f"{told}: the receiver wants nothing any more")
    if 300 <= answer.status < 400:
        where = f" and points to {answer.redirect}" if answer.redirect else ""
        return Sent(
            "again",
            one_line(f"{told}{where}; redirects are not followed: put the final address into the alert"),
        )
    wait = retry_after(answer.headers.get("retry-after"), now) if answer.status in BUSY else None
    if wait:
        return Sent("again", f"{told}, asks to wait until {wait.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", wait)
    return Sent("again", told)
