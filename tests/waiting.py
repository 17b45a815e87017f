"""Waiting for what other processes do: with a deadline, and with the reason when it passes."""

import time
from collections.abc import Callable

from shared.bus.port import BusUnavailable
from shared.index.port import IndexUnavailable
from shared.store.port import StoreUnavailable

# What a server says while it starts, or while an index of its is being made.
NOT_YET = (BusUnavailable, IndexUnavailable, StoreUnavailable)


# Seconds in which a server shows what it was given, unless a test knows better.
SOON = 10.0


def wait_until(
    condition: Callable[[], bool], within: float, told: str | Callable[[], str] = "it does not hold"
) -> None:
    """Return as soon as `condition` holds; fail after `within` seconds with what `told` says."""
    deadline = time.monotonic() + within
    while not _holds(condition):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {told if isinstance(told, str) else told()}")
        time.sleep(0.02)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except NOT_YET:
        return False
