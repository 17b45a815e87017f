"""`heritage-wire sample`: the sample press, to be crawled like any other site."""

import threading
from datetime import datetime
from pathlib import Path

import click
import msgspec

from services.cli.engines import WiringError
from services.cli.options import with_wiring
from services.cli.process import serve_monitor, stop_when_asked
from services.cli.wiring import Wiring, host_and_port
from shared.contracts.article import Struct
from shared.observability.metrics import Metrics


class SampleState(Struct, frozen=True, kw_only=True):
    """What a restart needs to be the same site again: ids follow from addresses, and the late article stays."""

    port: int
    started_at: datetime


def remembered(data: Path) -> SampleState | None:
    """The site as this data folder knows it."""
    path = data / "sample.json"
    return msgspec.json.decode(path.read_bytes(), type=SampleState) if path.is_file() else None


def remember(data: Path, state: SampleState) -> None:
    """Keep it for the next start."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "sample.json").write_bytes(msgspec.json.encode(state))


@click.command()
@click.option("--listen", help="Host to listen on  [default: that of HERITAGE_WIRE_SAMPLE]")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input is closed.")
@with_wiring("sample")
def sample(wiring: Wiring, listen: str | None, with_parent: bool) -> int:
    """Serve the sample press at HERITAGE_WIRE_SAMPLE: invented outlets, real facts, in our own words.

    \b
    Example:
      HERITAGE_WIRE_SAMPLE=http://127.0.0.1:8481 heritage-wire sample
    """
    from services.sample.site import SampleSite

    settings = wiring.settings
    host, port = host_and_port(settings.sample or "http://127.0.0.1:8481")
    known = remembered(settings.data)
    started_at = known.started_at if known and known.port == port else wiring.clock()
    stop = threading.Event()
    stop_when_asked(stop, settings.stop_within, with_parent=with_parent)
    try:
        site = SampleSite(
            listen or host,
            port,
            public=f"http://{host}:{port}",
            started_at=started_at,
            clock=wiring.clock,
            appears_after=settings.sample_late,
            corrected_after=settings.sample_late * 1.5,
        )
    except OSError as e:
        raise WiringError(f"HERITAGE_WIRE_SAMPLE={settings.sample}: cannot be served: {e.strerror}") from e
    remember(settings.data, SampleState(port=port, started_at=started_at))
    with site, serve_monitor(settings, Metrics().registry, live=lambda: "", ready=lambda: ""):
        stop.wait()
    return 0
