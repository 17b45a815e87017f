"""Articles in several parts, from a site on this machine through crawler and parser: one article, once, with all its text."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services.crawler import gathering
from services.crawler.upkeep import Upkeep
from services.events.service import events_service
from services.parser.bounded import parser_pool
from services.parser.parse import read
from services.parser.read import LACKS
from services.parser.service import parser_service
from shared.contracts.messages import ArticleUpdate, FetchedDocument, Source
from shared.contracts.topics import topic_of
from shared.runner.service import Service
from tests.integration.crawling import Asked, Crawl, Reply, Site, item, rss
from tests.unit.runner_turns import START, Clock, Turns, read_all

HTML = {"Content-Type": "text/html; charset=utf-8"}
FRESH = format_datetime(START + timedelta(minutes=1))
OLD = format_datetime(START - timedelta(days=30))


@pytest.fixture
def crawl(tmp_path: Path, clock: Clock, site: Site) -> Iterator[Crawl]:
    source = Source(id="desk", kind="feed", url=site.url("/feed"), interval=86400.0, delay=0.0)
    crawl = Crawl(tmp_path, clock, [source])
    yield crawl
    crawl.close()


def feed(site: Site, *paths: str, published: str = FRESH, **more: str) -> None:
    items = [item(f"Gates {n}", path, published=published, **more) for n, path in enumerate(paths)]
    site.pages["one.example/feed"] = Reply(rss(*items), headers={"Content-Type": "application/rss+xml"})


def said(part: int, word: str = "frost") -> list[str]:
    """The paragraphs of a part."""
    return [
        f"On day {part * 10 + n} the keeper of the north gate wrote down what the {word} had broken, and who was to mend it. "
        f"Page {part * 31 + n} of his book has the price of the lime as well, and the name of the carter."
        for n in range(4)
    ]


def part_page(
    number: int, count: int, name: str = "gates", *, word: str = "frost", more: str = "", head: str = ""
) -> Reply:
    """Part `number` of `count`: `gates.html`, `gates_2.html` …"""
    where = [f"{name}.html", *(f"{name}_{n}.html" for n in range(2, count + 1))]
    pager = " ".join(
        f'<a href="{where[n - 1]}">{n}</a>' if n != number else str(n) for n in range(1, count + 1)
    )
    pager += f' <a href="{where[number]}">Next page</a>' if number < count else ""
    text = "".join(f"<p>{p}</p>" for p in said(number, word))
    return Reply(
        f"<html lang=en><head><title>The book of the gates</title>{head}</head><body><nav><a href=/>Home</a></nav><article>"
        f"<h1>The book of the gates</h1>{text}<div class=pager>{pager} {more}</div></article><footer>© One</footer></body></html>",
        headers=HTML,
    )  # fmt: skip


def publish(site: Site, count: int, name: str = "gates", **more: Any) -> None:
    for number in range(1, count + 1):
        file = f"{name}.html" if number == 1 else f"{name}_{number}.html"
        site.pages[f"one.example/{file}"] = part_page(number, count, name, **more)


def whole_text(count: int, word: str = "frost") -> str:
    return "\n\n".join(p for n in range(1, count + 1) for p in said(n, word))


def text(document: FetchedDocument) -> str:
    return read(document).text


def sent(crawl: Crawl) -> list[FetchedDocument]:
    return [*crawl.documents(), *crawl.documents("fetched-backfill")]


def until_sent(crawl: Crawl, count: int = 1, **pace: Any) -> list[FetchedDocument]:
    crawl.until(lambda: len(sent(crawl)) >= count, **pace)
    return sent(crawl)


def test_an_article_in_four_parts_is_one_document(site: Site, crawl: Crawl) -> None:
    publish(site, 4)
    feed(site, "/gates.html")
    (document,) = until_sent(crawl)
    assert [p.url for p in document.parts] == [site.url(f"/gates_{n}.html") for n in (2, 3, 4)]
    assert (document.url, document.missing) == (site.url("/gates.html"), ())
    assert text(document) == whole_text(4)
    crawl.run_for(300)
    assert len(sent(crawl)) == 1
    assert all(site.count(f"/gates{n}.html") == 1 for n in ("", "_2", "_3", "_4"))
    results = [(o.result, o.reason) for o in crawl.outcomes(document.url)]
    assert results[:2] == [
        ("retry", "part 2 of it is asked for next"),
        ("retry", "part 3 of it is asked for next"),
    ]
    assert results[-1] == ("passed", "")


def test_the_delay_of_the_host_stands_between_the_parts_and_they_come_before_later_pages(
    site: Site, tmp_path: Path, clock: Clock
) -> None:
    publish(site, 3)
    publish(site, 1, "tower")
    feed(site, "/gates.html", "/tower.html")
    site.pages["one.example/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 9")
    crawl = Crawl(
        tmp_path, clock, [Source(id="d", kind="feed", url=site.url("/feed"), interval=86400.0, delay=0.0)]
    )
    until_sent(crawl, 2)
    crawl.close()
    pages = [a for a in site.asked if a.path.endswith(".html")]
    assert all(b.at - a.at >= timedelta(seconds=9) for a, b in pairwise(pages))
    order = [a.path for a in pages]
    gates = [order.index(f"/gates{n}.html") for n in ("", "_2", "_3")]
    assert gates == list(range(gates[0], gates[0] + 3)), order


def test_a_view_on_one_page_is_taken_in_place_of_the_parts(site: Site, crawl: Crawl) -> None:
    publish(site, 4, more='<a href="?page=all">View as single page</a>')
    body = "".join(f"<p>{p}</p>" for n in range(1, 5) for p in said(n))
    site.pages["one.example/gates.html?page=all"] = Reply(
        f"<html><body><article><h1>The book of the gates</h1>{body}</article></body></html>", headers=HTML
    )
    feed(site, "/gates.html")
    (document,) = until_sent(crawl)
    assert [(p.role, p.url) for p in document.parts] == [("whole", site.url("/gates.html?page=all"))]
    assert site.count("/gates_2.html") == 0
    assert read(document).title == "The book of the gates"
    assert text(document) == whole_text(4)


def test_a_print_view_is_taken_too_and_one_of_the_first_part_alone_is_not(site: Site, crawl: Crawl) -> None:
    publish(site, 3, more='<a href="/gates_print.html">Print</a>')
    publish(site, 3, "towers", head="<link rel=alternate media=print href=/p/7>")
    whole = "".join(f"<p>{p}</p>" for n in range(1, 4) for p in said(n))
    site.pages["one.example/gates_print.html"] = Reply(f"<html><body>{whole}</body></html>", headers=HTML)
    first = "".join(f"<p>{p}</p>" for p in said(1))
    site.pages["one.example/p/7"] = Reply(f"<html><body>{first}</body></html>", headers=HTML)
    feed(site, "/gates.html", "/towers.html")
    documents = {d.url: d for d in until_sent(crawl, 2)}
    assert [p.role for p in documents[site.url("/gates.html")].parts] == ["whole"]
    assert [p.role for p in documents[site.url("/towers.html")].parts] == ["part", "part"]
    assert {text(d) for d in documents.values()} == {whole_text(3)}


def test_a_view_that_is_not_to_be_had_is_done_without(site: Site, crawl: Crawl) -> None:
    publish(site, 3, more='<a href="?page=all">View all</a> <a href="?print=1">Print</a>')
    site.pages["one.example/gates.html?page=all"] = Reply(status=404)
    site.pages["one.example/gates.html?print=1"] = Reply(status=302, headers={"Location": "/gates.html"})
    feed(site, "/gates.html")
    (document,) = until_sent(crawl)
    assert (len(document.parts), document.missing) == (2, ())
    assert text(document) == whole_text(3)


def test_the_amp_page_of_a_script_shell_is_read_in_its_place(site: Site, crawl: Crawl) -> None:
    amp = site.url("/amp/gates", "amp.one.example")
    site.pages["one.example/gates"] = Reply(
        f"<html><head><link rel=amphtml href='{amp}'></head><body><div id=root></div><script src=x.js></script></body></html>", headers=HTML
    )  # fmt: skip
    body = "".join(f"<p>{p}</p>" for p in said(1))
    site.pages["amp.one.example/amp/gates"] = Reply(
        f"<html amp><body><article><h1>The book of the gates</h1>{body}</article></body></html>", headers=HTML
    )
    feed(site, "/gates")
    (found,) = until_sent(crawl)
    assert (found.final_url, found.chain) == (amp, (site.url("/gates"),))
    assert text(found) == whole_text(1)


AMP_ANSWERS = {
    "gone": Reply(status=404),
    "failing": Reply(status=503),
    "redirecting back": Reply(status=301, headers={"Location": "http://one.example/gates"}),
    "a picture": Reply(b"\x89PNG", headers={"Content-Type": "image/png"}),
}


@pytest.mark.parametrize("answer", AMP_ANSWERS)
def test_a_page_whose_amp_view_is_not_to_be_had_is_read_itself_and_the_view_is_looked_for_again(
    site: Site, crawl: Crawl, clock: Clock, answer: str
) -> None:
    amp = site.url("/amp/gates", "amp.one.example")
    state = f'<script type="application/json">{{"paragraphs": {json.dumps(said(2))}}}</script>'
    shell = f"<html><head><link rel=amphtml href='{amp}'><title>The book</title></head><body><h1>The book</h1>{state}</body></html>"
    site.pages["one.example/gates"] = Reply(shell, headers={**HTML, "ETag": '"1"'})
    reply = AMP_ANSWERS[answer]
    if "Location" in reply.headers:
        reply = Reply(status=301, headers={"Location": site.url("/gates")})
    site.pages["amp.one.example/amp/gates"] = reply
    feed(site, "/gates")
    (found,) = until_sent(crawl)
    assert clock.now - START < timedelta(seconds=60)
    assert (found.url, found.final_url, found.chain) == (site.url("/gates"), site.url("/gates"), ())
    assert text(found) == "\n\n".join(said(2))
    assert site.count("/amp/gates", "amp.one.example") == 1
    body = "".join(f"<p>{p}</p>" for p in said(1))
    site.pages["amp.one.example/amp/gates"] = Reply(
        f"<html amp><body><article>{body}</article></body></html>", headers=HTML
    )
    later = until_sent(crawl, 2, each=10)[1]
    assert (later.final_url, text(later)) == (amp, whole_text(1))
    site.pages["amp.one.example/amp/gates"] = reply
    crawl.run_for(2 * 3600, each=60)
    assert len(sent(crawl)) == 2, "what was had from the view is not replaced by the shell"


def test_a_later_part_whose_first_is_not_to_be_had_is_no_article(site: Site, crawl: Crawl) -> None:
    publish(site, 2)
    publish(site, 2, "towers")
    site.pages["one.example/gates.html"] = site.pages["one.example/towers.html"] = Reply(status=410)
    items = [
        item("Gates", "/gates_2.html", published=FRESH),
        item("Towers", "/towers_2.html", published=FRESH, content="<p>In the feed.</p>"),
    ]
    site.pages["one.example/feed"] = Reply(rss(*items), headers={"Content-Type": "application/rss+xml"})
    crawl.until(lambda: bool(crawl.ends()) and bool(sent(crawl)))
    assert crawl.ends() == ["one.example answers 410 (gone)"]
    assert [(d.url, d.content_from) for d in sent(crawl)] == [(site.url("/towers_2.html"), "feed")]


def test_a_part_that_fails_for_now_holds_nothing_up_and_the_next_visit_completes_the_article(
    site: Site, crawl: Crawl, clock: Clock
) -> None:
    publish(site, 4)
    there = site.pages["one.example/gates_3.html"]
    site.pages["one.example/gates_3.html"] = Reply(status=503)
    for path in ("gates.html",):
        reply: Any = site.pages[f"one.example/{path}"]
        reply.headers = {**HTML, "ETag": '"1"'}
    feed(site, "/gates.html")
    (document,) = until_sent(crawl)
    assert clock.now - START < timedelta(seconds=60)
    assert [(m.url, m.why) for m in document.missing] == [
        (site.url("/gates_3.html"), "one.example answers 503 (service unavailable)")
    ]
    found = read(document)
    assert found.text == whole_text(2)
    assert f"{LACKS}: one.example answers 503 (service unavailable)" in {r.reason for r in found.removed}
    site.pages["one.example/gates_3.html"] = there
    later = until_sent(crawl, 2, each=10)[1]
    assert clock.now - START < timedelta(minutes=13)
    assert (text(later), later.missing) == (whole_text(4), ())
    before = len(site.asked)
    crawl.run_for(26 * 3600, each=120)
    assert len(sent(crawl)) == 2
    assert [a.path for a in site.asked[before:] if "gates" in a.path] == ["/gates.html"] * 2, (
        "304: no part is asked for"
    )


@pytest.mark.parametrize(("published", "early"), [(FRESH, True), (OLD, False)])
def test_a_host_that_leaves_long_waits_holds_no_news_up(
    site: Site, crawl: Crawl, clock: Clock, published: str, early: bool
) -> None:
    publish(site, 3)
    feed(site, "/gates.html", published=published)
    crawl.until(lambda: site.count("/feed") == 1)
    site.pages["one.example/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 300")
    crawl.store.delete("robots", next(crawl.store.list("robots")).id)
    documents = until_sent(crawl, 2 if early else 1, each=10)
    assert site.times("/gates_3.html")[0] - site.times("/gates.html")[0] >= timedelta(minutes=10)
    if early:
        first, documents = documents[0], documents[1:]
        assert first.fetched_at == site.times("/gates.html")[0]
        assert [m.why for m in first.missing] == ["its host is asked for it in 5 minutes"]
        assert text(first) == whole_text(1)
    (document,) = documents
    assert (text(document), document.missing) == (whole_text(3), ())
    assert document.fetched_at >= site.times("/gates_3.html")[0] or not early
    crawl.run_for(120, each=10)
    assert len(sent(crawl)) == 1 + early


def test_what_went_out_whole_does_not_shrink_when_a_part_fails(site: Site, crawl: Crawl) -> None:
    publish(site, 3)
    feed(site, "/gates.html")
    until_sent(crawl)
    publish(site, 3, word="storm")
    there = site.pages["one.example/gates_2.html"]
    site.pages["one.example/gates_2.html"] = Reply(status=500)
    crawl.until(lambda: site.count("/gates_2.html") == 2, each=10)
    crawl.run_for(60)
    assert len(sent(crawl)) == 1
    site.pages["one.example/gates_2.html"] = there
    later = until_sent(crawl, 2, each=10)[1]
    assert text(later) == whole_text(3, "storm")


def test_a_page_nobody_waits_for_is_completed_before_it_goes_out(
    site: Site, crawl: Crawl, clock: Clock
) -> None:
    publish(site, 3)
    there = site.pages["one.example/gates_3.html"]
    site.pages["one.example/gates_3.html"] = Reply(status=502)
    feed(site, "/gates.html", published=OLD)
    crawl.until(lambda: site.count("/gates_3.html") == 2, each=5)
    assert not sent(crawl)
    site.pages["one.example/gates_3.html"] = there
    (document,) = until_sent(crawl, each=10)
    assert text(document) == whole_text(3)
    assert [o.reason for o in crawl.outcomes(document.url) if "502" in o.reason] == [
        "part 3 of it: one.example answers 502 (bad gateway)"
    ] * 2


def test_a_part_that_is_gone_or_forbidden_is_told_and_not_asked_for_again(site: Site, crawl: Crawl) -> None:
    publish(site, 3)
    publish(site, 3, "towers")
    site.pages["one.example/gates_2.html"] = Reply(status=404)
    site.pages["one.example/robots.txt"] = Reply("User-agent: *\nDisallow: /towers_")
    feed(site, "/gates.html", "/towers.html")
    documents = {d.url: d for d in until_sent(crawl, 2)}
    assert [m.why for m in documents[site.url("/gates.html")].missing] == [
        "one.example answers 404 (not found)"
    ]
    assert [m.why for m in documents[site.url("/towers.html")].missing] == [
        "the robots.txt of one.example does not allow it"
    ]
    assert not [a for a in site.asked if a.path.startswith("/towers_")]
    crawl.run_for(15 * 60, each=10)
    assert site.count("/gates.html") == 2
    assert site.count("/gates_2.html") == 1
    assert len(sent(crawl)) == 2


def test_a_later_part_in_the_feed_leads_to_the_first(site: Site, crawl: Crawl, clock: Clock) -> None:
    publish(site, 3)
    feed(site, "/gates_2.html")
    (document,) = until_sent(crawl)
    assert (document.url, document.final_url) == (site.url("/gates_2.html"), site.url("/gates.html"))
    assert document.chain == (site.url("/gates_2.html"),)
    assert text(document) == whole_text(3)


def test_a_redirected_article_has_its_parts_where_it_lies(site: Site, crawl: Crawl) -> None:
    publish(site, 2)
    for path in ("gates.html", "gates_2.html"):
        site.pages[f"two.example/{path}"] = site.pages.pop(f"one.example/{path}")
    site.pages["one.example/go"] = Reply(
        status=302, headers={"Location": site.url("/gates.html", "two.example")}
    )
    feed(site, "/go")
    (document,) = until_sent(crawl)
    assert (document.url, text(document)) == (site.url("/go"), whole_text(2))


def dies(crawl: Crawl, often: int) -> list[int]:
    """Let the process die at every so many writes; gives the counts of writes and deaths as they grow."""
    real, calls = crawl.store, [0, 0]

    class Flaky:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def put_many(self, writes: Any) -> None:
            calls[0] += 1
            if calls[0] % often == 0:
                calls[1] += 1
                raise Dies
            real.put_many(writes)

    crawl.store = Flaky()
    return calls


class Dies(Exception):
    """The end of the process."""


@pytest.mark.parametrize("often", [2, 3, 5])
def test_whatever_is_interrupted_between_parts_ends_in_the_same_article(
    site: Site, crawl: Crawl, often: int
) -> None:
    names = ("gates", "towers", "walls")
    for name in names:
        publish(site, 4, name, word=name)
    feed(site, *(f"/{name}.html" for name in names))
    real = crawl.store
    calls = dies(crawl, often)
    for _ in range(60):
        try:
            crawl.until(lambda: len({d.url for d in sent(crawl)}) == 3)
            break
        except Dies:
            continue
    assert calls[1] > 3
    crawl.store = real
    crawl.run_for(120)
    assert {d.url for d in sent(crawl)} == {site.url(f"/{name}.html") for name in names}
    for document in sent(crawl):
        name = document.url.rpartition("/")[2].removesuffix(".html")
        assert text(document) == whole_text(4, name)
    assert {(d.url, tuple(p.sha256 for p in d.parts)) for d in sent(crawl)}.__len__() == 3
    assert site.count("/gates.html") <= 12


BAD_PARTS = (
    "endless",
    "circle.html",
    "vast.html",
    "tags.html",
    "bomb.html",
    "away.html",
    "pdf.html",
    "same.html",
)


def publish_bad_parts(site: Site) -> None:
    """Articles whose parts never end, lead back, are too large, lead away or are none."""

    def endless(asked: Asked) -> Reply:
        number = int(asked.path.partition("=")[2] or 1)
        body = "".join(f"<p>{p}</p>" for p in said(number))
        return Reply(
            f"<html><body><article>{body}<a href='/endless?page={number + 1}'>Next page</a></article></body></html>",
            headers=HTML,
        )

    site.pages |= {f"one.example/endless?page={n}": endless for n in range(2, 60)} | {
        "one.example/endless": endless
    }
    publish(
        site, 2, "circle", more='<a href="/circle_2.html">Next page</a><a href="/circle.html">Next page</a>'
    )
    publish(site, 3, "vast")
    site.pages["one.example/vast_2.html"] = Reply(b"<p>" + b"x" * (20 * 1024 * 1024), headers=HTML)
    publish(site, 3, "tags")
    site.pages["one.example/tags_2.html"] = Reply(b"<p>" * 200_000, headers=HTML)
    publish(site, 3, "bomb")
    site.pages["one.example/bomb_2.html"] = Reply(
        "<p " + "".join(f"a{n}=1 " for n in range(100_000)) + ">", headers=HTML
    )
    publish(site, 3, "away")
    site.pages["one.example/away_2.html"] = Reply(
        status=301, headers={"Location": "https://elsewhere.example/"}
    )
    publish(site, 3, "pdf")
    site.pages["one.example/pdf_2.html"] = Reply(
        b"%PDF-1.7 nothing", headers={"Content-Type": "application/pdf"}
    )
    again = site.pages["one.example/same.html"] = Reply(
        f"<html><body>{''.join(f'<p>{p}</p>' for p in said(1))}<a href=?page=2>2</a><a href=?page=3>3</a></body></html>",
        headers=HTML,
    )
    counted = again.content.decode().replace(
        "<a ", "<p>You are reader number 4,711 of this page since it was made.</p><a ", 1
    )
    site.pages["one.example/same.html?page=2"] = Reply(counted, headers=HTML)


def test_endless_circular_and_vast_parts_come_to_an_end(site: Site, crawl: Crawl) -> None:
    publish_bad_parts(site)
    feed(site, *(f"/{name}" for name in BAD_PARTS))
    documents = {d.url.rpartition("/")[2]: d for d in until_sent(crawl, len(BAD_PARTS))}
    assert len(documents["endless"].parts) == gathering.MOST_PARTS
    assert [m.why for m in documents["endless"].missing] == ["an article is read up to 21 parts"]
    assert site.count("/endless?page=22") == 0
    assert text(documents["endless"]) == whole_text(21)
    assert text(documents["circle.html"]) == whole_text(2)
    whys = {
        name: documents[name].missing[0].why
        for name in ("vast.html", "tags.html", "bomb.html", "away.html", "pdf.html")
    }
    assert "bytes" in whys["vast.html"] or "large" in whys["vast.html"]
    assert whys["tags.html"] == whys["bomb.html"] == "it is larger than any article"
    assert whys["away.html"] == "it redirects to https://elsewhere.example/"
    assert whys["pdf.html"] == "it is application/pdf, not a page"
    assert (documents["same.html"].parts, site.count("/same.html?page=3")) == ((), 0)
    assert {text(documents[name]) for name in whys} == {whole_text(1)}


def test_through_the_parser_a_part_that_changes_is_a_revision_and_nothing_else_is(
    site: Site, crawl: Crawl
) -> None:
    pool = parser_pool(workers=1)
    try:
        services = parser_service(pool, crawl.store, crawl.clock.seconds), events_service(crawl.store)

        def articles() -> list[ArticleUpdate]:
            for service in services:
                _work(service, crawl)
            return read_all(crawl.bus, "articles")

        publish(site, 3)
        feed(site, "/gates.html", "/gates_2.html")
        until_sent(crawl, 2)
        (new,) = articles()
        assert (new.change, new.article.text) == ("new", whole_text(3))
        reply = part_page(3, 3, word="storm")
        site.pages["one.example/gates_3.html"] = reply
        first: Any = site.pages["one.example/gates.html"]
        first.body = first.body.replace("© One", "© One, 12:04")
        until_sent(crawl, 4, each=10)
        changes = [(u.change, u.article.id, u.article.revision) for u in articles()]
        assert changes == [("new", new.article.id, 1), ("revision", new.article.id, 2)]
        text = read_all(crawl.bus, "articles")[-1].article.text
        assert text == "\n\n".join([whole_text(2), *said(3, "storm")])
    finally:
        pool.close()


def _work(service: Service, crawl: Crawl) -> None:
    lanes = [lane for name in service.inputs for lane in topic_of(name).lanes()]
    Turns(service, crawl.bus, crawl.store, crawl.clock).until(
        lambda: not sum(crawl.bus.lag(service.name, lanes).values())
    )


def test_what_is_left_over_of_gatherings_goes_after_a_day(site: Site, crawl: Crawl) -> None:
    publish(site, 2)
    feed(site, "/gates.html")
    until_sent(crawl)
    assert crawl.store.count(gathering.COLLECTION) == 1
    (kept,) = crawl.store.list(gathering.COLLECTION)
    assert len(kept.body) < 1000, "the parts themselves are not kept once they went out"
    upkeep = Upkeep(crawl.store)
    upkeep.tick(crawl.clock.now, lambda _topic, _key: True)
    assert crawl.store.count(gathering.COLLECTION) == 1
    upkeep.tick(crawl.clock.now + timedelta(days=2), lambda _topic, _key: True)
    assert crawl.store.count(gathering.COLLECTION) == 0
