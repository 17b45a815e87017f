"""The crawler is killed again and again between the parts of articles: every article comes whole, and none twice."""

import signal
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from services.parser.parse import read
from shared.bus.local import open_local_bus
from shared.contracts.messages import FetchedDocument
from shared.contracts.topics import bus_topics
from tests.faults.test_crawler_kill import RealClock, start
from tests.integration.crawling import Reply, Site, item, rss
from tests.integration.test_articles_in_parts import publish, whole_text
from tests.unit.runner_turns import read_all
from tests.waiting import wait_until

HOST = "127.0.0.1"
ARTICLES, PARTS, KILLS = 8, 5, 6


@pytest.mark.slow
def test_kill_9_between_the_parts_of_articles_loses_none_of_them(tmp_path: Path) -> None:
    with Site(RealClock()) as site:
        names = [f"gate{n}x" for n in range(ARTICLES)]
        for name in names:
            publish(site, PARTS, name, word=name)
        site.pages = {path.replace("one.example", HOST): reply for path, reply in site.pages.items()}
        news = format_datetime(datetime.now(UTC) + timedelta(hours=1))
        links = rss(*(item(name, f"/{name}.html", published=news) for name in names))
        site.pages[f"{HOST}/feed"] = Reply(links, headers={"Content-Type": "application/rss+xml"})
        sources = tmp_path / "sources.yaml"
        sources.write_text(
            f"sources: [{{id: desk, url: '{site.url('/feed', HOST)}', interval: 1s, delay: 0.05}}]"
        )

        def had() -> int:
            return len({a.path for a in site.asked if a.path.endswith(".html")})

        for kill in range(1, KILLS + 1):
            process = start(tmp_path, sources)
            _until(process, tmp_path, lambda kill=kill: had() >= ARTICLES * PARTS * kill // (KILLS + 1))
            process.kill()
            process.wait()
        process = start(tmp_path, sources)
        try:
            _until(process, tmp_path, lambda: len({d.url for d in documents(tmp_path)}) == ARTICLES)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        for document in documents(tmp_path):
            name = document.url.rpartition("/")[2].removesuffix(".html")
            assert read(document).text == whole_text(PARTS, name)
        # What was had before a kill is not asked for again, but for what was in hand.
        asked = Counter(a.path for a in site.asked if a.path.endswith(".html"))
        assert sum(asked.values()) <= ARTICLES * PARTS + KILLS
        assert len(asked) == ARTICLES * PARTS


def _until(process: subprocess.Popen[bytes], data: Path, enough: object) -> None:
    assert callable(enough)
    wait_until(enough, 60, lambda: f"{process.poll()}: {(data / 'log').read_text()}")


def documents(data: Path) -> list[FetchedDocument]:
    bus = open_local_bus(data / "data" / "bus", bus_topics())
    try:
        told: list[FetchedDocument] = read_all(bus, "fetched")
    finally:
        bus.close()
    return told
