"""One service process: its runners, its signals, its bounded stop."""

import logging
import os
import signal
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from types import FrameType

from prometheus_client import CollectorRegistry

from services.cli.engines import WiringError
from services.cli.options import EXPECTED
from services.cli.starting import Start
from services.cli.wiring import Wiring
from shared.observability.endpoint import Check, Endpoint
from shared.observability.metrics import Metrics
from shared.runner.runner import Outage, Runner
from shared.settings import Settings

log = logging.getLogger(__name__)

# sysexits: a temporary failure; whoever started us may try again.
TEMPORARY_FAILURE = 75


def run_services(wiring: Wiring, name: str, *, with_parent: bool) -> int:
    """Run the services of one process until a signal, the parent's end or an outage. Returns the exit code."""
    stop = threading.Event()
    stop_when_asked(stop, wiring.settings.stop_within, with_parent=with_parent)
    failures = run_until(stop, wiring, name)
    for failure in failures:
        known = isinstance(failure, (Outage, *EXPECTED))
        log.error("%s stops: %s", name, failure, exc_info=None if known else failure)
    return TEMPORARY_FAILURE if failures else 0


def run_until(stop: threading.Event, wiring: Wiring, name: str) -> list[BaseException]:
    """Run the services of one process, each in a thread, until `stop` is set or one fails. Returns the failures."""
    metrics, start = Metrics(), Start(name, stop)
    runners: list[Runner] = []
    failures: list[BaseException] = []
    with _endpoint(wiring, metrics, runners, start):
        if not start.engines(wiring):
            return []
        runners += [
            Runner(
                service,
                wiring.bus(),
                wiring.store(),
                wiring.runner_settings(),
                clock=wiring.clock,
                metrics=metrics,
            )
            for service in wiring.services(name)
        ]
        threads = [threading.Thread(target=_run, args=(runner, stop, failures)) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return failures


def _endpoint(
    wiring: Wiring, metrics: Metrics, runners: list[Runner], start: Start
) -> AbstractContextManager[Endpoint | None]:
    def live() -> str:
        return "\n".join(filter(None, (runner.stalled() for runner in runners)))

    def ready() -> str:
        if not runners:
            return start.waits_for or "starting"
        return "\n".join(filter(None, (runner.waiting() for runner in runners)))

    return serve_monitor(wiring.settings, metrics.registry, live, ready)


def serve_monitor(
    settings: Settings, registry: CollectorRegistry, live: Check, ready: Check
) -> AbstractContextManager[Endpoint | None]:
    """Metrics and health on the monitor port, where the settings name one. Raises WiringError when it is taken."""
    if settings.monitor_port is None:
        return nullcontext()
    try:
        return Endpoint(settings.monitor_host, settings.monitor_port, registry, live, ready)
    except OSError as e:
        where = f"{settings.monitor_host}:{settings.monitor_port}"
        raise WiringError(f"HERITAGE_WIRE_MONITOR_PORT: {where} cannot be served: {e.strerror}") from e


def _run(runner: Runner, stop: threading.Event, failures: list[BaseException]) -> None:
    try:
        runner.run(stop)
    except Exception as failure:  # told by the main thread; the other runners end too
        failures.append(failure)
    finally:
        stop.set()


def stop_when_asked(stop: threading.Event, within: float, *, with_parent: bool) -> None:
    """Set `stop` on a signal, and with the parent's end where asked; after `within` seconds end at once."""
    _stop_on_signals(stop, within)
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=(stop, within), daemon=True).start()


def _stop_on_signals(stop: threading.Event, within: float) -> None:
    def asked(_signal: int, _frame: FrameType | None) -> None:
        _begin_stop(stop, within)

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, asked)


def _begin_stop(stop: threading.Event, within: float) -> None:
    """Finish the batch in hand; after `within` seconds end at once: what is not committed comes again."""
    if not stop.is_set():
        stop.set()
        timer = threading.Timer(within, os._exit, (TEMPORARY_FAILURE,))
        timer.daemon = True
        timer.start()


def _stop_with_parent(stop: threading.Event, within: float) -> None:
    # Unbuffered: a buffer's lock would be held as the interpreter ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass  # it ends when the parent has gone
    _begin_stop(stop, within)
