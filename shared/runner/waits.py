"""What a runner says and how long it waits while something is down: said once, with growing waits, not with every try."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# Seconds after which what was down counts as back: a round without messages may ask nothing of it.
QUIET = 60.0


class Waits:
    """The waits of the service called `name`."""

    def __init__(self, name: str, monotonic: Callable[[], float]) -> None:
        self._name = name
        self._monotonic = monotonic
        self._count = 0
        self._said = ""
        self._fell_at = 0.0

    def fell(self, reason: Exception) -> float:
        """Something is down; returns the seconds to wait."""
        level = logging.INFO if str(reason) == self._said else logging.WARNING
        log.log(level, "%s waits and tries again by itself: %s", self._name, reason)
        self._said, self._fell_at = str(reason), self._monotonic()
        self._count += 1
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._count - 1, 10))  # it may be down for days

    def went_well(self, *, worked: bool) -> None:
        """A round without a fault; `worked` says that something was done in it."""
        if self._count and (worked or self._monotonic() > self._fell_at + QUIET):
            log.warning("%s goes on: what it waited for is there", self._name)
            self._count, self._said = 0, ""
