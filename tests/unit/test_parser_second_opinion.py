"""Where the extractor took the wrong box, the prose of the page says which is right; a list of teasers does not."""

from services.parser.blocks import layout
from services.parser.extract import parse_html
from services.parser.lines import Line
from services.parser.refine import refine

WORDS = (
    ["north", "eastern", "southern", "western", "upper", "lower", "inner", "outer", "second", "third"],
    ["gate", "wall", "tower", "bridge", "cistern", "market", "quay", "granary", "kiln", "stair"],
)
PROSE = [
    f"The {a} {b} of the town was measured in spring, and the stones that fell in the flood were numbered again."
    for a, b in zip(*WORDS, strict=True)
]
NOTE = "The ferry to the island leaves every hour from the quay below the customs house on market days."


def lines_of(body: str, *found: str) -> list[str]:
    tree = parse_html(
        f"<html><head><title>Gate</title></head><body>{body}</body></html>", "https://a.example/x"
    )
    return [line.text for line in refine(layout(tree), [Line(text) for text in found]).lines]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_prose_that_was_overlooked_is_the_article() -> None:
    page = f"<div id='note'><p>{NOTE}</p></div><div id='text'><h2>The survey</h2>{paragraphs(PROSE)}</div>"
    assert lines_of(page, NOTE) == PROSE
    assert lines_of(page) == PROSE


def test_headings_within_that_prose_belong_to_it() -> None:
    page = f"<p>{NOTE}</p><div>{paragraphs(PROSE[:5])}<h2>The stones</h2>{paragraphs(PROSE[5:])}</div>"
    assert lines_of(page, NOTE) == [*PROSE[:5], "The stones", *PROSE[5:]]


def test_readers_comments_are_not_the_article() -> None:
    page = f"<article><p>{NOTE}</p></article><div class='comment-list'>{paragraphs(PROSE)}</div>"
    assert lines_of(page, NOTE) == [NOTE]


def test_a_name_means_nothing_for_a_box_that_holds_most_of_the_prose() -> None:
    page = f"<div class='has-sidebar'><p>{NOTE}</p><div>{paragraphs(PROSE)}</div></div>"
    assert lines_of(page, NOTE) == PROSE


def test_teasers_with_their_links_are_not_the_article() -> None:
    teasers = "".join(
        f"<div><a href='/x'><h3>A headline about the {b}</h3></a><p>{p}</p></div>"
        for b, p in zip(WORDS[1], PROSE, strict=True)
    )
    assert lines_of(f"<article><p>{NOTE}</p></article><div>{teasers}</div>", NOTE) == [NOTE]


def test_a_short_article_beside_little_prose_stays() -> None:
    page = f"<article><p>{NOTE}</p></article><div>{paragraphs(PROSE[:6])}</div>"
    assert lines_of(page, NOTE) == [NOTE]
