"""Evidence marked in a text: nothing lost, nothing unescaped, elements nest however stretches overlap."""

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markupsafe import Markup

from services.dashboard.marking import Marked, anchor, annotated, marked, title_and_passages
from services.dashboard.reading import paragraphs, reading
from services.dashboard.wording import Names
from shared.contracts.article import AllianceTag, DateSpan, EventTypeTag, Evidence, Place
from shared.index.port import Highlight
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy

TEXT = 'The <b>fund</b> & the "charter" of 文化遗产, über alles 🏛️ here'


def mark(start: int, end: int, *keys: str) -> Marked:
    return Marked(start, end, "alliance", keys or (f"k{start}-{end}",), "words")


def drawn(markup: Markup) -> html.HtmlElement:
    return html.fromstring(f"<p>{markup}</p>")


def test_what_is_found_is_marked_and_everything_is_escaped() -> None:
    assert marked("a <b> c", [(2, 5)]) == "a <mark>&lt;b&gt;</mark> c"
    assert marked("abcdef", [(1, 3), (2, 4)]) == "a<mark>bcd</mark>ef"
    assert marked("abcdef", [(0, 9), (4, 5)], 2, 5) == "<mark>cde</mark>"


def test_a_title_and_passages_show_only_what_is_there() -> None:
    found = article("a", "The charter", "One. " * 100 + "The charter of Cairo. " + "Two. " * 100)
    at = found.text.index("charter")
    highlights = [Highlight("title", 4, 11), Highlight("text", at, at + 7), Highlight("text", 9000, 9007)]
    title, passages = title_and_passages(found, highlights)
    assert title == "The <mark>charter</mark>"
    assert len(passages) == 1
    assert passages[0].startswith("… ")
    assert "<mark>charter</mark> of Cairo" in passages[0]


def test_overlapping_stretches_nest_and_keep_their_ids() -> None:
    text = "abcdefghij"
    crossing = annotated(text, "text", [mark(0, 5), mark(3, 8)])
    assert crossing == (
        '<mark id="text-0-5" class="ev alliance" data-labels="k0-5" title="words">abc'
        '<mark id="text-3-8" class="ev alliance" data-labels="k3-8" title="words">de</mark></mark>'
        '<mark class="ev alliance" data-labels="k3-8" title="words">fgh</mark>ij'
    )
    inner = drawn(annotated(text, "text", [mark(2, 4), mark(0, 9)]))
    (outer,) = inner.xpath("./mark")
    assert [e.get("id") for e in outer.xpath("./mark")] == ["text-2-4"]


spans = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).filter(lambda s: s[0] < s[1])


@given(st.sets(spans, max_size=8), st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))))
def test_every_character_stands_in_exactly_the_stretches_that_hold_it(
    drawn_spans: set[tuple[int, int]], window: tuple[int, int]
) -> None:
    start, end = sorted(window)
    whole = annotated(TEXT, "text", [mark(*span) for span in drawn_spans], start, end)
    element = drawn(whole)
    assert element.text_content() == TEXT[start:end]
    place = start
    for text, keys in _leaves(element, ()):
        for _ in text:
            assert sorted(keys) == sorted(f"k{a}-{b}" for a, b in drawn_spans if a <= place < b)
            place += 1
    ids = [e.get("id") for e in element.iter("mark") if e.get("id")]
    begun = [anchor("text", a, b) for a, b in drawn_spans if start <= a < end and start < end]
    assert sorted(ids) == sorted(begun)


def _leaves(element: html.HtmlElement, keys: tuple[str, ...]) -> "list[tuple[str, tuple[str, ...]]]":
    found = [(element.text or "", keys)]
    for child in element:
        found += _leaves(child, (*keys, child.get("data-labels")))
        found.append((child.tail or "", keys))
    return found


def test_paragraphs() -> None:
    text = "One.\n\n  Two two. \n\t\nThree"
    assert [text[a:b] for a, b in paragraphs(text)] == ["One.", "Two two.", "Three"]
    assert paragraphs(" \n ") == []


def evidence(text: str, start: int, end: int, field: str = "text") -> tuple[Evidence, ...]:
    return (
        Evidence(text=text[start:end], field="title" if field == "title" else "text", start=start, end=end),
    )


def test_labels_are_tied_to_their_words() -> None:
    text = "The ACHA assembly met in Chongqing.\nIt ended in May 2025."
    shown = article(
        "a",
        "ACHA meets",
        text,
        alliances=(
            AllianceTag(
                id="acha",
                name="ACHA",
                role="subject",
                confidence=0.9,
                rule="r",
                evidence=evidence(text, 4, 8),
            ),
        ),
        event_types=(
            EventTypeTag(id="general_assembly", confidence=0.8, rule="named", evidence=evidence(text, 4, 17)),
        ),
        places=(Place(name="Chongqing", country="CN", evidence=evidence(text, 25, 34)),),
        dates=(
            DateSpan(
                start="2025-05-01", end="2025-05-31", precision="month", evidence=evidence(text, 48, 56)
            ),
        ),
    )
    seen = reading(shown, Names(shipped_taxonomy(), ()))
    assert [(label.kind, label.name, label.note) for label in seen.labels] == [
        ("alliance", "ACHA", ""),
        ("type", "General assembly", ""),
        ("date", "May 2025", ""),
        ("place", "Chongqing", "China"),
    ]
    assert [len(re.findall("<mark", str(p))) for p in seen.paragraphs] == [3, 1]
    page = "".join(map(str, seen.paragraphs))
    for label in seen.labels:
        for proof in label.proofs:
            element = drawn(Markup(page)).xpath(f"//mark[@id='{proof.anchor}']")
            assert [e.text_content() for e in element] == [proof.text]


def test_of_an_excerpt_nothing_beyond_it_is_shown() -> None:
    text = "Seen words. " * 20 + "x" * 100 + " HIDDEN"
    hidden = article(
        "a",
        "Title",
        text,
        rights="excerpt",
        places=(Place(name="Nowhere", evidence=evidence(text, len(text) - 6, len(text))),),
    )
    seen = reading(hidden, Names(shipped_taxonomy(), ()))
    assert "HIDDEN" not in "".join(map(str, seen.paragraphs))
    assert seen.labels[0].proofs == []
