"""Waiting for what other processes do: with a deadline, and with the reason when it passes."""

import time
from collections.abc import Callable

from shared.bus.port import BusUnavailable
from shared.index.port import IndexUnavailable
from shared.store.port import StoreUnavailable

# What a server says while it starts, or while an index of its is being made.
NOT_YET = (BusUnavailable, IndexUnavailable, StoreUnavailable)


def wait_until(condition: Callable[[], bool], within: float, told: Callable[[], str] = lambda: "") -> None:
    """Return as soon as `condition` holds; fail with what `told` says after `within` seconds."""
    deadline = time.monotonic() + within
    while not _holds(condition):
        assert time.monotonic() < deadline, f"not within {within} s: {told()}"
        time.sleep(0.02)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except NOT_YET:
        return False
