"""Reading feeds, sitemaps and lists: honest ones, broken ones and hostile ones."""

import gzip
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.crawler.feed_worker import FeedWorker
from services.crawler.feeds import read_feed
from services.crawler.found import Found, Unreadable, page_address
from services.crawler.listing import read_page
from services.crawler.reading import Question, kind_of, read_source
from services.crawler.sitemaps import read_sitemap
from shared.errors import Unavailable

URL = "https://desk.example/feeds/news.xml"


def rss(items: str, *, head: str = '<?xml version="1.0"?>', more: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>Desk</title>{more}{items}</channel></rss>'.encode()


def item(title: str = "One", link: str = "https://desk.example/1", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def urls(found: Found) -> list[str]:
    return [entry.url for entry in found.entries]


# Feeds


def test_an_rss_feed() -> None:
    body = rss(
        item(more="<pubDate>Mon, 18 May 2026 15:00:00 EST</pubDate><description>cut ...</description>"
                  "<author>A. Lamp</author>")
        + item("Two", "../2?utm_source=rss&amp;b=1")
        + item("Again", "https://desk.example/1#comments"),
        more="<ttl>90</ttl>",
    )  # fmt: skip
    found = read_feed(body, URL)
    assert (found.kind, found.title, found.ttl) == ("feed", "Desk", 5400.0)
    assert urls(found) == ["https://desk.example/1", "https://desk.example/2?b=1"]
    entry = found.entries[0].entry
    assert (entry.title, entry.summary, entry.updated) == ("One", "cut ...", None)
    assert entry.published == datetime(2026, 5, 18, 20, 0, tzinfo=UTC)


ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/">
<title>Plaza</title><entry><id>tag:1</id><title>Uno</title><link rel="edit" href="/edit/1"/><link href="notas/1"/>
<updated>2026-03-02T09:00:00+01:00</updated><published>2026-03-01T09:00:00Z</published><author><name>Ana</name></author>
<content type="html">&lt;p&gt;Todo&lt;/p&gt;</content><summary>Poco</summary></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>お知らせ</title></channel>
<item rdf:about="https://desk.example/a"><title>開催</title><link>https://desk.example/a</link><dc:date>2026-03-02T10:00:00+09:00</dc:date></item>
</rdf:RDF>"""


def test_an_atom_feed() -> None:
    (found,) = read_feed(ATOM.encode(), URL).entries
    assert found.url == "https://atom.example/notas/1"
    assert found.id == "tag:1"
    assert (found.entry.summary, found.entry.content, found.entry.authors) == (
        "Poco",
        "<p>Todo</p>",
        ("Ana",),
    )
    assert found.entry.updated == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_an_rdf_feed() -> None:
    (found,) = read_feed(RDF.encode(), URL).entries
    assert (found.url, found.entry.title) == ("https://desk.example/a", "開催")
    assert found.entry.published == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"])
def test_a_json_feed(version: str) -> None:
    feed = {
        "version": version,
        "title": "Desk",
        "home_page_url": "https://desk.example",
        "language": "pt",
        "authors": [{"name": "Rui"}],
        "items": [
            {"id": 7, "url": "/7", "title": "Sete", "content_html": "<p>tudo</p>", "date_published": "2026-03-02T09:00:00-03:00"},
            {"id": "8", "external_url": "https://else.example/8", "content_text": "a < b", "author": {"name": "Eva"}, "tags": ["x"]},
        ],
    }  # fmt: skip
    found = read_feed(json.dumps(feed).encode(), URL)
    assert urls(found) == ["https://desk.example/7", "https://else.example/8"]
    seven, eight = (e.entry for e in found.entries)
    assert (seven.authors, seven.language, seven.content) == (("Rui",), "pt", "<p>tudo</p>")
    assert seven.published == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert (eight.authors, eight.content) == (("Eva",), "a &lt; b")


def test_a_search_that_answers_in_json_and_one_that_answers_in_words() -> None:
    hits = {
        "articles": [
            {"url": "https://desk.example/h", "title": "Hit", "seendate": "20260302T090000Z", "domain": "x"}
        ]
    }
    found = read_source(Question(content=json.dumps(hits).encode(), url=URL, kind="query"))
    assert urls(found) == ["https://desk.example/h"]
    with pytest.raises(Unreadable, match=r"the search answers: Your query was too short\."):
        read_source(Question(content=b"Your query\n was too short.", url=URL, kind="query"))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Москва".encode("cp1251"), "text/xml; charset=windows-1251"),
        ("Москва".encode("cp1251"), None),
        ("Москва".encode("koi8-r"), "application/rss+xml; charset=koi8-r"),
        ("Москва".encode(), "text/html; charset=iso-8859-1"),
    ],
)
def test_encodings_declared_by_http_or_by_the_document(content: bytes, content_type: str | None) -> None:
    declared = "windows-1251" if content_type is None else "utf-8"
    head = f'<?xml version="1.0" encoding="{declared}"?>'.encode()
    body = (
        head
        + b'<rss version="2.0"><channel><item><title>'
        + content
        + b"</title><link>https://d.example/1</link></item></channel></rss>"
    )
    if content_type and "iso" in content_type:
        content_type = "text/html"
    assert read_feed(body, URL, content_type).entries[0].entry.title == "Москва"


@pytest.mark.parametrize(
    "body",
    [
        rss(item() + "<item><title>cut", head=""),
        rss(item("A & B")),
        rss(item("Caf&eacute; &nbsp; bar")),
        b"\n\n  " + rss(item()),
        b"\xef\xbb\xbf" + rss(item()),
        rss(item("a\x00b\x0bc")),
        rss(item()).replace(b"</channel>", b""),
        rss(item(more="<pubDate>the day after tomorrow</pubDate>")),
        rss(item(more="<pubDate>Mon, 32 Foo 99999 99:99:99 XXX</pubDate>")),
    ],
)
def test_broken_feeds_still_give_their_entries(body: bytes) -> None:
    found = read_feed(body, URL)
    assert found.entries[0].url == "https://desk.example/1"
    assert found.entries[0].entry.title


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "answer is empty"),
        (b"<html><body>Not found</body></html>", "it is a web page"),
        (b"<recipe/>", "not a feed"),
        (b'{"items": 7}', "no JSON Feed"),
        (b'{"items":', "no JSON Feed"),
        (b"{" + b"[" * 5000, "no JSON Feed"),
        (b"\xff\xfe\x00\x01", "not a feed"),
    ],
)
def test_what_is_no_feed_says_why(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as told:
        read_feed(body, URL)
    assert len(str(told.value)) < 300
    assert "\n" not in str(told.value)


def test_entries_without_a_web_address_keep_their_content() -> None:
    body = rss(
        "<item><title>Bare</title><description>All there is.</description></item>"
        + item("Mail", "mailto:a@desk.example")
        + item("Script", "javascript:alert(1)")
        + item("File", "file:///etc/passwd")
        + item("Bracket", "http://[broken/")
        + '<item><title>Guid</title><guid isPermaLink="true">https://desk.example/guid</guid></item>'
    )
    assert urls(read_feed(body, URL)) == ["", "", "", "", "", "https://desk.example/guid"]


def test_the_fingerprint_changes_with_what_is_said_and_with_nothing_else() -> None:
    def mark(title: str, more: str = "") -> str:
        return read_feed(rss(item(title, more=more)), URL).entries[0].fingerprint

    assert mark("One") == mark("One", "<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>")
    assert len({mark("One"), mark("Two"), mark("One", "<description>d</description>")}) == 3


def test_lengths_are_bounded() -> None:
    long = "x" * 200_000
    json_entry = (
        read_feed(json.dumps({"items": [{"title": long, "summary": long}]}).encode(), URL).entries[0].entry
    )
    assert (len(json_entry.title or ""), len(json_entry.summary or "")) == (1000, 10_000)
    content = (
        f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>{long}</content:encoded>"
    )
    assert read_feed(rss(item(more=content)), URL).entries[0].entry.content is None
    assert (
        len(read_feed(rss(item(more=content)), URL, longest_content=None).entries[0].entry.content or "")
        == 200_000
    )
    only = read_feed(rss(item(more=f"<description>{long[:50_000]}</description>")), URL).entries[0].entry
    assert (only.summary, len(only.content or "")) == (None, 50_000)
    with pytest.raises(Unreadable, match="too large: 10001 entries"):
        read_feed(
            json.dumps({"items": [{"url": f"https://d.example/{n}"} for n in range(10_001)]}).encode(), URL
        )


def test_external_entities_are_not_read_and_bombs_do_not_go_off() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 10}">' for n in range(9))
    head = f'<?xml version="1.0"?><!DOCTYPE r [{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    found = read_feed(rss(item("&a8;|&f;"), head=head), URL)
    assert len(found.entries[0].entry.title or "") < 100


# Sitemaps


def test_a_news_sitemap_gives_the_newest_first() -> None:
    body = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://desk.example/old</loc><lastmod>2026-01-01</lastmod></url>
    <url><loc> https://desk.example/new </loc><news:news><news:publication><news:name>Desk</news:name><news:language>en</news:language>
    </news:publication><news:publication_date>2026-03-02T09:00:00+02:00</news:publication_date><news:title>New &amp; good</news:title></news:news></url>
    <url><loc>ftp://desk.example/x</loc></url><url/></urlset>"""
    found = read_sitemap(body)
    assert urls(found) == ["https://desk.example/new", "https://desk.example/old"]
    new = found.entries[0].entry
    assert (new.title, new.language) == ("New & good", "en")
    assert new.published == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert urls(read_sitemap(gzip.compress(body))) == urls(found)


def test_an_index_names_its_newest_sitemaps() -> None:
    parts = "".join(
        f"<sitemap><loc>https://desk.example/{m:02}.xml</loc><lastmod>2026-{m:02}-01</lastmod></sitemap>"
        for m in range(1, 9)
    )
    found = read_sitemap(f"<sitemapindex>{parts}</sitemapindex>".encode())
    assert found.children == tuple(f"https://desk.example/{m:02}.xml" for m in (8, 7, 6))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no XML|Document is empty"),
        (b"<html/>", "the document is a <html>"),
        (b"\x1f\x8bnot gzip", "gzip data is damaged"),
        pytest.param(gzip.compress(bytes(51 * 1024 * 1024), mtime=0), "too large", id="bomb"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]>', "not a sitemap"),
    ],
)
def test_what_is_no_sitemap_says_why(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_sitemap(body)


# Lists

NAV = "".join(f'<li><a href="/section/{n}/">Section with a long name {n}</a></li>' for n in range(9))
SIDE = "".join(f'<li><a href="/popular-{n}">Popular reading of the week {n}</a></li>' for n in range(2))
CARDS = "".join(
    f"""<div class="card card-{n}"><a class="pic" href="/2026/03/story-{n}"><img src="x.jpg"></a>
    <h3><a href="/2026/03/story-{n}?utm_source=home">Masons finish the restoration of gate number {n}</a></h3>
    <time datetime="2026-03-0{n + 1}T08:00:00Z">day</time><a href="/author/lamp">A. Lamp, who writes about stones</a></div>"""
    for n in range(5)
)
LIST = f"""<html><head><title> The Desk </title></head><body><header><ul>{NAV}</ul></header><main>{CARDS}</main>
<aside><ul>{SIDE}</ul></aside><footer><a href="/about/imprint-of-the-publisher">Imprint and all the rest of it</a>
<a href="https://other.example/2026/a-long-story-of-another-site">Another site altogether, far away</a></footer></body></html>"""


def read(
    html: str, selector: str | None = None, *, list_only: bool = True, url: str = "https://desk.example/"
) -> Found:
    return read_page(html.encode(), url, "utf-8", selector, list_only=list_only)


def test_a_list_is_found_by_itself() -> None:
    found = read(LIST)
    assert urls(found) == [f"https://desk.example/2026/03/story-{n}" for n in range(5)]
    assert (found.kind, found.title) == ("listing", "The Desk")
    first = found.entries[0].entry
    assert first.title == "Masons finish the restoration of gate number 0"
    assert first.published == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_a_list_of_read_more_links_takes_its_titles_from_the_headings() -> None:
    block = '<div class="item"><h2>The old harbour gets its lamps back</h2><p>x</p><a href="/n/{0}">More</a></div>'
    found = read(f"<body>{''.join(block.format(n) for n in range(3))}</body>")
    assert urls(found) == [f"https://desk.example/n/{n}" for n in range(3)]
    assert {e.entry.title for e in found.entries} == {"The old harbour gets its lamps back"}


def test_a_chinese_list_with_dates_in_words() -> None:
    rows = "".join(
        f'<tr><td><a href="/art/2026/3/{d}/art_722_{d}.html">石窟寺保护工程通过验收{d}</a></td><td>2026年3月{d}日</td></tr>'
        for d in (1, 2)
    )
    found = read(f"<table>{rows}</table>", url="http://desk.example/col/col722/")
    assert urls(found) == [f"http://desk.example/art/2026/3/{d}/art_722_{d}.html" for d in (1, 2)]
    assert [e.entry.published for e in found.entries] == [datetime(2026, 3, d, tzinfo=UTC) for d in (1, 2)]


def test_a_selector_wins() -> None:
    assert urls(read(LIST, "aside li")) == [
        "https://desk.example/popular-0",
        "https://desk.example/popular-1",
    ]
    assert urls(read(LIST, "h3 > a"))[0] == "https://desk.example/2026/03/story-0"


def test_a_base_address_counts() -> None:
    html = '<head><base href="https://desk.example/en/"></head><ul>' + "".join(
        f'<li><a href="news-{n}">A headline that is long enough {n}</a></li>' for n in range(2)
    )
    assert urls(read(html)) == ["https://desk.example/en/news-0", "https://desk.example/en/news-1"]


@pytest.mark.parametrize(
    ("html", "selector", "words"),
    [
        ("<p>nothing</p>", None, "no list of articles was found"),
        ("", None, "no list of articles was found"),
        (LIST, ".none", "matches no links"),
        (LIST, "a[", "is no CSS selector"),
        (LIST, ":nth-foo(2)", "is no CSS selector"),
    ],
)
def test_a_page_without_a_list_says_what_to_do(html: str, selector: str | None, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as told:
        read(html, selector)
    assert "\n" not in str(told.value)


def test_a_page_names_its_feeds_those_of_comments_last() -> None:
    links = """<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
    <link rel="alternate" hreflang="fr" href="/fr/"><link rel="Alternate" type="application/atom+xml; charset=utf-8" href="atom.xml">
    <link rel="alternate" type="application/rss+xml" href="javascript:void(0)">"""
    found = read(f"<head>{links}</head>{LIST}", list_only=False)
    assert (found.kind, found.feeds) == (
        "page",
        ("https://desk.example/atom.xml", "https://desk.example/comments/feed/"),
    )
    assert read(f"<head>{links}</head>{LIST}").kind == "listing"


@pytest.mark.parametrize(
    ("content", "content_type", "kind"),
    [
        (rss(""), "text/html", "feed"),
        (ATOM.encode(), None, "feed"),
        (RDF.encode(), None, "feed"),
        (b' {"version": 1}', None, "feed"),
        (b"<!doctype html><html>", "application/xml", "listing"),
        (b"<p>bare", "text/html", "listing"),
        (b"bare", "text/plain", "feed"),
        (b"<?xml version='1.0'?><urlset/>", None, "sitemap"),
        (b"<?xml version='1.0'?><sitemapindex>", None, "sitemap"),
        pytest.param(gzip.compress(b"<urlset/>", mtime=0), None, "sitemap", id="packed"),
    ],
)
def test_the_content_tells_its_kind(content: bytes, content_type: str | None, kind: str) -> None:
    assert kind_of(content, content_type) == kind


def test_page_addresses() -> None:
    assert page_address(" HTTPS://Desk.Example:443/a?utm_source=x ") == "https://desk.example/a"
    for no in (
        None,
        7,
        "",
        "x",
        "mailto:a@b",
        "http://",
        "http://[1",
        "data:text/html,x",
        "https://d.example/" + "x" * 5000,
    ):
        assert page_address(no) == ""


# The process of its own


@pytest.fixture(scope="module")
def worker() -> Iterator[FeedWorker]:
    worker = FeedWorker(cpu_seconds=2, wall_seconds=600, memory=400 * 1024 * 1024)
    yield worker
    worker.close()


def ask(worker: FeedWorker, content: bytes, **more: Any) -> Found:
    return worker.read(Question(content=content, url=URL, **more))


HOSTILE = {
    "200,000 attributes": b"<rss><channel><item "
    + b" ".join(b'a%d="x"' % n for n in range(200_000))
    + b"><title>x</title></item></channel></rss>",
    "100,000 items": rss("<item><title>t</title><link>http://a.example/x</link></item>" * 100_000),
    "deep nesting": b"<html>" + b"<div>" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_hangs_a_parser_is_ended_and_the_next_is_read(worker: FeedWorker, name: str) -> None:
    with pytest.raises(Unreadable, match="more time or memory than is allowed"):
        ask(worker, HOSTILE[name])
    assert urls(ask(worker, rss(item()))) == ["https://desk.example/1"]


def test_what_is_no_feed_costs_no_worker(worker: FeedWorker) -> None:
    def pid() -> int:
        ask(worker, rss(item()))
        (place,) = worker._pool._places.queue
        return place.worker.pid if place.worker else 0

    first = pid()
    for _ in range(3):
        with pytest.raises(Unreadable, match="not a feed"):
            ask(worker, b"nonsense")
    assert first == pid() != 0
    os.kill(first, signal.SIGKILL)
    assert urls(ask(worker, rss(item()))) == ["https://desk.example/1"]


def test_what_takes_too_much_memory_is_ended() -> None:
    worker = FeedWorker(cpu_seconds=20, memory=150 * 1024 * 1024)
    try:
        with pytest.raises(Unreadable, match="more time or memory"):
            ask(worker, b"<html>" + b"<p><a href='/x'>text</a></p>" * 300_000)
    finally:
        worker.close()


def test_the_time_on_the_wall_is_limited_too() -> None:
    at = iter(range(0, 100_000, 60))
    worker = FeedWorker(wall_seconds=30, monotonic=lambda: float(next(at)))
    try:
        with pytest.raises(Unreadable, match="more time or memory"):
            ask(worker, rss(item()))
    finally:
        worker.close()


def test_a_process_that_does_not_start_is_no_fault_of_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.crawler.feed_worker.JOBS", "services.crawler.no_such_module:jobs")
    worker = FeedWorker()
    with pytest.raises(Unavailable, match="does not start"):
        ask(worker, rss(item()))
    worker.close()
