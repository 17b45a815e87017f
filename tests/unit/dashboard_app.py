"""A dashboard over real embedded engines, for tests: filled with a few articles, asked as a browser would."""

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services.dashboard.access import load_keys
from services.dashboard.app import create_app
from services.dashboard.context import Context
from shared.bus.local import open_local_bus
from shared.contracts.article import Article
from shared.contracts.topics import bus_topics
from shared.index.local import open_local_reader, open_local_writer
from shared.settings import load_settings
from shared.store.sqlite import open_sqlite_store
from shared.taxonomy.taxonomy import Taxonomy

NOW = datetime(2025, 12, 1, 12, 0, tzinfo=UTC)
HOST = "127.0.0.1:8480"
# Seconds in which a server stops, whatever else the machine does.
STOPS_WITHIN = 20.0


@contextmanager
def dashboard(
    data: Path, taxonomy: Taxonomy, articles: Sequence[Article] = (), **settings: Any
) -> Iterator[Context]:
    """The context of a dashboard over a data folder; `articles` are put into the index first."""
    if articles:
        writer = open_local_writer(data / "index", None)
        writer.write(articles)
        writer.close()
    bus, store = open_local_bus(data / "bus", bus_topics()), open_sqlite_store(data / "store")
    reader = open_local_reader(data / "index")
    try:
        read = load_settings(data=data, **settings)
        keys = load_keys(store, read)
        yield Context(
            reader=reader,
            store=store,
            bus=bus,
            taxonomy=taxonomy,
            settings=read,
            keys=keys,
            clock=lambda: NOW,
        )
    finally:
        reader.close()
        store.close()
        bus.close()


def browser(context: Context, client: str = "127.0.0.1", host: str = HOST) -> TestClient:
    """A browser at `client` that opened the dashboard by `host`; it follows no redirect by itself."""
    return TestClient(create_app(context), f"http://{host}", client=(client, 50000), follow_redirects=False)


@contextmanager
def serving(context: Context, app: FastAPI) -> Iterator[str]:
    """The address at which this dashboard is really served."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            context.stopping.set()
            server.should_exit = True
            thread.join(STOPS_WITHIN)
            assert not thread.is_alive(), f"it does not stop in {STOPS_WITHIN:g} s"


def csrf(html: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, html[:500]
    return found[1]
