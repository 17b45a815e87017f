"""What a runner says while something is down: once, however often it tries, and again when it is another matter."""

import logging

import pytest

from shared.runner.waits import LONGEST_WAIT, QUIET, Waits


class Seconds:
    """A clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def waits(seconds: Seconds, caplog: pytest.LogCaptureFixture) -> Waits:
    caplog.set_level(logging.WARNING)
    return Waits("parser", seconds)


def test_an_outage_is_said_once_and_waits_grow(waits: Waits, caplog: pytest.LogCaptureFixture) -> None:
    down = OSError("the store cannot be reached")
    assert [waits.fell(down) for _ in range(4)] == [0.5, 1, 2, 4]
    assert {waits.fell(down) for _ in range(2000)} <= {8, 16, LONGEST_WAIT}
    assert caplog.messages == ["parser waits and tries again by itself: the store cannot be reached"]


def test_another_reason_is_said_too(waits: Waits, caplog: pytest.LogCaptureFixture) -> None:
    waits.fell(OSError("it cannot be reached"))
    waits.fell(OSError("its disk is full"))
    assert [message.rpartition(": ")[2] for message in caplog.messages] == [
        "it cannot be reached",
        "its disk is full",
    ]


def test_rounds_in_which_nothing_was_to_be_done_do_not_end_an_outage(
    waits: Waits, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    """Between two tries to write there are rounds without a message: they say nothing about what is down."""
    down = OSError("the index may only be read")
    waits.fell(down)
    waits.went_well(worked=False)
    assert waits.fell(down) == 1
    assert len(caplog.messages) == 1
    seconds.now = QUIET + 1
    waits.went_well(worked=False)
    assert waits.fell(down) == 0.5
    assert len(caplog.messages) == 3


def test_the_end_of_an_outage_is_said_once(waits: Waits, caplog: pytest.LogCaptureFixture) -> None:
    waits.went_well(worked=True)
    waits.fell(OSError("away"))
    waits.went_well(worked=True)
    waits.went_well(worked=True)
    assert caplog.messages[1:] == ["parser goes on: what it waited for is there"]
    assert waits.fell(OSError("away")) == 0.5
    assert len(caplog.messages) == 3
