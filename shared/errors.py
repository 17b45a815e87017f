"""The verdicts: what a step raises says what becomes of its message.

    StepError
    ├── BadMessage      no try will ever help: dead-lettered at once, and no sign of an outage
    ├── TryAgain        this message may work on another try: a few, then dead-lettered
    └── Unavailable     something we depend on is down: the partition waits, the message is not touched

Any other exception is a fault of ours: tried again a few times, then dead-lettered with where it happened.
"""


class StepError(Exception):
    """Base of the verdicts. The text says what is wrong, where, and what to do, with the offending name."""


class BadMessage(StepError):
    """The message itself can never be handled."""


class TryAgain(StepError):
    """The message could not be handled now; another try may work."""


class Unavailable(StepError):
    """A dependency is down; nothing is wrong with the message."""
