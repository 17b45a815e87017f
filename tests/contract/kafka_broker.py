"""The broker that all tests of one process share, started when the first needs it and stopped when the process ends."""

import atexit
import os
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from shared.servers.kafka import any_kafka
from shared.servers.maven import ServerUnavailable


def kafka_for_tests() -> str:
    """Its address. Where none can be had the test is skipped with the reason; where all must run it fails."""
    found = _started()
    if isinstance(found, str):
        return found
    if os.environ.get("HERITAGE_WIRE_NO_SKIPS"):
        pytest.fail(str(found))
    pytest.skip(str(found))


@cache
def _started() -> str | ServerUnavailable:
    """Tried once: what is missing now is missing for the next test too."""
    stack = ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="heritage-wire-kafka-"))
    # After the folder, whose own end would otherwise come first and remove it under the running broker.
    atexit.register(stack.close)
    try:
        return stack.enter_context(any_kafka(Path(folder)))
    except ServerUnavailable as fault:
        return fault
