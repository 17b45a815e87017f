"""Which page is the next part of an article: by systems and languages, and all that only looks like one."""

import time
from dataclasses import dataclass

import pytest
import yaml

from services.crawler import feed_work
from services.crawler.feed_worker import FeedWorker
from services.crawler.found import Unreadable
from services.crawler.page_marks import is_readable, may_be_shell, may_lead_on
from services.crawler.page_texts import Texts, holds_more, same_text
from services.crawler.part_links import Asked, Links, find_links
from services.crawler.part_words import number_in, says
from tests.conftest import ROOT

SITE = "https://news.example"
PROSE = "".join(
    f"<p>The mason of gate {n} told visitors how the lime was burnt, carried and laid in winter.</p>"
    for n in range(9)
)
WORDS = yaml.safe_load((ROOT / "services/crawler/part_words.yaml").read_text("utf-8"))


def page(body: str, head: str = "", *, prose: str = PROSE) -> bytes:
    return f"<html><head><meta charset=utf-8>{head}</head><body><main><h1>Gates</h1>{prose}{body}</main></body></html>".encode()


def links(url: str, content: bytes, **told: object) -> Links:
    """As the crawler asks: the page itself only after the look at its bytes."""
    if "number" not in told and not (may_lead_on(content, SITE + url) or may_be_shell(content)):
        return Links()
    return find_links(Asked(content=content, url=SITE + url, **told))  # type: ignore[arg-type]


def a(href: str, text: str, more: str = "") -> str:
    return f'<a href="{href}" {more}>{text}</a>'


@dataclass(frozen=True)
class Case:
    """A page at an address, with these links: the next part is `next` ('' for none)."""

    says: str
    url: str
    body: str
    next: str = ""
    head: str = ""


PAGER = '<div class="pagination"><span>1</span> {} {}</div>'
NEXT = [
    Case("underscore, words", "/a/gates.html", a("gates_2.html", "Next page »"), "/a/gates_2.html"),
    Case("dash, words", "/a/gates.html", a("/a/gates-2.html", "Next"), "/a/gates-2.html"),
    Case("page in the name", "/a/gates.html", a("gates_page2.html", "2"), "/a/gates_page2.html"),
    Case("page in the name, dashes", "/a/gates.php", a("gates-page-2.php", "2"), "/a/gates-page-2.php"),
    Case("comma", "/gates.html", a("/gates,2.html", "następna strona"), "/gates,2.html"),
    Case("WordPress", "/2025/05/gates/", a("https://news.example/2025/05/gates/2/", "2", "class=post-page-numbers"), "/2025/05/gates/2/"),
    Case("WordPress, rel=next in the head", "/2025/05/gates/", "", "/2025/05/gates/2/", "<link rel=next href=/2025/05/gates/2/>"),
    Case("WordPress, plain addresses", "/?p=412", a("/?p=412&amp;page=2", "2"), "/?p=412&page=2"),
    Case("/page/2/", "/gates", a("/gates/page/2/", "Next page"), "/gates/page/2/"),
    Case("/page-2", "/gates", a("/gates/page-2", "2"), "/gates/page-2"),
    Case("/p/2", "/gates", a("/gates/p/2", "2"), "/gates/p/2"),
    Case("number behind the ending", "/gates.html", a("/gates.html/2", "2"), "/gates.html/2"),
    Case("number in a folder of its name", "/gates.html", a("/gates/2.html", "2"), "/gates/2.html"),
    Case("relative number", "/gates/", a("2/", "2"), "/gates/2/"),
    Case("parameter alone", "/gates", a("?page=2", "2"), "/gates?page=2"),
    Case("short parameter", "/gates.html", a("?p=2", "Next"), "/gates.html?p=2"),
    Case("pg beside others", "/show.php?id=77", a("show.php?id=77&amp;pg=2", "next"), "/show.php?id=77&pg=2"),
    Case("parameters in another order", "/show.php?id=77&lang=en", a("show.php?page=2&amp;lang=en&amp;id=77", "2"), "/show.php?id=77&lang=en&page=2"),
    Case("Drupal from nought, words", "/node/12", a("?page=1", "next ›", "rel=next title='Go to next page'"), "/node/12?page=1"),
    Case("Drupal from nought, number", "/node/12", a("/node/12?page=1", "2"), "/node/12?page=1"),
    Case("Joomla", "/culture/12-gates", a("/culture/12-gates?start=1", "Next"), "/culture/12-gates?start=1"),
    Case("Chinese from one", "/2025/0518/c100-123.html", a("c100-123-2.html", "下一页"), "/2025/0518/c100-123-2.html"),
    Case("Chinese from nought", "/2025/t20250518_123.html", a("t20250518_123_1.html", "下一页"), "/2025/t20250518_123_1.html"),
    Case("Chinese from nought, number", "/2025/t20250518_123.htm", a("./t20250518_123_1.htm", "2"), "/2025/t20250518_123_1.htm"),
    Case("Chinese, content_", "/2025-05/18/content_123.htm", a("content_123_2.htm", "下一页"), "/2025-05/18/content_123_2.htm"),
    Case("Chinese, number with words", "/content_123.htm", a("content_123_2.htm", "第2页"), "/content_123_2.htm"),
    Case("Chinese, scripted", "/xw/t20250518_123.html", '<script>createPageHTML(4, 0, "t20250518_123", "html");</script>', "/xw/t20250518_123_1.html"),
    Case("traditional Chinese", "/n/55.aspx", a("/n/55.aspx?page=2", "下一頁"), "/n/55.aspx?page=2"),
    Case("Japanese", "/articles/1234", a("/articles/1234?page=2", "次のページへ"), "/articles/1234?page=2"),
    Case("Korean", "/view.jsp?no=9", a("/view.jsp?no=9&amp;page=2", "다음"), "/view.jsp?no=9&page=2"),
    Case("German", "/gates.html", a("/gates-2.html", "Weiter auf Seite 2"), "/gates-2.html"),
    Case("German, seite", "/gates", a("/gates/seite-2", "Nächste Seite"), "/gates/seite-2"),
    Case("German, seite as folder", "/gates", a("/gates/seite/2", "2"), "/gates/seite/2"),
    Case("French", "/portes.php", a("/portes.php?page=2", "Page suivante"), "/portes.php?page=2"),
    Case("Spanish", "/puertas", a("/puertas/pagina/2", "Siguiente"), "/puertas/pagina/2"),
    Case("Spanish, pag", "/puertas", a("/puertas?pag=2", "Página siguiente »"), "/puertas?pag=2"),
    Case("Portuguese", "/portas.html", a("portas_2.html", "Próxima página"), "/portas_2.html"),
    Case("Italian", "/porte", a("/porte/2/", "Avanti"), "/porte/2/"),
    Case("Russian", "/vorota", a("/vorota?page=2", "Следующая страница"), "/vorota?page=2"),
    Case("Turkish", "/kapilar", a("/kapilar?sayfa=2", "Sonraki Sayfa"), "/kapilar?sayfa=2"),
    Case("Arabic", "/gates", a("/gates?page=2", "الصفحة التالية"), "/gates?page=2"),
    Case("Arabic figures", "/gates", a("/gates?page=2", "٢"), "/gates?page=2"),
    Case("Persian", "/gates", a("/gates/2", "صفحه بعد"), "/gates/2"),
    Case("Urdu", "/gates", a("/gates/2", "اگلا صفحہ"), "/gates/2"),
    Case("Indonesian", "/gerbang", a("/gerbang?page=2", "Halaman Selanjutnya"), "/gerbang?page=2"),
    Case("Indonesian, halaman", "/gerbang", a("/gerbang?halaman=2", "2"), "/gerbang?halaman=2"),
    Case("Tagalog", "/tarangkahan", a("/tarangkahan/2", "Susunod na pahina"), "/tarangkahan/2"),
    Case("Vietnamese", "/cong", a("/cong/trang-2", "Trang sau"), "/cong/trang-2"),
    Case("Thai", "/gate", a("/gate?page=2", "หน้าถัดไป"), "/gate?page=2"),
    Case("bracketed number", "/gates.html", a("gates_2.html", "[2]"), "/gates_2.html"),
    Case("picture with a title", "/gates.html", a("gates_2.html", "<img src=x.png>", "title='Next page'"), "/gates_2.html"),
    Case("words for readers aloud", "/gates.html", a("gates_2.html", "›", "aria-label='Next page'"), "/gates_2.html"),
    Case("its own slug twice, by number", "/statement/", a("/statement-2/", "2"), "/statement-2/"),
    Case("first page has its number", "/gates_1.html", a("gates_2.html", "下一页"), "/gates_2.html"),
    Case("first page has its parameter", "/gates?page=1", a("?page=2", "2"), "/gates?page=2"),
    Case("first page is nought", "/gates_0.html", a("gates_1.html", "Next page"), "/gates_1.html"),
    Case("named by its canonical address", "/gates?from=feed", a("/gates?page=2", "2"), "/gates?page=2", "<link rel=canonical href=https://news.example/gates>"),
    Case("other scheme and www", "/gates", a("http://www.news.example/gates/2", "2"), "/gates/2"),
    Case("base address", "/a/gates.html", a("gates_2.html", "2"), "/b/gates_2.html", "<base href=/b/><link rel=canonical href=/b/gates.html>"),
    Case("tracking on the link", "/gates", a("/gates?page=2&amp;utm_source=pager", "2"), "/gates?page=2"),
    Case("pager of numbers", "/gates.html", PAGER.format(a("gates_2.html", "2"), a("gates_3.html", "3")), "/gates_2.html"),
    Case("the lower of two that speak alike", "/gates.html", a("gates_2.html", "Next") + a("gates_1.html", "Next"), "/gates_1.html"),
    Case("upper case", "/GATES.HTML", '<A HREF="GATES_2.HTML">NEXT PAGE</A>', "/GATES_2.HTML"),
    Case("area of a map", "/gates.html", "<map><area href='gates_2.html' alt='' title='Next'></map>", "/gates_2.html"),
]  # fmt: skip
NONE = [
    Case("WordPress, next article by rel", "/2025/05/gates/", a("/2025/05/towers/", "Towers", "rel=next")),
    Case("WordPress, next article in the head", "/2025/05/gates/", "", head="<link rel='next' title='Towers' href='/2025/05/towers/'>"),
    Case("next article counted by id", "/news/41", a("/news/42", "Next", "rel=next")),
    Case("next article, short id", "/news/2", a("/news/3", "Next")),
    Case("next article, id in a parameter", "/show.php?id=12", a("show.php?id=13", "Next page")),
    Case("next article, WordPress parameter", "/?p=12", a("/?p=13", "Next")),
    Case("next article, numbered name", "/content_123.htm", a("content_124.htm", "下一篇")),
    Case("next article, Chinese words beside its own address", "/gates.html", a("gates_2.html", "下一篇")),
    Case("next article with the same slug", "/statement/", a("/statement-2/", "Statement", "rel=next")),
    Case("next article with the same slug, head", "/statement/", "", head="<link rel=next href=/statement-2/>"),
    Case("next post by its name", "/gates.html", a("gates_2.html", "Next post", "rel=next")),
    Case("next story by its name", "/gates", a("/gates/2", "Next story: the towers", "rel=next")),
    Case("comments, WordPress", "/2025/05/gates/", a("/2025/05/gates/comment-page-2/#comments", "Next", "rel=next")),
    Case("comments, parameter of their own", "/gates", a("/gates?cpage=2#comments", "2")),
    Case("comments, Drupal", "/node/12", f'<section class="comments">{a("?page=1", "2")}</section>'),
    Case("comments, by id", "/gates", f'<div id="comments"><ul>{a("/gates?page=2", "Next")}</ul></div>'),
    Case("comments, German", "/tore", f'<div class="kommentare">{a("/tore?page=2", "weiter")}</div>'),
    Case("list in a column, Drupal views", "/node/12", f'<div class="view view-news">{a("?page=1", "next ›", "rel=next")}</div>'),
    Case("list loaded on and on", "/gates", a("?page=1", "Load more", "rel=next data-drupal-views-infinite-scroll-pager-link")),
    Case("two pagers of Drupal", "/node/12", a("?page=0%2C1", "2")),
    Case("related list", "/gates", f'<div class="related-articles">{a("?page=2", "Next")}</div>'),
    Case("aside", "/gates", f"<aside>{a('?page=2', 'Next')}</aside>"),
    Case("gallery", "/gates", f'<div class="gallery">{a("/gates?page=2", "Next")}</div>'),
    Case("gallery of its own parameter", "/gates", a("/gates?image=2", "Next")),
    Case("gallery by fragment", "/gates", a("#2", "Next") + a("/gates#slide-2", "2")),
    Case("front page", "/", a("/page/2/", "Next page") + a("/?page=2", "2")),
    Case("front page, number", "/", a("/2/", "2")),
    Case("another host", "/gates", a("https://other.example/gates/2", "2")),
    Case("another host of the site", "/gates", a("https://m.news.example/gates/2", "2")),
    Case("number of another path", "/gates/", a("/towers/2/", "2")),
    Case("a longer name", "/gates", a("/gates-of-the-north/2", "2")),
    Case("the third part first", "/gates.html", a("gates_3.html", "3") + a("gates_3.html", "Last")),
    Case("a number that means something else", "/gates.html", a("gates_2.html", "2 comments")),
    Case("no words at all", "/gates.html", a("gates_2.html", "Plan of the gates")),
    Case("a footnote", "/gates", a("/gates/2", "[12]")),
    Case("year archive", "/gates", a("/gates/2024", "2024")),
    Case("years as parameters", "/gates", a("/gates?page=2024", "2024")),
    Case("print view alone", "/gates.html", a("gates_print.html", "Print")),
    Case("single page alone", "/gates", a("/gates?page=all", "View all")),
    Case("page one again", "/gates", a("/gates?page=1", "1")),
    Case("first of several from one", "/gates.html", a("gates_1.html", "1")),
    Case("mail", "/gates", a("mailto:next@news.example", "Next")),
    Case("script", "/gates", a("javascript:go(2)", "2")),
    Case("nonsense", "/gates", a("http://[bad/gates/2", "2")),
    Case("tag page of WordPress", "/tag/gates/", a("/tag/gates/page/2/", "Next page"), head="</head><body class='archive tag'>"),
    Case("category of WordPress", "/category/gates/", a("/category/gates/page/2/", "2", "rel=next"), head="</head><body class='archive category'>"),
    Case("collection by its data", "/gates", a("/gates?page=2", "2"), head='<script type="application/ld+json">{"@type": "CollectionPage"}</script>'),
    Case("scripted list", "/xw/", '<script>createPageHTML(4, 0, "index", "html");</script>'),
    Case("scripted, another name", "/xw/t1_2.html", '<script>createPageHTML(4, 0, "t9_9", "html");</script>'),
    Case("scripted, one page", "/xw/t1_2.html", '<script>createPageHTML(1, 0, "t1_2", "html");</script>'),
    Case("other ending", "/gates.html", a("gates_2.pdf", "2")),
    Case("picture", "/gates.html", a("gates_2.jpg", "2")),
    Case("the same story in another language", "/gates", a("/fr/gates/2", "Suivant")),
    Case("edition", "/gates", a("/gates?edition=2", "2")),
    Case("version", "/gates.html", a("gates_v2.html", "2")),
    Case("sorted list", "/gates?sort=new", a("/gates?sort=old&amp;page=2", "2")),
    Case("months", "/2025/", a("/2025/02/", "February")),
    Case("next month", "/2025/", a("/2025/02/", "Next", "rel=next") , head="</head><body class='archive date'>"),
    Case("carousel", "/gates", f'<div class="swiper-container">{a("/gates?page=2", "Next")}</div>'),
    Case("words for another article in the head", "/gates.html", "", head="<link rel=next title='Next article' href=gates_9.html>"),
    Case("hidden in a comment", "/gates.html", "<!-- <a href='gates_2.html'>Next</a> -->"),
    Case("a list by its titles", "/gates", "".join(f"<h3><a href=/{n}>Gate {n}</a></h3>" for n in range(8)) + a("?page=2", "Next")),
]  # fmt: skip


@pytest.mark.parametrize("case", NEXT, ids=lambda c: c.says)
def test_the_next_part_is_found(case: Case) -> None:
    found = links(case.url, page(case.body, case.head))
    assert found.next == SITE + case.next


@pytest.mark.parametrize("case", NONE, ids=lambda c: c.says)
def test_what_only_looks_like_a_part_is_not_followed(case: Case) -> None:
    prose = "" if "list by its titles" in case.says else PROSE
    found = links(case.url, page(case.body, case.head, prose=prose))
    assert (found.next, found.first) == ("", "")


def test_there_are_as_many_that_are_not_as_that_are() -> None:
    assert len(NEXT) >= 60
    assert len(NONE) >= 60


@pytest.mark.parametrize(
    ("url", "body", "first"),
    [
        ("/gates_2.html", a("gates.html", "1"), "/gates.html"),
        ("/gates_2.html", a("gates.html", "Previous page"), "/gates.html"),
        ("/gates_4.html", a("gates.html", "首页") + a("gates_3.html", "上一页"), "/gates.html"),
        ("/t20250518_123_1.html", a("t20250518_123.html", "上一页"), "/t20250518_123.html"),
        ("/t20250518_123_2.html", '<script>createPageHTML(4, 2, "t20250518_123", "html")</script>', "/t20250518_123.html"),
        ("/gates/3/", a("/gates/", "1"), "/gates/"),
        ("/gates/2/", a("/gates/", "Gates", "rel=prev"), "/gates/"),
        ("/gates?page=3", a("/gates", "« first", "rel=first"), "/gates"),
        ("/gates?page=2", a("/gates?page=1", "1"), "/gates?page=1"),
        ("/gates?page=2", "<link rel=canonical href=/gates>", "/gates"),
        # What is no later part.
        ("/gates_2.html", a("gates.html", "The gates, as we told them before"), ""),
        ("/news/2", a("/news", "News"), ""),
        ("/news/2", a("/news/1", "Previous", "rel=prev"), ""),
        ("/statement-2/", a("/statement/", "", "rel=prev"), ""),
        ("/gates_3.html", a("gates.html", "Previous page"), ""),
        ("/gates", a("/", "1") + a("/", "Home", "rel=first"), ""),
    ],
)  # fmt: skip
def test_a_later_part_leads_to_the_first(url: str, body: str, first: str) -> None:
    assert links(url, page(body)).first == (SITE + first if first else "")


def test_the_chain_goes_on_by_the_same_mark_and_ends_where_the_page_ends_it() -> None:
    first = links("/t1_9.html", page(a("t1_9_1.html", "2") + a("t1_9_2.html", "3")))
    assert first.next == f"{SITE}/t1_9_1.html"
    pager = a("t1_9.html", "1") + a("t1_9_1.html", "2") + a("t1_9_2.html", "3")
    told = {"article": first.article}
    second = links("/t1_9_1.html", page(pager), number=2, mark=first.mark, **told)
    assert second.next == f"{SITE}/t1_9_2.html"
    assert links("/t1_9_2.html", page(pager), number=3, mark=second.mark, **told).next == ""
    other_way = page(a("/t1_9.html?page=2", "下一页"))
    assert links("/t1_9_1.html", other_way, number=2, mark=first.mark, **told).next == ""


@pytest.mark.parametrize(
    ("url", "body", "whole", "printed"),
    [
        ("/gates", a("?page=all", "View all"), "/gates?page=all", ""),
        ("/gates", a("/gates?singlepage=1", "Single page"), "/gates?singlepage=1", ""),
        ("/gates", a("/gates?all", "Single page"), "/gates?all=", ""),
        ("/gates", a("/gates/single-page", "x"), "/gates/single-page", ""),
        ("/gates", a("/gates/komplettansicht", "Auf einer Seite lesen"), "/gates/komplettansicht", ""),
        ("/gates.html", a("gates_all.html", "在本页显示全文"), "/gates_all.html", ""),
        ("/gates.html", a("gates_0.shtml", "在本页显示全文"), "/gates_0.shtml", ""),
        ("/gates", a("/gates?showall=1", "All"), "/gates?showall=1", ""),
        ("/gates", "<link rel=alternate media=print href=/p/77>", "", "/p/77"),
        ("/gates", a("/gates?print=1", "Print"), "", "/gates?print=1"),
        ("/gates", a("/gates/print", "🖶"), "", "/gates/print"),
        ("/gates.html", a("gates_print.html", "Print"), "", "/gates_print.html"),
        ("/gates", a("?tmpl=component&amp;print=1&amp;layout=default", "Print"), "", "/gates?layout=default&print=1&tmpl=component"),
        # Neither of the two.
        ("/gates", a("/towers/print", "Print"), "", ""),
        ("/gates", a("/gates/comments", "View all"), "", ""),
        ("/gates", a("/news", "View all"), "", ""),
        ("/gates", a("/gatesofthenorth", "Full article"), "", ""),
        ("/gates", "<link rel=alternate media=handheld href=/m/77>", "", ""),
    ],
)  # fmt: skip
def test_views_of_the_whole_are_named_where_there_are_further_parts(
    url: str, body: str, whole: str, printed: str
) -> None:
    following = a("?page=2", "2")
    found = links(url, page(following + body))
    assert (found.whole, found.printed) == (SITE + whole if whole else "", SITE + printed if printed else "")
    assert links(url, page(body)).whole == "", "an article of one part needs no view"


def test_the_amp_view_is_for_pages_that_show_next_to_nothing() -> None:
    amp = '<link rel="amphtml" href="https://amp.news.example/gates">'
    shell = page("<div id=app></div>", amp, prose="<p>Loading</p>")
    assert links("/gates", shell).amp == "https://amp.news.example/gates"
    assert links("/gates", page("", amp)).amp == "", "a page with text needs none"
    data = '<script type="application/ld+json">{"articleBody": "The gates"}</script>'
    assert links("/gates", page("", amp + data, prose="")).amp == "", "it carries the article as data"
    endless = page("", f'<link rel=amphtml href="https://amp.news.example/{"x" * 3000}">', prose="")
    assert links("/gates", endless).amp == ""
    elsewhere = page("", '<link rel=amphtml href="https://cache.other.org/gates">', prose="")
    assert links("/gates", elsewhere).amp == ""


def test_a_page_that_shows_the_same_text_again_is_known() -> None:
    def texts(*numbers: int, more: str = "") -> Texts:
        prose = "".join(
            f"<p>The mason of gate {n} told visitors how the lime was burnt and carried.</p>" for n in numbers
        )
        return find_links(Asked(content=page("", prose=prose + more), url=SITE)).texts

    notice = "".join(
        f"<p>Notice {n}: by using these pages you agree to the terms that the office has laid down.</p>"
        for n in range(4)
    )
    first = texts(*range(9))
    assert same_text(first, texts(*range(9)))
    assert same_text(
        first, texts(*range(9), more="<p>Most read today: how to mend a roof of reed in five steps</p>")
    )
    assert not same_text(first, texts(*range(9, 18)))
    assert not same_text(texts(1, 2, more=notice), texts(3, more=notice)), (
        "furniture alone makes no page the same"
    )
    comments = "".join(
        f"<p>Reader {n} writes that the gate of their village was far older than this.</p>" for n in range(9)
    )
    assert same_text(first, texts(*range(9), more=comments)), "another page of comments"
    assert holds_more(first, texts(*range(30)))
    assert not holds_more(first, first)
    assert not holds_more(
        first, texts(*range(9), more="<p>This page was printed from the news of the old town.</p>")
    )
    assert not holds_more(first, texts(*range(40, 80)))


@pytest.mark.parametrize("kind", ["next", "previous", "first", "whole"])
def test_words_mean_what_their_examples_say(kind: str) -> None:
    for text in WORDS["example"][kind]:
        assert says(kind, text), text  # type: ignore[arg-type]
    for text in WORDS["counter_example"][kind]:
        assert not says(kind, text), text  # type: ignore[arg-type]


def test_numbers_are_those_of_pages() -> None:
    assert [number_in(text) for text in WORDS["example"]["number"]] == [2, 2, 2, 3, 2, 2, 2]
    assert not [text for text in WORDS["counter_example"]["number"] if number_in(text) is not None]


def test_hostile_pages_are_not_looked_at_or_cost_little() -> None:
    started = time.process_time()
    assert not is_readable(b"<p>" * 70_000)
    assert not is_readable(b"<a " + b"x=1 " * 20_000 + b">")
    assert not is_readable(b" " * (5 * 1024 * 1024))
    for content in (
        b"<base href=" * 5_000,
        b"<link rel=canonical " * 5_000,
        b"href=" * 100_000,
        b"createPageHTML(" * 50_000,
        b'<a href="' + b"/2" * 200_000,
        page("".join(a(f"?page=2&amp;x={n}", "2") for n in range(20_000))),
    ):
        may_lead_on(content, f"{SITE}/gates")
    for content in (
        page("<div>" * 5_000 + a("?page=2", "2")),
        page("<a href=?page=2>2" * 5_000),
        b"",
        b"\xff\xfe\x00<",
    ):
        find_links(Asked(content=content, url=f"{SITE}/gates", charset="no-such"))
    assert time.process_time() - started < 5


def test_links_are_found_in_a_process_of_their_own_and_faults_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = FeedWorker(cpu_seconds=1)
    try:
        content = page(a("gates_2.html", "Next page"))
        assert worker.links(Asked(content=content, url=f"{SITE}/gates.html")).next == f"{SITE}/gates_2.html"
        # Attributes of one tag are compared each with every other: the crawler itself would not ask about such a page.
        bomb = b"<p " + b" ".join(b"a%d=1" % n for n in range(400_000)) + b">"
        with pytest.raises(Unreadable, match="more time or memory than is allowed"):
            worker.links(Asked(content=bomb, url=f"{SITE}/gates.html"))
    finally:
        worker.close()

    def fails(asked: Asked) -> Links:
        raise RecursionError("too deep")

    monkeypatch.setattr(feed_work, "find_links", fails)
    told = feed_work.links_of(Asked(content=b"", url=SITE))
    assert (told.links, told.fault) == (None, "it cannot be read (RecursionError: too deep)")
