"""HTML: the article of a page, fragments whole, and hostile pages refused in time."""

import contextlib
import time

import pytest

from services.parser.extract import article_text, block_lines, looks_like_html, page_lines, parse_html
from shared.errors import BadMessage

PARAGRAPHS = [
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the old town wall.",
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said.",
    "Stone for the arch comes from the quarry that the builders used six hundred years ago, north of the river.",
]
PAGE = f"""<html lang="en"><head><title>Gate to be restored | Town News</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/s">Sport</a></li></ul></nav>
<article><h1>Gate to be restored</h1><p class="byline">By Ann Lee</p>
<p>{PARAGRAPHS[0]}</p><figure><img src="g.jpg"><figcaption>The gate at dusk. (Photo/Bo Chen, Town News)</figcaption></figure>
<p>{PARAGRAPHS[1]}</p><ul><li>oak for the doors</li><li>stone for the arch</li></ul><p>{PARAGRAPHS[2]}</p>
<p>Share this article</p></article>
<div class="comments"><p>What a fine gate this will be, I cannot wait to see it!</p></div>
<footer><p>Copyright 2026 Town News. All rights reserved.</p></footer></body></html>"""
URL = "https://www.town-news.example/gate"


def test_the_article_of_a_page_and_nothing_else() -> None:
    text = article_text(PAGE, URL)
    assert all(p in text for p in PARAGRAPHS)
    assert "- oak for the doors\n- stone for the arch" in text
    for gone in ("Gate to be restored", "Photo/", "Share this", "Sport", "fine gate", "Copyright"):
        assert gone not in text


def test_a_fragment_is_read_whole() -> None:
    fragment = f"<p>{PARAGRAPHS[0]}</p><p>Short end</p><script>x()</script>"
    assert [line.text for line in page_lines(parse_html(fragment, URL), URL)] == [PARAGRAPHS[0], "Short end"]


def test_blocks_make_lines_and_inline_elements_do_not() -> None:
    tree = parse_html("<p>One <b>bold</b> <i>word</i><br>next</p>tail<!-- no --><ul><li>item</li></ul>", URL)
    assert [line.text for line in block_lines(tree)] == ["One bold word", "next", "tail", "- item"]


@pytest.mark.parametrize(
    "html",
    ["", "<", "<html>", "plain words", "<p>" * 50_000, "<!-- " * 1000, "\x00", "<?xml version='1.0'?>"],
)
def test_odd_pages_give_text_or_nothing(html: str) -> None:
    assert isinstance(article_text(html, URL), str)


@pytest.mark.parametrize(
    "html",
    [
        "<html><p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">x</p>",
        "<html><p " + " ".join(f"a{i}='>'" for i in range(200_000)) + ">x</p>",
        "<html>" + "<div><a href=x>x</a></div>" * 200_000,
        "<html>" + "x" * 9_000_000,
    ],
    ids=["attributes", "quoted attributes", "tags", "size"],
)
def test_what_would_take_minutes_is_refused_at_once(html: str) -> None:
    started = time.perf_counter()
    with pytest.raises(BadMessage, match=r"town-news\.example"):
        parse_html(html, URL)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("depth", [1_000, 29_000])
@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "blockquote"])
def test_deep_pages_end_without_a_trace(tag: str, depth: int) -> None:
    # Refused or read: both are fine, a RecursionError or a crash is not.
    with contextlib.suppress(BadMessage):
        article_text(f"<html><body>{f'<{tag}>' * (depth // (1 + tag.count('<')))}{PARAGRAPHS[0]}", URL)


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<!DOCTYPE html><html>", True),
        ("  <html lang=en>", True),
        ("<?xml version='1.0'?><html>", True),
        ("Text about <html> tags", False),
        ("<a href=x>link</a> in text", False),
        ("", False),
    ],
)
def test_a_page_is_told_from_text(text: str, is_html: bool) -> None:
    assert looks_like_html(text) is is_html


def test_a_page_of_thousands_of_named_boxes_ends_in_time() -> None:
    boxes = "".join(f"<div class='{'related-' * 40}'><p>{PARAGRAPHS[0]}</p></div>" for _ in range(9_000))
    started = time.process_time()
    article_text(f"<html><body>{boxes}</body></html>", URL)
    assert time.process_time() - started < 10


def test_the_same_page_gives_the_same_text() -> None:
    assert article_text(PAGE, URL) == article_text(PAGE, URL)
