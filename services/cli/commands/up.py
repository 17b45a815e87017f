"""`heritage-wire up`: everything, embedded, one process per service."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from services.cli.commands.sample import remembered
from services.cli.commands.search import EXAMPLES
from services.cli.engines import check_index
from services.cli.listening import answers, dashboard_address, free_port, unused_port
from services.cli.options import with_wiring
from services.cli.starting import NOT_YET
from services.cli.supervisor import Supervisor
from services.cli.wiring import SERVICES, Wiring
from services.dashboard.access import load_keys, needs_no_login
from shared.contracts.messages import Source
from shared.status import by_state, waiting

# Who has documents in hand between being fetched and being searchable; sources are looked at all the time.
ON_THE_WAY = ("parser", "events", "indexer")
# Steps to go of which is told again once all was searchable: single articles come and go all the time.
WORTH_TELLING = 50
LOOK_EVERY = 0.3
SAY_EVERY = 5.0
MAINTAIN_EVERY = 600.0
NAMES = (*SERVICES, "dashboard")


@click.command()
@click.option("--sources", type=click.Path(path_type=Path), help="A sources file (YAML) to read as well.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the dashboard; 0: any free one  [default: 8480]"
)
@click.option("--no-sample", is_flag=True, help="Leave out the sample press.")
@with_wiring("up")
def up(wiring: Wiring, sources: Path | None, port: int | None, no_sample: bool) -> None:
    """Start everything, embedded, and say when articles can be searched.

    \b
    Examples:
      heritage-wire up
      heritage-wire up --port 9000
      heritage-wire up --sources sources.yaml --no-sample --data /srv/heritage
    """
    settings = wiring.settings.model_copy(
        update={
            "sources": sources.absolute() if sources else wiring.settings.sources,
            "sample": "" if no_sample else wiring.settings.sample or _sample_address(wiring.settings.data),
            "dashboard_port": wiring.settings.dashboard_port if port is None else port,
        }
    )
    wiring.settings = settings
    # What is wrong with the servers or with the sources file is told before anything starts.
    check_index(settings, writes=True)
    listed = wiring.sources()
    wiring.bus()
    wiring.settings = settings = settings.model_copy(update={"dashboard_port": free_port(settings)})
    environment = {
        "HERITAGE_WIRE_SAMPLE": settings.sample,
        "HERITAGE_WIRE_DASHBOARD_PORT": str(settings.dashboard_port),
    }
    if settings.sources:
        environment["HERITAGE_WIRE_SOURCES"] = str(settings.sources)
    # Also where we were started with Ctrl-C ignored, as shells start what runs in the background.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    names = NAMES if no_sample else ("sample", *NAMES)
    click.echo(f"Heritage Wire starts {', '.join(names)}. Data and logs are in {settings.data.absolute()}.")
    for line in _about(listed, settings.contact):
        click.echo(f"  {line}")
    stop_within = settings.stop_within + 5
    with Supervisor(settings.data.absolute(), names, environment, stop_within) as supervisor:
        try:
            _watch(wiring, supervisor)
        except KeyboardInterrupt:
            click.echo("\nStopping: every service finishes what it has in hand …")
    click.echo("Stopped.")


def _sample_address(data: Path) -> str:
    """Where the sample press was served before, so that its articles are the same ones, or is from now on."""
    known = remembered(data)
    port = unused_port("127.0.0.1", known.port if known else 0)
    return f"http://127.0.0.1:{port}"


def _about(sources: Sequence[Source], contact: str) -> Iterator[str]:
    """The sources, in a few lines: folders by name, those on the network counted."""
    for source in sources:
        if source.kind == "folder" and source.enabled:
            yield f"source {source.id}: {source.path}"
    if any("sample" in source.groups and source.enabled for source in sources):
        yield "sample press: invented outlets on this machine, real facts; --no-sample leaves it out"
    network = [s for s in sources if s.kind != "folder" and s.enabled and "sample" not in s.groups]
    if network:
        what = "1 source" if len(network) == 1 else f"{len(network)} sources"
        yield f"{what} on the network: 'heritage-wire sources list' says how they are"
        if not contact:
            yield "set HERITAGE_WIRE_CONTACT to an address or URL where the people behind them can reach you"
    if not any(source.enabled for source in sources):
        yield "no sources: name one with 'heritage-wire sources add URL', or try 'heritage-wire ingest FILE…'"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(slots=True)
class _Seen:
    """What the terminal knows already, and when it is due another word."""

    next_word: float
    next_maintenance: float
    searchable: int = -1
    quiet: bool = False
    address_told: bool = False


def _watch(wiring: Wiring, supervisor: Supervisor) -> None:
    now = time.monotonic()
    seen = _Seen(next_word=now + SAY_EVERY, next_maintenance=now)
    while True:
        time.sleep(LOOK_EVERY)
        for line in supervisor.watch():
            click.echo(line, err=True)
        # A server that is away: the services say so, wait, and go on.
        with suppress(*NOT_YET):
            _look(wiring, seen)


def _look(wiring: Wiring, seen: _Seen) -> None:
    if not seen.address_told and answers(wiring.settings.dashboard_host, wiring.settings.dashboard_port):
        _tell_address(wiring)
        seen.address_told = True
    if time.monotonic() >= seen.next_maintenance:
        seen.next_maintenance = time.monotonic() + MAINTAIN_EVERY
        wiring.bus().maintain()  # retention and compaction; a cluster does this by itself
    states = by_state(wiring.store())
    lags = waiting(wiring.bus())
    under_way = states.get("under way", 0) + sum(sum(lags[group]) for group in ON_THE_WAY)
    searchable = wiring.reader().count()
    if under_way == 0 and states and searchable != seen.searchable:
        _ready(searchable, states, first=not seen.quiet)
        seen.searchable, seen.quiet = searchable, True
    elif under_way >= (WORTH_TELLING if seen.quiet else 1) and time.monotonic() >= seen.next_word:
        seen.next_word = time.monotonic() + SAY_EVERY
        click.echo(
            f"  … {sum(states.values()) - states.get('under way', 0)} documents done, {under_way} steps to go"
        )


def _tell_address(wiring: Wiring) -> None:
    settings = wiring.settings
    click.echo(f"Dashboard: {dashboard_address(settings, settings.dashboard_port)}")
    if not needs_no_login(settings):
        click.echo(f"  log in with the token {load_keys(wiring.store(), settings).token}")


def _ready(searchable: int, states: object, *, first: bool) -> None:
    click.echo("1 article is searchable." if searchable == 1 else f"{searchable} articles are searchable.")
    if first:
        program = os.environ.get("HERITAGE_WIRE_PROGRAM", "heritage-wire")
        click.echo("Search them from another terminal (with the same --data), for example:")
        for example in EXAMPLES:
            click.echo(f"  {program} search {example}")
        click.echo("Stop with Ctrl-C.")
