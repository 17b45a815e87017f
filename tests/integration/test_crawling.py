"""The crawler over the network: real bus, store, runner and HTTP, on this machine alone, by a clock of the test's own."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zstandard
from msgspec.structs import replace

from shared.contracts.messages import Source
from shared.contracts.sources import SavedSource, saved_source_write
from tests.integration.crawling import Crawl, Reply, Site, item, page, rss
from tests.unit.runner_turns import START, Clock

FEED = {"Content-Type": "application/rss+xml"}


class Crawls:
    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock, self._open = data, clock, list[Crawl]()

    def __call__(self, *sources: Source) -> Crawl:
        crawl = Crawl(self._data, self._clock, sources)
        self._open.append(crawl)
        return crawl

    def close(self) -> None:
        for crawl in self._open:
            crawl.close()


@pytest.fixture
def crawls(tmp_path: Path, clock: Clock) -> Iterator[Crawls]:
    crawls = Crawls(tmp_path, clock)
    yield crawls
    crawls.close()


def feed_source(site: Site, path: str = "/feed", **options: Any) -> Source:
    chosen: dict[str, Any] = {
        "id": "desk",
        "kind": "feed",
        "url": site.url(path),
        "interval": 60.0,
        "delay": 0.0,
    }
    return Source(**(chosen | options))


def test_a_new_article_is_fetched_exactly_once(site: Site, crawls: Crawls, clock: Clock) -> None:
    before, after = (format_datetime(START + timedelta(hours=h)) for h in (-5, 5))
    site.pages["one.example/feed"] = Reply(rss(item("Old", "/old", published=before)), headers=FEED)
    site.pages["one.example/old"] = page("It was there before.")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 1)
    assert crawl.documents() == []
    site.pages["one.example/feed"] = Reply(
        rss(item("New", "new?utm_source=rss", published=after), item("Old", "/old", published=before)),
        headers=FEED,
    )
    site.pages["one.example/new"] = page("It has just come.")
    crawl.until(lambda: len(crawl.documents()) == 1)
    crawl.run_for(300)
    (document,) = crawl.documents()
    assert document.url == site.url("/new")
    assert document.entry is not None
    assert document.entry.title == "New"
    assert b"It has just come." in zstandard.decompress(document.body)
    assert (site.count("/new"), site.count("/old"), site.count("/robots.txt")) == (1, 1, 1)
    assert site.count("/feed") >= 5
    assert {a.headers["user-agent"].split("/")[0] for a in site.asked} == {"HeritageWire"}
    assert crawl.says("desk") == "nothing has changed (2 entries); next look in 1 minute"


def test_a_feed_is_asked_conditionally_and_304_is_a_look_that_worked(site: Site, crawls: Crawls) -> None:
    tagged = {**FEED, "ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT"}
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a")), headers=tagged)
    site.pages["one.example/a"] = page("a")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: site.count("/feed") == 3)
    first, second, third = (a.headers for a in site.asked if a.path == "/feed")
    assert "if-none-match" not in first
    assert second["if-none-match"] == third["if-none-match"] == '"v1"'
    assert second["if-modified-since"] == "Mon, 02 Mar 2026 08:00:00 GMT"
    state = crawl.state("desk")
    assert state is not None
    assert (state.health, state.failures, state.title) == ("ok", 0, "Desk")


def test_a_public_host_is_left_five_seconds_whatever_the_source_says(site: Site, crawls: Crawls) -> None:
    links = [item(str(n), f"/{n}") for n in range(4)]
    site.pages["one.example/feed"] = Reply(rss(*links), headers=FEED)
    site.pages |= {f"one.example/{n}": page(str(n)) for n in range(4)}
    crawl = crawls(feed_source(site, delay=None, interval=3600.0))
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 4, each=0.5)
    times = [a.at for a in site.asked]
    assert len(times) == 6
    assert all(b - a >= timedelta(seconds=5) for a, b in pairwise(times))


def test_crawl_delay_is_kept(site: Site, crawls: Crawls) -> None:
    site.pages["one.example/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 12")
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a")), headers=FEED)
    site.pages["one.example/a"] = page("a")
    crawl = crawls(feed_source(site, interval=3600.0))
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 1, each=0.5)
    times = [a.at for a in site.asked]
    assert all(b - a >= timedelta(seconds=12) for a, b in pairwise(times))


def test_a_host_that_says_not_now_is_left_alone_as_long_as_it_asks_also_after_a_restart(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a")), headers=FEED)
    site.pages["one.example/a"] = Reply(status=429, headers={"Retry-After": "600"})
    crawl = crawls(feed_source(site))
    crawl.until(lambda: site.count("/a") == 1 and crawl.store.count("hosts") == 1)
    told = clock.now
    before = len(site.asked)
    crawl.run_for(590, each=5)
    assert len(site.asked) == before, "nothing at all was asked of the host, its feed neither"
    site.pages["one.example/a"] = page("a")
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 1, each=5)
    assert site.times("/a")[1] - told >= timedelta(seconds=595)
    results = [(o.result, o.reason) for o in crawl.outcomes(site.url("/a"))]
    assert results[0] == ("retry", "one.example answers 429 (too many requests)")
    assert results[-1] == ("passed", "")


def test_robots_txt_is_obeyed_and_what_the_feed_carries_stands_in(site: Site, crawls: Crawls) -> None:
    site.pages["one.example/robots.txt"] = Reply("User-agent: heritagewire\nDisallow: /closed/")
    full = item("Whole", "/closed/a", content="<p>The whole article stands in the feed.</p>")
    site.pages["one.example/feed"] = Reply(rss(full, item("Bare", "/closed/b")), headers=FEED)
    site.pages["one.example/closed/a"] = site.pages["one.example/closed/b"] = page("never to be read")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: all(crawl.outcomes(site.url(f"/closed/{name}")) for name in "ab"))
    assert not [a for a in site.asked if a.path.startswith("/closed/")]
    (outcome,) = crawl.outcomes(site.url("/closed/b"))
    assert (outcome.result, outcome.reason) == ("ended", "the robots.txt of one.example does not allow it")
    (document,) = crawl.documents("fetched-backfill")
    assert (document.url, document.content_from) == (site.url("/closed/a"), "feed")
    assert zstandard.decompress(document.body) == b"<p>The whole article stands in the feed.</p>"
    assert document.entry is not None
    assert (document.entry.title, document.entry.content) == ("Whole", None)


def test_a_feed_that_robots_txt_forbids_says_so(site: Site, crawls: Crawls) -> None:
    site.pages["one.example/robots.txt"] = Reply("User-agent: *\nDisallow: /")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: "robots" in crawl.says("desk"))
    assert crawl.says("desk") == "the robots.txt of one.example does not allow it; next try in 1 day"
    assert site.count("/feed") == 0


def test_a_redirect_to_another_host_keeps_that_hosts_manners_and_tells_its_chain(
    site: Site, crawls: Crawls
) -> None:
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a"), item("B", "/b")), headers=FEED)
    site.pages["one.example/a"] = Reply(status=302, headers={"Location": site.url("/x", "two.example")})
    site.pages["one.example/b"] = Reply(status=301, headers={"Location": site.url("/no/y", "two.example")})
    site.pages["two.example/robots.txt"] = Reply("User-agent: *\nDisallow: /no/\nCrawl-delay: 9")
    site.pages["two.example/x"] = page("moved")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: bool(crawl.ends()) and site.count("/x", "two.example") == 1)
    (document,) = crawl.documents("fetched-backfill")
    assert document.url == site.url("/a")
    assert document.final_url == site.url("/x", "two.example")
    assert document.chain == (site.url("/a"),)
    assert site.count("/no/y", "two.example") == 0
    assert crawl.ends() == ["the robots.txt of two.example does not allow it"]
    (robots,), (got,) = site.times("/robots.txt", "two.example"), site.times("/x", "two.example")
    assert got - robots >= timedelta(seconds=9)


def test_redirects_in_a_circle_and_to_nowhere_end_in_words(site: Site, crawls: Crawls) -> None:
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a"), item("B", "/b")), headers=FEED)
    site.pages["one.example/a"] = Reply(status=302, headers={"Location": "/a2"})
    site.pages["one.example/a2"] = Reply(status=302, headers={"Location": "/a"})
    site.pages["one.example/b"] = Reply(status=302, headers={"Location": "mailto:desk@one.example"})
    crawl = crawls(feed_source(site))
    crawl.until(lambda: len(crawl.ends()) == 2)
    circle, nowhere = sorted(crawl.ends())
    assert "in a circle" in circle
    assert "no web address" in nowhere


def test_a_corrected_entry_is_fetched_again_and_an_unchanged_page_is_no_document(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    after = format_datetime(START + timedelta(hours=1))
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a", published=after)), headers=FEED)
    site.pages["one.example/a"] = page("first")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: len(crawl.documents()) == 1)
    site.pages["one.example/feed"] = Reply(rss(item("A, corrected", "/a", published=after)), headers=FEED)
    crawl.until(lambda: site.count("/a") == 2)
    crawl.run_for(60)
    assert len(crawl.documents()) == 1, "the page was the same"
    site.pages["one.example/a"] = page("second")
    site.pages["one.example/feed"] = Reply(
        rss(item("A, corrected twice", "/a", published=after)), headers=FEED
    )
    crawl.until(lambda: len(crawl.documents()) == 2)
    second = max(crawl.documents(), key=lambda d: d.fetched_at)
    assert second.entry is not None
    assert second.entry.title == "A, corrected twice"
    assert {o.result for o in crawl.outcomes(site.url("/a"))} == {"passed"}


def test_a_young_page_is_visited_again_after_ten_minutes_an_hour_and_a_day(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    fresh = format_datetime(START + timedelta(minutes=1))
    old = format_datetime(START - timedelta(days=30))
    site.pages["one.example/feed"] = Reply(
        rss(item("A", "/a", published=fresh), item("B", "/b", published=old)), headers=FEED
    )
    tagged = {"Content-Type": "text/html", "ETag": '"1"'}
    site.pages["one.example/a"] = Reply("<p>as published</p>", headers=tagged)
    site.pages["one.example/b"] = page("old")
    crawl = crawls(feed_source(site, interval=86400.0))
    crawl.until(lambda: site.count("/a") == 1 and site.count("/b") == 1)
    crawl.run_for(25 * 60, each=10)
    assert site.count("/a") == 2
    site.pages["one.example/a"] = Reply("<p>as corrected</p>", headers={**tagged, "ETag": '"2"'})
    crawl.run_for(26 * 3600, each=120)
    first, *visits = site.times("/a")
    waits = [(at - first).total_seconds() for at in visits]
    assert [round(w / 60) for w in waits[:2]] == pytest.approx([10, 60], abs=3)
    assert waits[2] == pytest.approx(86400, abs=600)
    assert len(waits) == 3
    assert site.count("/b") == 1
    assert len(crawl.documents()) == 2
    assert {o.result for o in crawl.outcomes(site.url("/a"))} == {"passed"}


def test_what_cannot_be_reached_says_so_in_words_and_is_tried_again(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    crawl = crawls(
        feed_source(site, id="desk", interval=None),
        Source(id="nowhere", kind="feed", url="http://gone.example/feed"),
        Source(id="inside", kind="feed", url="http://10.0.0.1/feed"),
    )
    site.pages["one.example/feed"] = Reply(status=500)
    crawl.until(
        lambda: all(crawl.says(id) not in ("", "not looked at yet") for id in ("desk", "nowhere", "inside"))
    )
    assert crawl.says("desk") == "one.example answers 500 (internal server error); next try in 5 minutes"
    assert crawl.says("nowhere").startswith("cannot be reached: ")
    assert "gone.example" in crawl.says("nowhere")
    assert "next try in 5 minutes" in crawl.says("nowhere")
    assert "HERITAGE_WIRE_ALLOW_NETWORKS" in crawl.says("inside")
    site.pages["one.example/feed"] = Reply(rss(), headers=FEED)
    crawl.until(lambda: "0 entries" in crawl.says("desk"), each=10)
    state = crawl.state("desk")
    assert state is not None
    assert (state.health, state.failures) == ("ok", 0)


def test_a_page_that_fails_is_tried_again_and_in_the_end_the_feed_stands_in(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    whole = item("A", "/a", summary="What the feed says of it.")
    site.pages["one.example/feed"] = Reply(rss(whole, item("B", "/b"), item("C", "/c")), headers=FEED)
    site.pages["one.example/a"] = site.pages["one.example/b"] = Reply(status=502)
    crawl = crawls(feed_source(site, interval=86400.0))
    crawl.until(lambda: bool(crawl.outcomes(site.url("/b"))))
    assert crawl.outcomes(site.url("/c"))[-1].reason == "one.example answers 404 (not found)"
    crawl.run_for(10 * 3600, each=60)
    (document,) = crawl.documents("fetched-backfill")
    assert (document.url, document.content_from) == (site.url("/a"), "feed")
    assert (site.count("/a"), site.count("/b")) == (5, 5)
    last = crawl.outcomes(site.url("/b"))[-1]
    assert (last.result, last.reason) == (
        "ended",
        "one.example answers 502 (bad gateway); given up after 5 tries",
    )


def test_a_page_that_two_sources_list_is_fetched_once(site: Site, crawls: Crawls) -> None:
    site.pages["one.example/feed"] = site.pages["one.example/feed2"] = Reply(
        rss(item("A", "/a")), headers=FEED
    )
    site.pages["one.example/a"] = page("a")
    crawl = crawls(feed_source(site, id="first"), feed_source(site, "/feed2", id="second"))
    crawl.until(lambda: len(crawl.requests("fetch-requests-backfill")) == 2)
    crawl.run_for(120)
    assert site.count("/a") == 1
    assert len(crawl.documents("fetched-backfill")) == 1


def test_a_page_that_is_not_out_yet_is_looked_for_again(site: Site, crawls: Crawls, clock: Clock) -> None:
    fresh = format_datetime(START + timedelta(minutes=1))
    site.pages["one.example/feed"] = Reply(rss(item("A", "/a", published=fresh)), headers=FEED)
    crawl = crawls(feed_source(site, interval=86400.0))
    crawl.until(lambda: site.count("/a") == 1)
    site.pages["one.example/a"] = page("now it is out")
    crawl.run_for(12 * 60, each=10)
    (document,) = crawl.documents()
    assert document.url == site.url("/a")


def test_hostile_headers_and_titles_do_no_harm(site: Site, crawls: Crawls) -> None:
    bad = {**FEED, "ETag": "\x85\xe9" * 10, "Last-Modified": "x" * 2000, "Cache-Control": "max-age=9e99"}
    title = "<title>A\u202e&#27;[2J</title>"
    site.pages["one.example/feed"] = Reply(
        rss(item("A", "/a")).replace("<title>Desk</title>", title), headers=bad
    )
    site.pages["one.example/a"] = Reply(
        "<p>a</p>", headers={"Content-Type": "text/html", "ETag": "\x85" * 10}
    )
    crawl = crawls(feed_source(site))
    crawl.until(lambda: site.count("/feed") == 3)
    state = crawl.state("desk")
    assert state is not None
    assert (state.health, state.etag, state.last_modified) == ("ok", None, None)
    assert (state.title or "").isprintable()


def test_the_feed_of_a_site_is_found_and_noted(site: Site, crawls: Crawls, clock: Clock) -> None:
    alternate = '<link rel="alternate" type="application/rss+xml" href="{}">'
    head = alternate.format("/comments/feed") + alternate.format("/posts.xml")
    site.pages["one.example/"] = Reply(
        f"<html><head>{head}</head></html>", headers={"Content-Type": "text/html"}
    )
    site.pages["one.example/posts.xml"] = Reply(rss(item("A", "/a")), headers=FEED)
    site.pages["one.example/a"] = page("a")
    crawl = crawls(feed_source(site, "/", kind=None))
    crawl.until(lambda: site.count("/posts.xml") == 3)
    assert (site.count("/"), site.count("/comments/feed")) == (1, 0)
    state = crawl.state("desk")
    assert state is not None
    assert (state.kind, state.moved_to, state.title) == ("feed", site.url("/posts.xml"), "Desk")
    assert [d.url for d in crawl.documents("fetched-backfill")] == [site.url("/a")]
    # The feed goes away: after some tries the site itself is asked again.
    site.pages["one.example/posts.xml"] = Reply(status=404)
    site.pages["one.example/"] = Reply(
        f"<html><head>{alternate.format('/new.xml')}</head></html>", headers={"Content-Type": "text/html"}
    )
    site.pages["one.example/new.xml"] = Reply(rss(item("B", "/b")), headers=FEED)
    crawl.until(lambda: site.count("/new.xml") > 0, each=20)


def test_a_listing_a_sitemap_index_and_a_search_are_sources_too(site: Site, crawls: Crawls) -> None:
    links = "".join(f'<li><a href="/news/{n}">A long enough headline, number {n}</a></li>' for n in range(3))
    site.pages["one.example/news/"] = Reply(
        f"<html><body><ul>{links}</ul></body></html>", headers={"Content-Type": "text/html"}
    )
    site.pages["one.example/sitemap.xml"] = Reply(
        f"<sitemapindex><sitemap><loc>{site.url('/part.xml')}</loc></sitemap></sitemapindex>"
    )
    site.pages["one.example/part.xml"] = Reply(
        f"<urlset><url><loc>{site.url('/from-map')}</loc></url></urlset>"
    )
    site.pages["one.example/find?q=%22a%20b%22"] = Reply(
        '{"articles": [{"url": "' + site.url("/from-search") + '", "title": "Hit"}]}'
    )
    crawl = crawls(
        feed_source(site, "/news/", id="list", kind=None),
        feed_source(site, "/sitemap.xml", id="map", kind="sitemap"),
        feed_source(site, "/find?q={query}", id="search", kind="query", query='"a b"'),
    )
    wanted = {f"/news/{n}" for n in range(3)} | {"/from-map", "/from-search"}
    site.pages |= {f"one.example{path}": page(path) for path in wanted}
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 5)
    assert {d.url for d in crawl.documents("fetched-backfill")} == {site.url(path) for path in wanted}
    kinds = {id: state.kind for id in ("list", "map", "search") if (state := crawl.state(id))}
    assert kinds == {"list": "listing", "map": "sitemap", "search": "feed"}


def test_sources_that_people_save_are_taken_up_changed_and_removed_at_once(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    site.pages["one.example/feed"] = Reply(rss(), headers=FEED)
    site.pages["one.example/other"] = Reply(rss(), headers=FEED)
    crawl = crawls(feed_source(site, id="from-file"))
    saved = SavedSource(source=feed_source(site, id="saved"), changed_at=clock.now)
    seen: list[int] = []

    def add() -> bool:
        if clock.now == START + timedelta(seconds=30):
            crawl.store.put(saved_source_write(saved))
        return bool(crawl.state("saved"))

    crawl.until(add)
    assert clock.now - START < timedelta(seconds=40)
    moved = replace(saved, source=feed_source(site, "/other", id="saved"))
    crawl.store.put(saved_source_write(moved))
    crawl.store.put(
        saved_source_write(
            SavedSource(source=feed_source(site, id="from-file"), removed=True, changed_at=clock.now)
        )
    )
    crawl.until(lambda: site.count("/other") == 1 and crawl.state("from-file") is None)
    crawl.store.put(saved_source_write(replace(moved, source=replace(moved.source, enabled=False))))
    crawl.until(lambda: crawl.says("saved") == "switched off")
    seen.append(len(site.asked))
    crawl.run_for(300, each=5)
    assert len(site.asked) == seen[0]


def test_more_new_entries_than_a_source_may_have_at_once_go_behind_the_news(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    site.pages["one.example/feed"] = Reply(rss(), headers=FEED)
    crawl = crawls(feed_source(site))
    crawl.until(lambda: "0 entries" in crawl.says("desk"))
    flood = [item(str(n), f"/{n}") for n in range(230)]
    site.pages["one.example/feed"] = Reply(rss(*flood), headers=FEED)
    crawl.until(lambda: "230 new" in crawl.says("desk"))
    assert len([r for r in crawl.requests() if r.kind == "page"]) == 200
    assert len(crawl.requests("fetch-requests-backfill")) == 30


def test_whatever_is_interrupted_is_done_again_and_no_document_twice(
    site: Site, crawls: Crawls, clock: Clock
) -> None:
    links = [item(str(n), f"/{n}", published=format_datetime(START + timedelta(hours=1))) for n in range(12)]
    site.pages["one.example/feed"] = Reply(rss(*links), headers=FEED)
    site.pages |= {f"one.example/{n}": page(str(n)) for n in range(12)}
    crawl = crawls(feed_source(site, interval=3600.0))
    real, calls = crawl.store, [0]

    class Dies(Exception):
        pass

    class Flaky:
        """A store that fails at every seventh write, with the process."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def put_many(self, writes: Any) -> None:
            calls[0] += 1
            if calls[0] % 7 == 0:
                raise Dies
            real.put_many(writes)

    crawl.store = Flaky()
    deaths = 0
    while len({d.url for d in crawl.documents()}) < 12:
        try:
            crawl.until(lambda: len({d.url for d in crawl.documents()}) == 12)
        except Dies:
            deaths += 1
        assert deaths < 50
    assert deaths > 3
    crawl.store = real
    crawl.run_for(120)
    # The same document may be told twice, by the same id: whoever reads it does the same again.
    assert {d.url for d in crawl.documents()} == {site.url(f"/{n}") for n in range(12)}
    assert len({(d.url, d.sha256) for d in crawl.documents()}) == 12
