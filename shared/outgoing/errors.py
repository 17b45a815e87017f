"""What can go wrong with an outgoing request.

OutgoingError
├── Refused         by the guard: nothing was sent, and nothing will ever be
├── Unreachable     no conversation came about: the name, the connection, the certificate, TLS
├── TimedOut        it took longer than the limits allow
├── TooLarge        it sends more than the limits allow
└── BadAnswer       what came is not an answer: no HTTP, broken off, compressed in a way nobody can read
"""

from typing import ClassVar, Literal

Stage = Literal["name", "connection", "certificate", "tls"]


class OutgoingError(Exception):
    """Base. The text is one line: which host, what happened, and what to do where something can be done."""

    # Whether the same request may do better at another time.
    may_pass: ClassVar[bool] = False

    def __init__(self, text: str, host: str = "") -> None:
        super().__init__(text)
        self.host = host


class Refused(OutgoingError):
    """The guard let nothing out."""


class Unreachable(OutgoingError):
    """Nobody was reached; `stage` says how far it came."""

    may_pass = True

    def __init__(self, text: str, host: str, stage: Stage) -> None:
        super().__init__(text, host)
        self.stage = stage


class TimedOut(OutgoingError):
    """The time was up."""

    may_pass = True


class TooLarge(OutgoingError):
    """The answer is larger than the limits allow, on the wire or once it is decompressed."""


class BadAnswer(OutgoingError):
    """Something answered, but it cannot be used."""

    may_pass = True
