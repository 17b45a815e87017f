"""Markup that would mislead the search for an article is mended first, and nothing else is touched."""

import time

from lxml import html

from services.parser.extract import article_text
from services.parser.mend import mend

FIRST = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the old town."
)
SECOND = (
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said."
)
THIRD = "Stone for the arch comes from the quarry that the builders of the first gate used, across the bay."


def mended(body: str) -> html.HtmlElement:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    mend(tree)
    return tree


def page(inner: str) -> str:
    return f"<html><head><title>Gate</title></head><body><h1>Gate</h1><div class='content'>{inner}</div></body></html>"


def test_bare_text_after_a_block_is_read() -> None:
    text = article_text(
        page(f"<div><img src='a.jpg'></div>{FIRST}<br><br>{SECOND}<br><br>{THIRD}"), "https://a.example/x"
    )
    assert [line for line in text.split("\n") if line] == [FIRST, SECOND, THIRD]


def test_the_words_marked_up_in_bare_text_stay_in_its_sentence() -> None:
    tree = mended(
        "<div><p>Caption</p>The council met <b>on Monday</b> and agreed to restore it.<br>More</div>"
    )
    (paragraph,) = tree.xpath("//p[b]")
    assert paragraph.text_content() == "The council met on Monday and agreed to restore it."
    assert paragraph.getnext().tag == "br"


def test_a_label_after_a_block_becomes_no_paragraph() -> None:
    tree = mended("<div><div>Share</div>More <a href='/'>news</a></div>")
    assert not tree.xpath("//p")


def test_a_newsletter_box_goes_with_its_heading() -> None:
    box = (
        "<div class='box'><h3>Our Friday letter</h3><p>Five stories worth reading.</p>"
        "<form><input type='email'><button>Go</button></form></div>"
    )
    text = article_text(page(f"<p>{FIRST}</p>{box}<p>{SECOND}</p><p>{THIRD}</p>"), "https://a.example/x")
    assert [line for line in text.split("\n") if line] == [FIRST, SECOND, THIRD]


def test_the_article_around_a_form_stays() -> None:
    form = "<form><input name='email'><button>Send</button></form>"
    for inner in (f"<p>{FIRST}</p>{form}", f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><div>{form}</div>"):
        tree = mended(f"<h1>Gate</h1><div>{inner}</div>")
        assert FIRST in tree.text_content()
        assert not tree.xpath("//form")


def test_a_search_form_is_no_newsletter_box() -> None:
    tree = mended(f"<div><p>{FIRST * 9}</p></div><div>Search<form><input name='q'></form></div>")
    assert tree.xpath("//form")


def test_thousands_of_forms_in_one_box_cost_little() -> None:
    many = "<form><input type='email'></form>some text" * 10_000
    started = time.process_time()
    mended(f"<div><p>{FIRST * 50}</p>{many}</div>")
    assert time.process_time() - started < 5
