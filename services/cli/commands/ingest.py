"""`heritage-wire ingest`: local files through the whole pipeline, until all of them are searchable."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click

from services.cli.engines import check_index
from services.cli.local_files import files_under
from services.cli.options import with_wiring
from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.crawler.archives import PassedOver
from services.crawler.documents import NotADocument
from services.crawler.files import documents_of
from shared.bus.port import BusUnavailable, NewRecord
from shared.contracts.messages import FetchedDocument, Source
from shared.contracts.topics import TOPICS
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.errors import BadMessage
from shared.journeys import Journey, ended, find_journeys, items_of
from shared.store.port import StoreUnavailable

LOOK_EVERY = 0.2
SENT_AT_ONCE = 50
# The processes and the groups that show they run; the crawler is not needed, we read the files ourselves.
NEEDED = {"parser": "parser", "events": "events", "indexer": "indexer", "alerter": "alerter"}


@dataclass(slots=True)
class Sent:
    """What was put on the bus: each document's address with the file it came from, and what was passed over."""

    since: datetime
    documents: dict[str, Path] = field(default_factory=dict)
    passed_over: list[tuple[Path, str]] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--source", "source_id", default="local", show_default=True, help="Id of the source they count as."
)
@click.option("--timeout", default=600.0, show_default=True, help="Seconds to wait for all to be searchable.")
@with_wiring("ingest")
def ingest(wiring: Wiring, paths: tuple[Path, ...], source_id: str, timeout: float) -> int:
    """Put local files (HTML, text, PDF, feed files, WARC archives; folders with such) through the pipeline.

    Waits until all are searchable and says what became of each. The entries of a feed file become articles from
    their own content, the pages of an archive under the addresses they were recorded from. Services that are not
    running are started for the while.

    \b
    Examples:
      heritage-wire ingest press-release.txt saved-page.html
      heritage-wire ingest archive/ --source ministry-archive
      heritage-wire ingest crawl-2026-03.warc.gz
    """
    check_index(wiring.settings, writes=True)
    source = Source(
        id=source_id, name="Local files" if source_id == "local" else source_id, kind="folder", path="."
    )
    with _missing_services(wiring) as started:
        sent = _send(wiring, files_under(paths), source)
        done = _wait(wiring, sent, timeout, started)
    return _report(sent, done)


def _missing_services(wiring: Wiring) -> AbstractContextManager[Supervisor | None]:
    missing = [name for name, group in NEEDED.items() if not wiring.bus().members(group)]
    if not missing:
        return nullcontext()
    click.echo(f"Starting {', '.join(missing)} for the while …", err=True)
    return Supervisor(wiring.settings.data.absolute(), missing)


def _send(wiring: Wiring, files: Iterator[Path], source: Source) -> Sent:
    sent = Sent(wiring.clock())
    producer = wiring.bus().producer()
    batch: list[NewRecord] = []
    for path, found in _found(files, source, wiring):
        if isinstance(found, PassedOver):
            sent.passed_over.append((path, found.why))
            continue
        id = derived_id("ingest", found.url, found.fetched_at.isoformat())
        outgoing = Outgoing("fetched", found.url, found)
        batch.append(encode(outgoing, message_id=id, traceparent=new_traceparent(), mode="live"))
        sent.documents[found.url] = path
        if len(batch) >= SENT_AT_ONCE:
            producer.produce(batch)
            batch = []
    if batch:
        producer.produce(batch)
    producer.close()
    return sent


def _found(
    files: Iterator[Path], source: Source, wiring: Wiring
) -> Iterator[tuple[Path, FetchedDocument | PassedOver]]:
    """The documents of each file, and what is not read."""
    for path in files:
        try:
            now = wiring.clock()
            yield from ((path, found) for found in documents_of(path, source, now, wiring.read_feed))
        except (NotADocument, BadMessage) as e:
            yield path, PassedOver(str(e))


def _wait(wiring: Wiring, sent: Sent, timeout: float, started: Supervisor | None) -> dict[str, Journey]:
    """The journeys that ended within the time, by address."""
    done: dict[str, Journey] = {}
    told = {""}
    deadline = time.monotonic() + timeout
    label = f"{len(sent.documents)} documents"
    with click.progressbar(length=len(sent.documents), label=label, file=sys.stderr) as bar:
        while not _all_done(wiring, sent, done) and time.monotonic() < deadline:
            for line in started.watch() if started else ():
                click.echo(line, err=True)
            open_, away = _journeys(wiring, sent.documents.keys() - done.keys())
            if away not in told and not started:  # services of ours say it themselves
                click.echo(f"waits: {away}", err=True)
            told.add(away)
            now_done = {u: j for u, j in open_.items() if ended(j, sent.since)}
            done |= now_done
            # A newsletter is done when each of its items is.
            sent.documents |= {item: sent.documents[u] for u, j in now_done.items() for item in items_of(j)}
            bar.update(len(now_done))
            time.sleep(LOOK_EVERY)
    return done


def _all_done(wiring: Wiring, sent: Sent, done: Mapping[str, Journey]) -> bool:
    """Whether all journeys have ended and subscribers' alerts are on their way."""
    if len(done) < len(sent.documents):
        return False
    try:
        return not any(wiring.bus().lag("alerter", TOPICS["articles"].lanes()).values())
    except BusUnavailable:
        return False


def _journeys(wiring: Wiring, urls: Iterable[str]) -> tuple[dict[str, Journey], str]:
    """What is known of them now; while the store is away nothing is, and the second says why."""
    try:
        return find_journeys(wiring.store(), urls), ""
    except StoreUnavailable as e:
        return {}, str(e)


def _report(sent: Sent, done: dict[str, Journey]) -> int:
    states: dict[str, int] = {}
    for url, path in sent.documents.items():
        journey = done.get(url)
        state = journey.state if journey else "waiting"
        states[state] = states.get(state, 0) + 1
        reason = f": {journey.reason}" if journey and journey.reason != state else ""
        number = f"#{url.rpartition('#')[2]}" if "#" in url else ""
        click.echo(f"{state:<8} {f'{path}{number}' if url.startswith('file:') else url}{reason}")
    for path, why in sent.passed_over:
        click.echo(f"{'passed':<8} {path}: {why}")
    counts = [f"{count} {state}" for state, count in sorted(states.items())]
    if sent.passed_over:
        counts.append(f"{len(sent.passed_over)} passed over")
    click.echo(f"{len(sent.documents) + len(sent.passed_over)} documents: {', '.join(counts)}.")
    if states.get("waiting"):
        click.echo("Some are not done yet: 'heritage-wire status' shows where they wait.", err=True)
    return 1 if states.get("waiting") or states.get("dead") else 0
