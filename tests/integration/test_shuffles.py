"""The same documents in any order, through any number of parser processes: the same articles, the same events."""

import json
import os
import random
import shutil
import traceback
from collections import defaultdict
from difflib import unified_diff
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.cli.wiring import Wiring
from services.crawler.documents import read_file
from services.crawler.reading import read_source
from shared.contracts.article import Article
from shared.contracts.messages import FetchedDocument, Source
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.settings import load_settings
from tests.integration.flow import Flow
from tests.sample_press import LATER, documents
from tests.shipped import shipped_classifier

SOURCE = Source(id="press", kind="folder", path=".")
# What says when and in which order things arrived, and nothing else.
OF_ARRIVAL = ("first_seen_at", "fetched_at", "event", "duplicate_of", "carried_by")


def inputs(outside: Path) -> list[FetchedDocument]:
    seeds = sorted((outside / "seeds").glob("*.txt"))
    found = [*documents(), *(d for path in seeds for d in read_file(path, SOURCE, LATER, read_source))]
    # What is learned of a source depends on which of its pages came before, so each document has one of its own.
    return [replace(d, source=replace(d.source, id=f"{d.source.id}-{n}")) for n, d in enumerate(found)]


def send_shuffled(wiring: Wiring, sent: list[FetchedDocument], order: random.Random) -> int:
    """Put the documents on the bus in a new order; returns how many they are."""
    records = [
        encode(
            Outgoing("fetched", d.url, d),
            message_id=derived_id(d.url),
            traceparent=new_traceparent(),
            mode="live",
        )
        for d in sent
    ]
    order.shuffle(records)
    producer = wiring.bus().producer()
    producer.produce(records)
    producer.close()
    return len(records)


def start_parsers(data: Path, count: int) -> list[int]:
    """Parser processes, forked so that each begins with the models loaded."""
    children = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            _be_a_parser(data)
        children.append(pid)
    return children


def _be_a_parser(data: Path) -> None:
    from services.cli.process import run_services

    code = 70
    try:
        with Wiring(load_settings(data=data)) as wiring:
            code = run_services(wiring, "parser", with_parent=False)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def stop(children: list[int]) -> None:
    for pid in children:
        os.kill(pid, 15)
    for pid in children:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def picture(articles: list[Article]) -> list[str]:
    """The articles without what tells their arrival, and the events as sets of addresses with their facts; in lines."""
    plain: list[dict[str, Any]] = []
    events: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    copies: dict[str, str | None] = {}
    by_id = {a.id: a for a in articles}
    for article in sorted(articles, key=lambda a: a.url):
        built = msgspec.to_builtins(article)
        plain.append({k: v for k, v in built.items() if k not in OF_ARRIVAL})
        if article.event:
            events[article.event.id].append(article.url)
            titles[article.event.id] = article.event.title
        copies[article.url] = by_id[article.duplicate_of].url if article.duplicate_of else None
    grouped = sorted((sorted(urls), titles[id]) for id, urls in events.items())
    lines = [*plain, *grouped, *sorted(copies.items(), key=str)]
    return [json.dumps(line, sort_keys=True, ensure_ascii=False) for line in lines]


@pytest.mark.slow
def test_order_and_number_of_parsers_change_nothing(tmp_path: Path, full: bool) -> None:
    outside = Path(__file__).parents[3] / "shared"
    if not (outside / "seeds").is_dir():
        pytest.skip("the real inputs are not beside this checkout (../shared/seeds)")

    shipped_classifier().classify("Warm", "Warm the models.", language="en", published=None)
    sent_each_time = inputs(outside)
    first: list[str] = []
    for number in range(100 if full else 3):
        order = random.Random(number)
        data = tmp_path / f"run{number}"
        children = start_parsers(data, 1 + number % 3)
        with Flow(data, names=("events", "indexer")) as flow:
            sent = send_shuffled(flow.wiring, sent_each_time, order)
            flow.settle(sent)
            stop(children)
            articles = flow.everything()
            assert len(articles) == sent
        first = first or picture(articles)
        assert list(unified_diff(first, picture(articles), n=0)) == [], (
            f"shuffle {number} gave another picture"
        )
        shutil.rmtree(data)
