"""The crawler is killed again and again while it fetches: nothing is lost, and no host is asked faster than it may be."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from shared.bus.local import open_local_bus
from shared.contracts.messages import FetchedDocument
from shared.contracts.topics import bus_topics
from tests.integration.crawling import Asked, Reply, Site, item, page, rss
from tests.unit.runner_turns import Clock, read_all
from tests.waiting import wait_until

ARTICLES = 40
KILLS = 5


class RealClock(Clock):
    """The site tells real times here: real processes come to it."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.mark.slow
def test_kill_9_loses_no_article_and_fetches_none_in_vain(tmp_path: Path) -> None:
    with Site(RealClock()) as site:
        news = format_datetime(datetime.now(UTC) + timedelta(hours=1))
        feed = rss(*(item(f"Number {n}", f"/{n}", published=news) for n in range(ARTICLES)))
        site.pages["127.0.0.1/feed"] = Reply(feed, headers={"Content-Type": "application/rss+xml"})
        site.pages |= {f"127.0.0.1/{n}": page(f"Article number {n}.") for n in range(ARTICLES)}
        sources = tmp_path / "sources.yaml"
        url = site.url("/feed", "127.0.0.1")
        sources.write_text(
            f"sources: [{{id: desk, url: '{url}', interval: 1s, delay: 50ms}}]".replace("50ms", "0.05")
        )
        for kill in range(1, KILLS + 1):
            until_pages(site, tmp_path, sources, ARTICLES * kill // (KILLS + 1))
        process = start(tmp_path, sources)
        try:
            wait_until(
                lambda: len(documents(tmp_path)) == ARTICLES, 60, lambda: str(len(documents(tmp_path)))
            )
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert documents(tmp_path).keys() == {site.url(f"/{n}", "127.0.0.1") for n in range(ARTICLES)}
        # A kill between the page and what is written of it costs one more request for that page, and no others.
        asked = Counter(a.path for a in site.asked if a.path.strip("/").isdigit())
        assert sum(asked.values()) <= ARTICLES + KILLS
        assert asked.keys() == {f"/{n}" for n in range(ARTICLES)}
        assert within_a_process(site.asked) >= timedelta(milliseconds=45)


def start(data: Path, sources: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "HERITAGE_WIRE_SOURCES": str(sources),
        "HERITAGE_WIRE_ALLOW_NETWORKS": "127.0.0.0/8",
        "HERITAGE_WIRE_DATA": str(data / "data"),
    }
    with (data / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", "crawler"], env=environment, stderr=log
        )


def until_pages(site: Site, data: Path, sources: Path, pages: int) -> None:
    """Let a crawler run until the site was asked for so many pages, then kill it."""

    def asked() -> int:
        return len({a.path for a in site.asked if a.path.strip("/").isdigit()})

    process = start(data, sources)
    try:
        wait_until(lambda: asked() >= pages, 60, lambda: f"{asked()} pages; {(data / 'log').read_text()}")
    finally:
        process.kill()
        process.wait()
    site.asked.append(Asked(datetime.now(UTC), "", "killed", {}))


def documents(data: Path) -> Counter[str]:
    bus = open_local_bus(data / "data" / "bus", bus_topics())
    try:
        told: list[FetchedDocument] = read_all(bus, "fetched")
    finally:
        bus.close()
    return Counter(document.url for document in told)


def within_a_process(asked: list[Asked]) -> timedelta:
    """The shortest time between two requests of one process."""
    return min(b.at - a.at for a, b in pairwise(asked) if "killed" not in (a.path, b.path))
