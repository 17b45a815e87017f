"""What tests of crawling share: a site that is crawled, and the clock it goes by."""

import logging
from collections.abc import Iterator

import pytest

from tests.integration.crawling import Site
from tests.unit.runner_turns import Clock


@pytest.fixture
def clock(caplog: pytest.LogCaptureFixture) -> Clock:
    caplog.set_level(logging.ERROR, "apscheduler")  # it minds that our ticks are so close together
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Iterator[Site]:
    with Site(clock) as site:
        yield site
