"""Waiting for what other processes do: with a deadline, and with the reason when it passes."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], within: float, told: Callable[[], str] = lambda: "") -> None:
    """Return as soon as `condition` holds; fail with what `told` says after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {told()}"
        time.sleep(0.02)
