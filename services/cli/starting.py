"""Servers that are not there yet when a process starts: said once, and waited for."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from services.cli.engines import check_index
from services.cli.wiring import Wiring
from shared.bus.port import BusUnavailable
from shared.index.port import IndexUnavailable
from shared.store.port import StoreUnavailable

log = logging.getLogger(__name__)

NOT_YET = (BusUnavailable, StoreUnavailable, IndexUnavailable)
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0

T = TypeVar("T")


@dataclass(slots=True)
class Start:
    """The start of the process called `name`, until `stop` is set. `waits_for` says what it waits for, if anything."""

    name: str
    stop: threading.Event
    waits_for: str = field(default="", init=False)

    def when_there(self, open_it: Callable[[], T]) -> T | None:
        """What this opens, as soon as its server is there; None when told to stop before.

        Raises what no waiting will change: a server that refuses us, a topic that does not fit.
        """
        wait = FIRST_WAIT
        while not self.stop.is_set():
            try:
                there = open_it()
            except NOT_YET as e:
                if str(e) != self.waits_for:
                    self.waits_for = str(e)
                    log.warning("%s waits: %s", self.name, e)
                self.stop.wait(wait)
                wait = min(LONGEST_WAIT, 2 * wait)
            else:
                if self.waits_for:
                    log.warning("%s goes on: what it waited for is there", self.name)
                self.waits_for = ""
                return there
        return None

    def engines(self, wiring: Wiring) -> bool:
        """Whether bus and index are there and let us work; False when told to stop before.

        Raises BusError, StoreError and WiringError where no waiting will help.
        """
        self.when_there(lambda: check_index(wiring.settings, writes=True))
        return self.when_there(wiring.bus) is not None
