"""What a page declares: titles without the site's name, authors, addresses, pictures, summaries."""

import pytest

from services.parser.bylines import author_names, byline_authors
from services.parser.extract import parse_html
from services.parser.metadata import PageMetadata, first_sentences, page_metadata, summary_of, title_of
from shared.contracts.article import Image, Removed

URL = "https://www.town-news.example/2026/gate"


def meta(head: str, body: str = "<p>x</p>", url: str = URL) -> PageMetadata:
    return page_metadata(
        parse_html(f"<html lang='en-GB'><head>{head}</head><body>{body}</body></html>", url), url
    )


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>Gate reopens | Town News</title>", "<h1>Gate reopens</h1>", "Gate reopens"),
        ("<title>Gate reopens | Town News</title>", "", "Gate reopens"),
        ("<title>Gate reopens - Town News</title>", "", "Gate reopens"),
        (
            "<title>Town News: home</title><meta property='og:title' content='Gate reopens'>",
            "",
            "Gate reopens",
        ),
        (
            "<title>Gate reopens after forty years - a harbour story</title>",
            "",
            "Gate reopens after forty years - a harbour story",
        ),
        (
            "<title>Gate reopens for all | Town News</title>",
            "<h1>Town News</h1><h1>Gate reopens for all</h1>",
            "Gate reopens for all",
        ),
        (
            "<title>x</title><meta property='og:title' content='Gate &amp;amp; wall reopen'>",
            "",
            "Gate & wall reopen",
        ),
        ("<title>城门重新开放_新闻_示例网</title>", "", "城门重新开放"),
        ("", "<h1>Gate <em>reopens</em></h1>", "Gate reopens"),
        (
            "<title>Best gate guide 2026</title>",
            "<h1>How the old gate came back</h1>",
            "Best gate guide 2026",
        ),
        (
            "<title>The old gate: how it came back</title>",
            "<h1>How the old gate came home</h1>",
            "How the old gate came home",
        ),
        ("", "", ""),
    ],
)
def test_title(head: str, body: str, expected: str) -> None:
    assert meta(head, body).title == expected
    page = f"<html lang='en-GB'><head>{head}</head><body>{body or '<p>x</p>'}</body></html>"
    assert title_of(parse_html(page, URL), URL) == expected


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Ann Lee/The Example Review", ("Ann Lee",)),
        ("By ANN LEE in Oslo | Town News | Updated: 2022-03-04", ("ANN LEE",)),
        ("Ann Lee and Bo Chen", ("Ann Lee", "Bo Chen")),
        ("Ann Lee, Bo Chen & Jo O’Neil", ("Ann Lee", "Bo Chen", "Jo O’Neil")),
        ("作者:王小明", ("王小明",)),
        ("Par Zoé Élise", ("Zoé Élise",)),
        ("https://social.example/ann", ()),
        ("admin", ()),
        ("ann@example.org", ()),
        ("", ()),
    ],
)
def test_author_names(raw: str, names: tuple[str, ...]) -> None:
    assert author_names(raw) == names


def test_authors_are_taken_from_json_ld_before_the_page() -> None:
    head = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage"},
        {"@type": ["NewsArticle"], "author": [{"name": "Ann Lee"}, {"name": ["Bo Chen"]}],
         "datePublished": "2026-01-02", "dateModified": "2026-01-03"}]}</script>"""
    found = meta(head, "<p class='byline'>By Jo Other</p>")
    assert found.authors == ("Ann Lee", "Bo Chen")
    assert found.dates.published == (("json-ld", "2026-01-02"),)
    assert found.dates.modified == ("2026-01-03",)


def test_a_byline_on_the_page_counts_when_nothing_is_declared() -> None:
    assert meta("", "<p class='byline'>By Jo Other</p><p>text</p>").authors == ("Jo Other",)


def test_bylines_taken_out_of_the_text_name_authors() -> None:
    removed = [
        Removed(text="By Ann Lee/Town News", reason="byline"),
        Removed(text="By boat", reason="caption"),
    ]
    assert byline_authors(removed) == ("Ann Lee",)


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[" * 100_000,
        '{"@type": "Article", "author": 5, "image": [], "publisher": [1], "headline": {}}',
        "null",
        "3",
    ],
)
def test_broken_json_ld_is_left_out(broken: str) -> None:
    found = meta(f"<title>Gate reopens</title><script type='application/ld+json'>{broken}</script>")
    assert (found.title, found.authors) == ("Gate reopens", ())


def test_addresses_are_absolute_and_on_the_web() -> None:
    found = meta("<link rel='canonical' href='/gate'><meta property='og:image' content='/i/gate.jpg'>")
    assert found.canonical_url == "https://www.town-news.example/gate"
    assert found.image == Image(url="https://www.town-news.example/i/gate.jpg")
    bad = meta("<link rel='canonical' href='javascript:x'><meta property='og:image' content='http://[x'>")
    assert (bad.canonical_url, bad.image) == (None, None)


def test_a_logo_is_no_lead_image() -> None:
    assert meta("<meta property='og:image' content='/site-logo.png'>").image is None


def test_a_description_is_the_summary_unless_it_is_furniture_or_the_title() -> None:
    told = "The northern gate of the harbour museum opens again after forty years."
    text = ["Gate reopens", "The council met on Monday. It agreed to restore the gate."]
    assert summary_of(told, "Gate reopens", text) == told
    for useless in ("", "Short", "We use cookies to give you a better experience on our site."):
        assert (
            summary_of(useless, "Gate reopens", text)
            == "The council met on Monday. It agreed to restore the gate."
        )


def test_summaries_are_bounded_and_end_at_a_sentence_or_a_word() -> None:
    text = " ".join(f"Sentence number {i} ends here." for i in range(30))
    assert first_sentences(text).endswith(".")
    assert len(first_sentences(text)) <= 300
    assert first_sentences("word " * 100).endswith("word…")
    assert len(first_sentences("中" * 500)) == 300
