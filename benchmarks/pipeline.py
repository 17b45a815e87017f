"""Articles per second through the whole pipeline, against the same parse functions called bare in a loop.

    python -m benchmarks.pipeline [--documents 600] [--parsers 1]

Prints one JSON line per figure. The ratio is what to quote: both sides run on the same machine in the same run,
the bare loop before and after the pipeline.
"""

import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import mean, median

import click
import msgspec

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.crawler.documents import document
from services.parser.addresses import Alias
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from shared.clock import utc_now
from shared.contracts.messages import FetchedDocument, Source
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.identity import article_id
from shared.journeys import COLLECTION, Journey
from shared.settings import load_settings
from shared.status import by_state
from shared.taxonomy.taxonomy import load_taxonomy
from tests.integration.documents import page

SOURCE = Source(id="bench", kind="folder", path=".")


def documents(count: int) -> list[FetchedDocument]:
    """Generated pages, fetched now."""
    return [
        document(
            page(n).encode(),
            url=f"https://bench.example/{n}",
            media_type="text/html",
            source=SOURCE,
            now=utc_now(),
        )
        for n in range(count)
    ]


def bare(todo: list[FetchedDocument], classifier: Classifier) -> float:
    """Seconds for the parse functions alone."""
    started = time.perf_counter()
    for one in todo:
        alias = Alias(address=one.url, article=article_id(one.url), url=one.url, first_seen_at=one.fetched_at)
        parse(one, classifier, read(one), alias)
    return time.perf_counter() - started


def through(todo: list[FetchedDocument], parsers: int) -> tuple[float, dict[str, list[float]]]:
    """Seconds from the first document on the bus to the last one searchable, and each step's milliseconds."""
    names = ["parser"] * parsers + ["events", "indexer"]
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data=Path(folder))
        with Wiring(settings) as wiring, _Supervisors(settings.data, names) as supervisors:
            while any(
                not wiring.bus().members(group) for group in ("parser", "events", "indexer", "journeys")
            ):
                supervisors.watch()
                time.sleep(0.05)
            time.sleep(3)  # all have loaded their models
            started = time.perf_counter()
            _send(wiring, todo)
            while by_state(wiring.store()).get("indexed", 0) < len(todo):
                time.sleep(0.05)
            return time.perf_counter() - started, _steps(wiring)


class _Supervisors:
    """A supervisor for each process, so that one name may stand twice."""

    def __init__(self, data: Path, names: list[str]) -> None:
        self._all = [Supervisor(data, [name]) for name in names]

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


def _send(wiring: Wiring, todo: list[FetchedDocument]) -> None:
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


def _steps(wiring: Wiring) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    for stored in wiring.store().list(COLLECTION, {"kind": "document"}):
        for step in msgspec.json.decode(stored.body, type=Journey).steps:
            took[step.service].append(step.ms)
    return took


@click.command()
@click.option("--documents", "count", default=600, show_default=True)
@click.option("--parsers", default=1, show_default=True, help="Parser processes.")
def main(count: int, parsers: int) -> None:
    """Measure and print."""
    todo = documents(count)
    classifier = Classifier(load_taxonomy())
    bare(todo[:20], classifier)
    before = bare(todo, classifier)
    took, steps = through(todo, parsers)
    floor = mean((before, bare(todo, classifier)))
    rate, bare_rate = count / took, count / floor
    print(
        json.dumps(
            {
                "figure": "pipeline articles/s against bare parse functions",
                "engine": "embedded",
                "documents": count,
                "parsers": parsers,
                "articles_per_s": round(rate, 1),
                "bare_per_s": round(bare_rate, 1),
                "ratio": round(rate / bare_rate, 3),
            }
        )
    )
    for name, ms in steps.items():
        print(
            json.dumps(
                {
                    "figure": f"{name} ms per article",
                    "mean": round(mean(ms), 2),
                    "median": round(median(ms), 2),
                }
            )
        )


if __name__ == "__main__":
    main()
