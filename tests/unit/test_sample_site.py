"""The sample site: what it answers, at which time, and over the wire."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import feedparser
import lxml.html
import pytest

from services.sample.addresses import Addresses
from services.sample.answers import Answer, Answers, Question
from services.sample.press import Article, Outlet, load_press
from services.sample.site import SampleSite, sample_sources
from services.sample.templates import GENERATOR
from services.sample.timeline import Timeline
from shared.identity import normalise

PRESS = load_press()
ARTICLES = tuple(PRESS.articles.values())
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT = "http://127.0.0.1:8123"
AT = Addresses(ROOT)
SITE = Answers(PRESS, AT, Timeline(START, 60, 90))
BEFORE, LATER = START + timedelta(seconds=59), START + timedelta(seconds=600)
VOID = {"meta", "link", "img", "br", "hr", "input"}
FEEDS = {"rss": "rss20", "rdf": "rss10", "atom": "atom10"}
(LATE,) = (a for a in ARTICLES if a.published is None)
(CORRECTED,) = (a for a in ARTICLES if a.correction)


def ask(url: str, now: datetime = LATER, /, **conditions: str) -> Answer:
    parts = urlsplit(url)
    return SITE.answer(Question(path=unquote(parts.path), query=parts.query, **conditions), now)


def page(url: str, now: datetime = LATER) -> str:
    answer = ask(url, now)
    assert answer.status == 200, url
    return answer.body.decode()


def words(html: str) -> str:
    tree = lxml.html.fromstring(html)
    for hidden in tree.iter("script", "style"):
        hidden.text = None
    return " ".join(" ".join(str(part) for part in tree.itertext()).split())


def furniture(article: Article) -> list[str]:
    """What stands around an article: the outlet's own lines, the credit, other headlines, what the label says."""
    told = PRESS.outlets[article.outlet].words[article.language]
    lines = [*told["furniture"].values(), told["credit"], *article.others]
    section = told["nav"][article.section]
    filled = [
        line.format(author=", ".join(article.authors), section=section, name=article.credit) for line in lines
    ]
    return [*filled, PRESS.labels[article.language]]


class Nesting(HTMLParser):
    """Notes every tag that is closed out of turn or never."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value for name, value in attrs if name == "id" and value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def assert_nested(html: str) -> None:
    parser = Nesting()
    parser.feed(html)
    parser.close()
    assert not parser.wrong
    assert not parser.open
    assert [id for id, times in parser.ids.items() if times > 1] == []


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_a_page_carries_its_article_and_its_furniture(article: Article) -> None:
    html = page(AT.article(article))
    assert_nested(html)
    tree = lxml.html.fromstring(html.encode())
    assert ["".join(map(str, h.itertext())) for h in tree.iterfind(".//h1")] == [article.title]
    assert (tree.get("lang") or "").partition("-")[0] == article.language.partition("-")[0]
    assert tree.get("dir", "ltr") == article.direction
    assert {m.get("content") for m in tree.iterfind(".//meta[@name='generator']")} == {GENERATOR}
    canonical = {link.get("href") for link in tree.iterfind(".//link[@rel='canonical']")}
    assert canonical <= {AT.article(article)}
    seen = words(html)
    if not article.correction:
        for paragraph in article.body:
            assert " ".join(paragraph.removeprefix("## ").split()) in seen
    assert len(article.others) >= 2
    for line in furniture(article):
        assert " ".join(line.split()) in seen or _is_left_out(article, line), line


def _is_left_out(article: Article, line: str) -> bool:
    """The Meridian asks only on some pages for money."""
    told = PRESS.outlets[article.outlet].words[article.language]["furniture"]
    return line == told.get("paywall") and article.number % 2 == 1


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_amp_and_print_versions_name_the_page_itself(article: Article) -> None:
    address = AT.variant(PRESS.outlets[article.outlet], article)
    if address is None:
        assert ask(f"{AT.article(article)}/amp").status == 404
        return
    html = page(address)
    assert_nested(html)
    tree = lxml.html.fromstring(html.encode())
    assert [link.get("href") for link in tree.iterfind(".//link[@rel='canonical']")] == [AT.article(article)]
    assert PRESS.labels[article.language] in words(html)


def links(html: str) -> Iterator[tuple[str, str]]:
    """What a page links or loads: the tag and the address as written."""
    for element in lxml.html.fromstring(html.encode()).iter():
        for name in ("href", "src"):
            if element.get(name):
                yield str(element.tag), str(element.get(name))


def test_every_link_leads_somewhere_and_every_page_says_it_is_a_sample() -> None:
    found, queue = set[str](), [f"{ROOT}/"]
    while queue:
        url = queue.pop()
        if url in found:
            continue
        found.add(url)
        answer = ask(url)
        assert answer.status in (200, 301), url
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        html = answer.body.decode()
        assert_nested(html)
        assert "Heritage Wire" in words(html), url
        for _, link in links(html):
            target = urldefrag(urljoin(url, link)).url
            if target.startswith("mailto:"):
                continue
            assert target.startswith(f"{ROOT}/"), (url, link)
            queue.append(target)
    assert {AT.article(a) for a in ARTICLES} <= found
    assert {AT.feed(o) for o in PRESS.outlets.values()} <= found


@pytest.mark.parametrize("outlet", PRESS.outlets.values(), ids=lambda o: o.id)
def test_a_feed_lists_the_articles_of_its_outlet(outlet: Outlet) -> None:
    own = [a for a in ARTICLES if a.outlet == outlet.id]
    assert own
    answer = ask(AT.feed(outlet))
    links = feed_links(outlet, answer)
    assert sorted(resolved(link) for link in links) == sorted(AT.article(a) for a in own)
    assert PRESS.labels[outlet.language if outlet.feed == "listing" else "en"] in answer.body.decode()


def feed_links(outlet: Outlet, answer: Answer) -> list[str]:
    if outlet.feed == "json":
        return [item["url"] for item in json.loads(answer.body)["items"]]
    if outlet.feed == "listing":
        items = lxml.html.fromstring(answer.body).iterfind(".//ul[@class='news-list']/li/a")
        return [urljoin(ROOT, str(item.get("href"))) for item in items]
    feed = feedparser.parse(answer.body)
    assert not feed.bozo
    assert feed.version == FEEDS[outlet.feed]
    dates = [e.get("published_parsed") or e.updated_parsed for e in feed.entries]
    assert dates == sorted(dates, reverse=True)
    assert all(e.title and e.get("author") for e in feed.entries)
    return [e.link for e in feed.entries]


def resolved(link: str) -> str:
    """Where a link of a feed ends: without tracking, and after a redirect."""
    answer = ask(link)
    return answer.headers["Location"] if answer.status == 301 else normalise(link)


def test_feeds_of_four_kinds_and_one_outlet_without() -> None:
    assert Counter(o.feed for o in PRESS.outlets.values()).keys() == {"rss", "rdf", "atom", "json", "listing"}
    assert len(PRESS.outlets) >= 5


def test_the_rss_feed_gives_summaries_and_the_atom_feed_whole_articles() -> None:
    for outlet in PRESS.outlets.values():
        own = {a.title: a for a in ARTICLES if a.outlet == outlet.id}
        if outlet.feed in ("rss", "atom"):
            for entry in feedparser.parse(ask(AT.feed(outlet)).body).entries:
                last = own[entry.title].body[-1].removeprefix("## ")
                told = (
                    words(f"<div>{entry.content[0].value}</div>") if outlet.feed == "atom" else entry.summary
                )
                assert (" ".join(last.split()) in told) == (outlet.feed == "atom"), entry.title


def test_one_link_is_tracked_and_one_redirects() -> None:
    (tracked,) = (a for a in ARTICLES if a.via == "tracking")
    (moved,) = (a for a in ARTICLES if a.via == "redirect")
    assert "utm_source=" in AT.in_feed(tracked)
    assert page(AT.in_feed(tracked)) == page(AT.article(tracked))
    answer = ask(AT.in_feed(moved))
    assert (answer.status, answer.headers["Location"]) == (301, AT.article(moved))


def test_the_late_article_is_absent_before_and_present_after() -> None:
    outlet = PRESS.outlets[LATE.outlet]
    assert LATE.title not in page(AT.feed(outlet), BEFORE)
    assert ask(AT.article(LATE), BEFORE).status == 404
    first = json.loads(page(AT.feed(outlet), START + timedelta(seconds=60)))["items"][0]
    assert (first["title"], first["date_published"]) == (LATE.title, "2026-03-01T12:01:00+00:00")
    assert page(AT.article(LATE), START + timedelta(seconds=60)) == page(AT.article(LATE))
    assert '"2026-03-01T12:01:00+00:00"' in page(AT.article(LATE))


def test_the_wrong_article_is_corrected() -> None:
    assert CORRECTED.correction
    told = CORRECTED.correction
    early, late = START + timedelta(seconds=89), START + timedelta(seconds=90)
    before, after = page(AT.article(CORRECTED), early), page(AT.article(CORRECTED), late)
    assert told.wrong in words(before)
    assert told.note not in words(before)
    assert told.wrong not in words(after)
    assert told.right in words(after)
    assert told.note in words(after)
    assert "2026-03-01T12:01:30+00:00" not in before
    assert '<meta property="article:modified_time" content="2026-03-01T12:01:30+00:00">' in after
    entries = [
        {e.link: e for e in feedparser.parse(page(AT.feed(PRESS.outlets[CORRECTED.outlet]), now)).entries}
        for now in (early, late)
    ]
    first, second = (by_link[AT.article(CORRECTED)] for by_link in entries)
    assert first.published == second.published
    assert first.updated != second.updated == "2026-03-01T12:01:30+00:00"
    assert told.wrong in first.content[0].value
    assert told.note in second.content[0].value


def test_nothing_else_changes_with_time() -> None:
    for article in ARTICLES:
        if article not in (LATE, CORRECTED):
            url = AT.article(article)
            assert ask(url, START) == ask(url, LATER + timedelta(days=400)), article.id


@pytest.mark.parametrize(
    "url",
    [
        AT.feed(PRESS.outlets["lantern"]),
        AT.feed(PRESS.outlets["jiangsheng"]),
        AT.article(CORRECTED),
        AT.outlet(PRESS.outlets["saffron"]),
    ],
)
def test_what_has_not_changed_is_not_sent_again(url: str) -> None:
    first = ask(url)
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    for again in (ask(url, if_none_match=f'"other", W/{etag}'), ask(url, if_modified_since=changed)):
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert ask(url, if_none_match='"other"', if_modified_since=changed).status == 200
    assert ask(url, if_modified_since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200
    assert ask(url, if_modified_since="the day before").status == 200


@pytest.mark.parametrize("article", [LATE, CORRECTED], ids=["late", "corrected"])
def test_a_feed_that_has_changed_is_sent_again(article: Article) -> None:
    url = AT.feed(PRESS.outlets[article.outlet])
    early = ask(url, START)
    assert ask(url, START, if_none_match=early.headers["ETag"]).status == 304
    assert ask(url, LATER, if_none_match=early.headers["ETag"]).status == 200
    assert ask(url, LATER, if_modified_since=early.headers["Last-Modified"]).status == 200


def test_robots_close_one_path_and_ask_for_no_delay() -> None:
    robots = RobotFileParser()
    told = page(f"{ROOT}/robots.txt")
    robots.parse(told.splitlines())
    assert told.count("Disallow:") == 1
    assert str(robots.crawl_delay("Heritage-Wire")) == "0"
    for article in ARTICLES:
        outlet = PRESS.outlets[article.outlet]
        assert robots.can_fetch("Heritage-Wire", AT.article(article))
        assert robots.can_fetch("Heritage-Wire", AT.feed(outlet))
        if outlet.variant == "print":
            assert not robots.can_fetch("Heritage-Wire", AT.variant(outlet, article) or "")


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/lantern/nowhere", "/lantern/xx/", "/lantern/images/x.svg", "//", "/lantern/section/"],
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    answer = ask(f"{ROOT}{path}")
    assert answer.status == 404
    assert b"nothing at this address" in answer.body


def test_nothing_can_be_sent() -> None:
    assert SITE.answer(Question("/", method="POST"), LATER).status == 405


def test_sources_are_labelled_and_need_no_manners() -> None:
    sources = {s.id: s for s in sample_sources(PRESS, ROOT)}
    assert sources.keys() == {f"sample-{id}" for id in PRESS.outlets}
    for source in sources.values():
        assert source.name
        assert source.name.endswith("(sample)")
        assert (source.delay, source.interval, source.enabled) == (0, 2, True)
        assert source.kind == ("listing" if source.id == "sample-jiangsheng" else "feed")
        assert source.url
        assert ask(source.url).status == 200


def fetched(
    url: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, bytes, str | None]:
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers["ETag"]
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read(), None


def test_the_site_answers_on_loopback_and_ends() -> None:
    now = START
    with SampleSite(started_at=START, clock=lambda: now) as site:
        assert site.address.startswith("http://127.0.0.1:")
        urls = [str(s.url) for s in site.sources()]
        assert all(url.startswith(f"{site.address}/") for url in urls)
        status, body, etag = fetched(urls[0])
        assert status == 200
        assert site.address.encode() in body
        assert fetched(urls[0], {"If-None-Match": str(etag)})[:2] == (304, b"")
        assert fetched(urls[0], method="HEAD") == (200, b"", etag)
        late = Addresses(site.address).article(LATE)
        assert fetched(late)[0] == 404
        now = LATER
        assert fetched(late)[0] == 200
        port = int(site.address.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            SampleSite(port=port, started_at=START, clock=lambda: now)
    with SampleSite(port=port, started_at=START, clock=lambda: now) as again:
        assert again.address == site.address
    with pytest.raises(urllib.error.URLError):
        fetched(again.address)
