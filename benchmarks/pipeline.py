"""Articles per second through the whole pipeline, against the same parse functions called bare in a loop.

    python -m benchmarks.pipeline [--documents 600] [--parsers 1] [--engines both|embedded|cluster]

Runs on the embedded engines, then on a real Kafka and a real Elasticsearch, and prints one JSON line per figure. The
ratio is what to quote: both sides run on the same machine in the same run, the bare loop before and after each pipeline.
The pipeline is timed from the first document on the bus until every journey says `indexed`; Elasticsearch says that up
to a second late.
"""

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import mean, median
from uuid import uuid4

import click
import msgspec

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.crawler.documents import document
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from shared.clock import utc_now
from shared.contracts.aliases import Alias
from shared.contracts.messages import FetchedDocument, Source
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.identity import article_id
from shared.journeys import COLLECTION, Journey
from shared.servers.elasticsearch import any_elasticsearch
from shared.servers.kafka import any_kafka
from shared.servers.maven import ServerUnavailable
from shared.settings import load_settings
from shared.status import by_state
from shared.taxonomy.taxonomy import load_taxonomy
from tests.elasticsearch_server import empty
from tests.engines import Engines
from tests.integration.documents import page
from tests.waiting import NOT_YET

SOURCE = Source(id="bench", kind="folder", path=".")
GROUPS = ("parser", "events", "indexer", "journeys")
# Sent before the clock starts: models are loaded, topics and indices made, the servers warm.
WARM_UP = 50
LOOK_EVERY = 0.05


def documents(numbers: Sequence[int]) -> list[FetchedDocument]:
    """Generated pages, fetched now."""
    return [
        document(
            page(n).encode(),
            url=f"https://bench.example/{n}",
            media_type="text/html",
            source=SOURCE,
            now=utc_now(),
        )
        for n in numbers
    ]


def bare(todo: Sequence[FetchedDocument], classifier: Classifier) -> float:
    """Seconds for the parse functions alone."""
    started = time.perf_counter()
    for one in todo:
        alias = Alias(address=one.url, article=article_id(one.url), url=one.url, first_seen_at=one.fetched_at)
        parse(one, classifier, read(one), alias)
    return time.perf_counter() - started


def through(
    engines: Engines, todo: Sequence[FetchedDocument], parsers: int
) -> tuple[float, dict[str, list[float]]]:
    """Seconds from the first document on the bus to the last journey that ended, and each step's milliseconds."""
    names = ["parser"] * parsers + ["events", "indexer"]
    warm_up = documents(range(len(todo), len(todo) + WARM_UP))
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data=Path(folder), **engines.settings)
        with (
            Wiring(settings) as wiring,
            _Supervisors(settings.data, names, engines.environment()) as supervisors,
        ):
            while any(not wiring.bus().members(group) for group in GROUPS):
                supervisors.watch()
                time.sleep(LOOK_EVERY)
            _send(wiring, warm_up)
            _await(wiring, supervisors, len(warm_up))
            started = time.perf_counter()
            _send(wiring, todo)
            _await(wiring, supervisors, len(warm_up) + len(todo))
            took = time.perf_counter() - started
            return took, _steps(wiring, {one.url for one in todo})


class _Supervisors:
    """A supervisor for each process, so that one name may stand twice."""

    def __init__(self, data: Path, names: Sequence[str], environment: Mapping[str, str]) -> None:
        self._all = [Supervisor(data, [name], environment) for name in names]

    def __enter__(self) -> "_Supervisors":
        for one in self._all:
            one.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._all:
            one.stop()

    def watch(self) -> None:
        for one in self._all:
            for line in one.watch():
                click.echo(line, err=True)


def _send(wiring: Wiring, todo: Sequence[FetchedDocument]) -> None:
    producer = wiring.bus().producer()
    for start in range(0, len(todo), 50):
        producer.produce(
            [
                encode(
                    Outgoing("fetched", d.url, d),
                    message_id=derived_id(d.url),
                    traceparent=new_traceparent(),
                    mode="live",
                )
                for d in todo[start : start + 50]
            ]
        )
    producer.close()


def _await(wiring: Wiring, supervisors: _Supervisors, count: int) -> None:
    """Return when so many documents are indexed. Raises ClickException when one ends in another way."""
    while True:
        supervisors.watch()
        with suppress(*NOT_YET):
            states = by_state(wiring.store())
            if states.get("indexed", 0) >= count:
                return
            if states.get("ended") or states.get("dead"):
                raise click.ClickException(f"not every document became an article: {dict(states)}")
        time.sleep(LOOK_EVERY)


def _steps(wiring: Wiring, urls: set[str]) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    for stored in wiring.store().list(COLLECTION, {"kind": "document"}):
        journey = msgspec.json.decode(stored.body, type=Journey)
        if journey.url in urls:
            for step in journey.steps:
                took[step.service].append(step.ms)
    return took


def _pairs(chosen: str, servers: ExitStack) -> Iterator[Engines]:
    """The engines asked for; servers are started when their turn comes, and end with the stack."""
    if chosen != "cluster":
        yield Engines("embedded")
    if chosen != "embedded":
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="heritage-wire-bench-")))
        folder.chmod(0o755)  # Elasticsearch runs as another user
        kafka = servers.enter_context(any_kafka(folder / "kafka"))
        elasticsearch = servers.enter_context(any_elasticsearch(folder / "elasticsearch"))
        prefix = f"bench-{uuid4().hex[:8]}"
        servers.callback(empty, elasticsearch, prefix)
        yield Engines(
            "kafka+elasticsearch", {"bus": f"kafka://{kafka}", "index": elasticsearch, "prefix": prefix}
        )


def _print(engine: str, figure: str, **values: float) -> None:
    print(json.dumps({"figure": figure, "engine": engine, **values}), flush=True)


@click.command()
@click.option("--documents", "count", default=600, show_default=True)
@click.option("--parsers", default=1, show_default=True, help="Parser processes.")
@click.option("--engines", "chosen", type=click.Choice(["both", "embedded", "cluster"]), default="both")
def main(count: int, parsers: int, chosen: str) -> None:
    """Measure and print."""
    todo = documents(range(count))
    classifier = Classifier(load_taxonomy())
    bare(todo[:20], classifier)
    before = bare(todo, classifier)
    try:
        with ExitStack() as servers:
            for engines in _pairs(chosen, servers):
                took, steps = through(engines, todo, parsers)
                after = bare(todo, classifier)
                rate, bare_rate = count / took, count / mean((before, after))
                before = after
                _print(
                    engines.name,
                    "pipeline articles/s against bare parse functions",
                    documents=count,
                    parsers=parsers,
                    articles_per_s=round(rate, 1),
                    bare_per_s=round(bare_rate, 1),
                    ratio=round(rate / bare_rate, 3),
                )
                for name, ms in steps.items():
                    _print(
                        engines.name,
                        f"{name} ms per article",
                        mean=round(mean(ms), 2),
                        median=round(median(ms), 2),
                    )
    except ServerUnavailable as e:
        raise click.ClickException(str(e)) from e


if __name__ == "__main__":
    main()
