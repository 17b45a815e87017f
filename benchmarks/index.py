"""Documents per second into Elasticsearch: our writer against `helpers.bulk` alone, in one run.

    python -m benchmarks.index [--documents 4000] [--rounds 5]

Both fill indices of our own fields with the same articles, in batches of the indexer's size, until all is searchable;
the rounds alternate. `helpers.bulk` gets the finished documents, refreshed after every batch as ours are (`ratio`),
or once at the end (`ratio_one_refresh`). Our writer analyses the text and makes the documents in its time.
"""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import click
import msgspec
from elasticsearch import Elasticsearch, helpers

from services.crawler.documents import document
from services.indexer.service import BATCH
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from shared.clock import utc_now
from shared.contracts.aliases import Alias
from shared.contracts.article import Article
from shared.contracts.messages import Source
from shared.identity import article_id
from shared.index.elasticsearch import open_elasticsearch_writer
from shared.index.elasticsearch.document import operation
from shared.index.elasticsearch.layout import Layout
from shared.servers.elasticsearch import any_elasticsearch
from shared.taxonomy.taxonomy import load_taxonomy
from tests.elasticsearch_server import empty
from tests.integration.documents import page

SOURCE = Source(id="bench", kind="folder", path=".")


def articles(count: int) -> list[Article]:
    """Parsed generated pages."""
    classifier = Classifier(load_taxonomy())
    made = []
    for number in range(count):
        url = f"https://bench.example/{number}"
        fetched = document(
            page(number).encode(), url=url, media_type="text/html", source=SOURCE, now=utc_now()
        )
        alias = Alias(address=url, article=article_id(url), url=url, first_seen_at=fetched.fetched_at)
        made.append(parse(fetched, classifier, read(fetched), alias).article)
    return made


def finished(prefix: str, article: Article) -> dict[str, Any]:
    """The action for `helpers.bulk`, all work on the article done."""
    made = operation(Layout(prefix), article)
    (action,) = made.action.values()
    return {**action, "_source": msgspec.json.decode(made.document or b"")}


def bare(address: str, prefix: str, todo: Sequence[Article], *, refresh: bool) -> float:
    """Seconds for `helpers.bulk` of the finished documents; each batch is searchable, or all at the end."""
    actions = [finished(prefix, article) for article in todo]
    with Elasticsearch(address) as client:
        started = time.perf_counter()
        for at in range(0, len(todo), BATCH):
            batch = actions[at : at + BATCH]
            helpers.bulk(client, batch, chunk_size=BATCH, require_alias=True, refresh=refresh)
        client.indices.refresh(index=Layout(prefix).all)
        return time.perf_counter() - started


def ours(address: str, prefix: str, todo: Sequence[Article]) -> float:
    """Seconds for our writer, until all is searchable."""
    writer = open_elasticsearch_writer(address, prefix=prefix)
    started = time.perf_counter()
    for at in range(0, len(todo), BATCH):
        writer.write(todo[at : at + BATCH])
    took = time.perf_counter() - started
    writer.close()
    return took


def timed(
    way: Callable[[str, str, Sequence[Article]], float], address: str, todo: Sequence[Article]
) -> float:
    """Seconds of one way, in indices that are there before and gone after."""
    prefix = f"bench-{uuid4().hex[:8]}"
    writer = open_elasticsearch_writer(address, prefix=prefix)
    writer.write(todo[:1])
    writer.close()
    took = way(address, prefix, todo)
    empty(address, prefix)
    return took


@click.command()
@click.option("--documents", "count", default=4000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(count: int, rounds: int) -> None:
    """Measure and print."""
    todo = articles(count)
    with tempfile.TemporaryDirectory(prefix="heritage-wire-bench-") as folder:
        Path(folder).chmod(0o755)
        with any_elasticsearch(Path(folder) / "server") as address:
            ways = (partial(bare, refresh=True), partial(bare, refresh=False), ours)
            for way in ways:  # the server warms up
                timed(way, address, todo)
            measured = [[timed(way, address, todo) for way in ways] for _ in range(rounds)]
    same, once, own = (median(took) for took in zip(*measured, strict=True))
    figure = {
        "figure": "Elasticsearch documents/s against helpers.bulk of the finished documents",
        "documents": count,
        "bulk_per_s": round(count / same, 1),
        "bulk_one_refresh_per_s": round(count / once, 1),
        "ours_per_s": round(count / own, 1),
        "ratio": round(same / own, 3),
        "ratio_one_refresh": round(once / own, 3),
    }
    print(json.dumps(figure))


if __name__ == "__main__":
    main()
