"""Documents per second into Elasticsearch: our writer against `helpers.bulk` alone, in one run.

    python -m benchmarks.index [--documents 4000] [--rounds 3]

Both write the same prepared articles in batches of the same size and end searchable; the rounds alternate. Our writer
also analyses the text, so its share without that work is told as well.
"""

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import uuid4

import click
import msgspec
from elasticsearch import Elasticsearch, helpers

from services.crawler.documents import document
from services.parser.addresses import Alias
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from shared.clock import utc_now
from shared.contracts.article import Article
from shared.contracts.messages import Source
from shared.identity import article_id
from shared.index.elasticsearch import open_elasticsearch_writer
from shared.servers.elasticsearch import any_elasticsearch
from shared.taxonomy.taxonomy import load_taxonomy
from tests.elasticsearch_server import empty
from tests.integration.documents import page

BATCH = 100
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


def bare(address: str, todo: list[Article]) -> float:
    """Seconds for `helpers.bulk` of the plain articles."""
    prefix = f"bench-{uuid4().hex[:8]}"
    with Elasticsearch(address) as client:
        client.indices.create(index=f"{prefix}-bare", mappings={"dynamic": False})
        started = time.perf_counter()
        for at in range(0, len(todo), BATCH):
            actions = [
                {"_index": f"{prefix}-bare", "_id": a.id, "_source": msgspec.to_builtins(a)}
                for a in todo[at : at + BATCH]
            ]
            helpers.bulk(client, actions)
        client.indices.refresh(index=f"{prefix}-bare")
        took = time.perf_counter() - started
    empty(address, prefix)
    return took


def ours(address: str, todo: list[Article]) -> float:
    """Seconds for our writer, until all is searchable."""
    prefix = f"bench-{uuid4().hex[:8]}"
    writer = open_elasticsearch_writer(address, prefix=prefix)
    started = time.perf_counter()
    for at in range(0, len(todo), BATCH):
        writer.write(todo[at : at + BATCH])
    took = time.perf_counter() - started
    writer.close()
    empty(address, prefix)
    return took


@click.command()
@click.option("--documents", "count", default=2000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(count: int, rounds: int) -> None:
    """Measure and print."""
    todo = articles(count)
    with tempfile.TemporaryDirectory(prefix="heritage-wire-bench-") as folder:
        Path(folder).chmod(0o755)
        with any_elasticsearch(Path(folder) / "server") as address:
            bare(address, todo[:BATCH])
            ours(address, todo[:BATCH])
            pairs = [(bare(address, todo), ours(address, todo)) for _ in range(rounds)]
    floor, own = median(b for b, _ in pairs), median(o for _, o in pairs)
    figure = {
        "figure": "Elasticsearch documents/s against helpers.bulk of the plain articles",
        "documents": count,
        "bulk_per_s": round(count / floor, 1),
        "ours_per_s": round(count / own, 1),
        "ratio": round(floor / own, 3),
    }
    print(json.dumps(figure))


if __name__ == "__main__":
    main()
