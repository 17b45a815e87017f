"""What every page and every answer of the dashboard works with."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from services.dashboard.access import Keys, LoginTries
from shared.bus.port import Bus
from shared.clock import Clock, utc_now
from shared.contracts.messages import Source
from shared.index.port import IndexReader
from shared.observability.metrics import HttpMetrics
from shared.settings import Settings
from shared.sources import Listed
from shared.store.port import Store
from shared.taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Context:
    """The engines, the settings and the clock. `sources` are those there were at start, for their names; `listed` those
    that file and catalogue name, to be merged with what people save.

    `stopping` is set when the server is told to stop: what streams must end then.
    """

    reader: IndexReader
    store: Store
    bus: Bus
    taxonomy: Taxonomy
    settings: Settings
    keys: Keys
    sources: tuple[Source, ...] = ()
    listed: Listed = Listed()  # noqa: RUF009 (immutable)
    clock: Clock = utc_now
    random: Callable[[int], bytes] = secrets.token_bytes
    metrics: HttpMetrics = field(default_factory=HttpMetrics)
    tries: LoginTries = field(default_factory=LoginTries)
    stopping: threading.Event = field(default_factory=threading.Event)


def context_of(request: Request) -> Context:
    """The context of the application a request came to."""
    context: Context = request.app.state.context
    return context
