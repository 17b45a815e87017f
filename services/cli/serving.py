"""The dashboard's process: the application over the configured engines, served until a signal or the parent's end."""

import logging
import secrets
import socket
import sys
import threading
from contextlib import closing

import click
import uvicorn

from services.cli.listening import dashboard_address, listen
from services.cli.process import TEMPORARY_FAILURE, serve_monitor, stop_when_asked
from services.cli.starting import Start
from services.cli.wiring import Wiring
from services.dashboard.access import Keys, load_keys
from services.dashboard.app import create_app
from services.dashboard.context import Context
from shared.taxonomy.taxonomy import load_taxonomy

log = logging.getLogger(__name__)


def run_dashboard(wiring: Wiring, *, with_parent: bool) -> int:
    """Serve until told to stop; answers under way are finished. Returns the exit code."""
    settings, stop = wiring.settings, threading.Event()
    with closing(listen(settings.dashboard_host, settings.dashboard_port)) as listener:
        stop_when_asked(stop, settings.stop_within, with_parent=with_parent)
        start = Start("dashboard", stop)
        keys = (
            start.when_there(lambda: load_keys(wiring.store(), settings)) if start.engines(wiring) else None
        )
        if keys is None:
            return 0
        context = dashboard_context(wiring, keys)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(context),
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # who sits at the machine is told by the connection alone
                timeout_graceful_shutdown=max(1, int(settings.stop_within) - 1),
            )
        )
        with serve_monitor(settings, context.metrics.registry, live=lambda: "", ready=lambda: ""):
            ended = threading.Event()
            serving = threading.Thread(target=_serve, args=(server, listener, ended, stop))
            serving.start()
            click.echo(f"Dashboard: {dashboard_address(settings, listener.getsockname()[1])}")
            sys.stdout.flush()
            stop.wait()
            asked = not ended.is_set()
            context.stopping.set()
            server.should_exit = True
            serving.join()
    return 0 if asked else TEMPORARY_FAILURE


def dashboard_context(wiring: Wiring, keys: Keys) -> Context:
    """What the application works with, from the settings."""
    return Context(
        reader=wiring.reader(),
        store=wiring.store(),
        bus=wiring.bus(),
        taxonomy=load_taxonomy(),
        settings=wiring.settings,
        keys=keys,
        sources=wiring.sources(),
        listed=wiring.listed(),
        clock=wiring.clock,
        random=secrets.token_bytes,
    )


def _serve(
    server: uvicorn.Server, listener: socket.socket, ended: threading.Event, stop: threading.Event
) -> None:
    try:
        server.run(sockets=[listener])
    finally:
        ended.set()
        stop.set()
