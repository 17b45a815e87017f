"""Broken markup is read as browsers read it, and what it hides is told."""

from datetime import UTC, datetime
from typing import cast

import pytest
from lxml import etree

from services.parser.extract import parse_html
from services.parser.hidden import UNCLOSED, hidden_text
from services.parser.read import ReadDocument, read_document
from services.parser.refusals import NotAnArticle
from shared.contracts.messages import FeedEntry
from tests.integration.documents import page as article
from tests.unit.broken_markup import AFTER, BEFORE, MARKUP, page

URL = "https://press.example/bridge"
TEXT = etree.XPath(
    "//body//text()[not(ancestor::script or ancestor::style or ancestor::textarea or ancestor::template or ancestor::iframe)]"
)


@pytest.mark.parametrize("name", MARKUP)
def test_markup_hides_what_it_hides_in_a_browser(name: str) -> None:
    markup, shown = MARKUP[name]
    seen = " ".join(cast(list[str], TEXT(parse_html(page(markup), URL))))
    assert BEFORE in seen
    assert (AFTER in seen) is shown


def read(html: str, entry: FeedEntry | None = None) -> ReadDocument:
    return read_document(
        html.encode(),
        media_type="text/html",
        charset=None,
        url=URL,
        entry=entry,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_text_in_a_comment_without_an_end_is_told() -> None:
    sound = read(article(1))
    broken = read(article(1).replace("</body>", f"<!-- <p>{AFTER * 3}</p></body>"))
    assert broken.text == sound.text
    assert [r.text for r in broken.removed if r.reason == UNCLOSED] == [AFTER * 3]


def test_a_page_all_of_which_is_such_a_comment_says_so_and_its_feed_stands_for_it() -> None:
    broken = article(1).replace("<body>", "<body><!-- ")
    with pytest.raises(NotAnArticle, match="never closes"):
        read(broken)
    told = read(broken, FeedEntry(title="The bridge", summary=f"{BEFORE} {AFTER}"))
    assert told.text == f"{BEFORE} {AFTER}"


@pytest.mark.parametrize(
    "markup",
    [
        f"<script>var x = '<!--';</script><p>{AFTER * 3}</p>",
        f"<p title='<!--'>{AFTER * 3}</p>",
        f"<!-- {AFTER} ",
        f"<!-- {AFTER * 3} -->",
        f"<!--><p>{AFTER * 3}</p>",
        "<!-- <script>" + "let x = 1; " * 100,
    ],
)
def test_nothing_is_told_where_nothing_is_hidden(markup: str) -> None:
    html = page(markup)
    assert hidden_text(html, parse_html(html, URL)) == ()
