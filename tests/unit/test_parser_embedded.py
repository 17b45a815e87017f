"""Pages that carry their article as data and show little or nothing of it."""

import json
from typing import Any

import pytest
from lxml.html import document_fromstring

from services.parser.embedded import MOST_SHOWN, embedded_lines
from services.parser.extract import article_text
from services.parser.lines import is_body

PARAGRAPHS = [
    f"The {n} arch of the aqueduct was taken down stone by stone in spring, and each of its stones got a number. "
    "The masons laid them out on the meadow below, where the villagers came to look at them on Sundays."
    for n in ("first", "second", "third", "fourth")
]
TEXT = "\n\n".join(PARAGRAPHS)
TEASER = "<p>The aqueduct above the village is being mended.</p>"


def page(*scripts: str, body: str = TEASER) -> str:
    return (
        "<html><head><title>An aqueduct is mended</title></head><body>"
        f"<div id='root'>{body}</div>{''.join(scripts)}</body></html>"
    )


def linked(data: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def state(data: Any) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'


SHELLS = {
    "JSON-LD": linked({"@type": "NewsArticle", "articleBody": TEXT}),
    "JSON-LD in a graph": linked(
        {"@graph": [{"@type": "WebSite"}, {"@type": "Article", "articleBody": TEXT}]}
    ),
    "markup in JSON-LD": linked({"articleBody": "".join(f"<p>{p}</p>" for p in PARAGRAPHS)}),
    "escaped markup": linked({"articleBody": "".join(f"&lt;p&gt;{p}&lt;/p&gt;" for p in PARAGRAPHS)}),
    "JSON-LD in a comment": linked({"articleBody": TEXT}).replace(">{", "><!-- {").replace("}<", "} --><"),
    "state as markup": state(
        {"props": {"post": {"content_html": "".join(f"<p>{p}</p>" for p in PARAGRAPHS)}}}
    ),
    "state as blocks": state({"article": {"body": [{"type": "paragraph", "text": p} for p in PARAGRAPHS]}}),
    "state, rendered": state(
        {"post": {"content": {"rendered": "".join(f"<p>{p}</p>\n" for p in PARAGRAPHS)}}}
    ),
}


@pytest.mark.parametrize("name", SHELLS)
def test_the_article_is_taken_from_the_data(name: str) -> None:
    assert article_text(page(SHELLS[name]), "https://press.example/aqueduct") == TEXT


def test_texts_within_texts_cost_no_more_than_a_page_may(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def counting(text: str) -> bool:
        looked_at.append(text)
        return is_body(text)

    monkeypatch.setattr("services.parser.embedded.is_body", counting)
    monkeypatch.setattr("services.parser.embedded.MOST_STEPS", 3_000)
    data: Any = [PARAGRAPHS[0]] * 100
    for _ in range(500):
        data = {"body": data}
    embedded_lines(document_fromstring(page(state(data))), 0)
    assert 100 <= len(looked_at) <= 6_000


NOT_TAKEN = {
    "cut short": linked({"articleBody": f"{TEXT} And then…"}),
    "a teaser": linked({"articleBody": PARAGRAPHS[0]}),
    "broken": SHELLS["JSON-LD"].replace("}</script>", "</script>"),
    "no JSON": SHELLS["JSON-LD"].replace("application/ld+json", "text/javascript"),
    "another key": state({"translations": {"consent": PARAGRAPHS}}),
    "words without sentences": state({"text": ["Menu"] * 500}),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_is_no_article_is_left(name: str) -> None:
    assert not embedded_lines(document_fromstring(page(NOT_TAKEN[name])), 0)


def test_a_page_that_shows_its_text_is_read_as_it_stands() -> None:
    shown = "".join(f"<p>{p.replace('aqueduct', 'bridge')}</p>" for p in PARAGRAPHS)
    text = article_text(page(SHELLS["JSON-LD"], body=shown), "https://press.example/bridge")
    assert "bridge" in text
    assert "aqueduct" not in text
    tree = document_fromstring(page(linked({"articleBody": TEXT * 9})))
    assert embedded_lines(tree, MOST_SHOWN)
    assert not embedded_lines(tree, MOST_SHOWN + 1)


def test_deep_and_wide_data_ends_soon() -> None:
    deep = '{"body":' * 90_000 + "1" + "}" * 90_000
    wide = json.dumps({"body": [{"text": f"{PARAGRAPHS[0]} {n}"} for n in range(20_000)]})
    for data in (deep, wide):
        tree = document_fromstring(page(f'<script type="application/json">{data[:2_900_000]}</script>'))
        embedded_lines(tree, 0)
