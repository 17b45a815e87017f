"""What a sender is, and what came of sending, in words for the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import regex

from services.alerter.delivery.parcel import Parcel
from shared.contracts.messages import Channel

# again: another try may work; failed: none will; gone: the receiver wants nothing any more; cancelled: nobody asks for it.
Result = Literal["delivered", "again", "failed", "gone", "cancelled"]
LONGEST_WORDS = 300
_BREAKS = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}]")
_HIDDEN = regex.compile(r"(?![\u200c\u200d])[\p{Cf}\p{Cs}]")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one try. `not_before` is when the receiver asked to be tried again; `reached` is whether anybody
    answered at all: a place where nobody does is left alone for a moment."""

    result: Result
    said: str
    not_before: datetime | None = None
    reached: bool = True


class Sender(Protocol):
    """Sends parcels over one kind of channel. Any number of threads may call it."""

    def place(self, channel: Channel) -> str:
        """Who is spoken to for this channel: where nobody answers, nobody answers for any channel of that place."""

    def send(self, parcel: Parcel, now: datetime) -> Sent:
        """Try once, within bounded time. Raises nothing: every failure is told in the answer."""


def visible(text: str) -> str:
    """The text without what is not seen but does something: controls, and marks that change the order of letters.

    The joiners of Persian, Indic scripts and emoji stay.
    """
    return _HIDDEN.sub("", _BREAKS.sub(" ", text))


def one_line(text: str, length: int = LONGEST_WORDS) -> str:
    """The visible text in one line, cut to `length`."""
    line = " ".join(visible(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
