"""The blocks of a page: one per piece of text, with its box, its links and its kind."""

import time

from services.parser.blocks import Block, layout, shares
from services.parser.extract import parse_html


def blocks(body: str) -> tuple[Block, ...]:
    return layout(parse_html(f"<html><head><title>x</title></head><body>{body}</body></html>", "u")).blocks


def test_breaks_part_blocks_and_inline_elements_do_not() -> None:
    found = blocks(
        "<div>One <b>bold</b> word<br>next<!-- no --> one<p>A paragraph</p>tail</div><script>x()</script>"
    )
    assert [b.text for b in found] == ["One bold word", "next one", "A paragraph", "tail"]
    assert [b.tag for b in found] == ["div", "div", "p", "div"]


def test_the_share_of_links_counts_letters() -> None:
    (half, whole) = blocks("<p>four <a href='x'>link</a></p><p><a href='x'><b>all</b> of it</a></p>")
    assert (half.linked, whole.linked) == (0.5, 1.0)


def test_items_and_rows() -> None:
    found = blocks(
        "<ul><li>first<p>more</p></li></ul><table><tr><th>Gate</th><th>Year</th></tr><tr><td>North</td>"
        "<td><p>1610</p></td></tr></table>"
    )
    assert [(b.text, b.item) for b in found] == [
        ("first", True),
        ("more", False),
        ("| Gate | Year |", False),
        ("| North | 1610 |", False),
    ]


def test_a_table_that_lays_out_the_page_is_no_row() -> None:
    found = blocks("<table><tr><td><h2>Gate</h2><p>One</p></td><td><div>Two</div></td></tr></table>")
    assert [b.text for b in found] == ["Gate", "One", "Two"]


def test_names_are_parted_by_dashes_and_hidden_boxes_known() -> None:
    page = layout(
        parse_html(
            "<html><body><div class='RelatedPosts' id='a_b' style='display: none'>x</div></body></html>", "u"
        )
    )
    box = page.boxes[page.blocks[0].box]
    assert (box.names, box.hidden) == ("related-posts a-b", True)


def test_shares_count_a_box_with_those_within() -> None:
    page = layout(parse_html("<html><body><div><p>abcd</p></div><p>ab</p></body></html>", "u"))
    held = shares(page, range(len(page.blocks)))
    div = next(n for n, box in enumerate(page.boxes) if box.tag == "div")
    assert (held[0], held[div]) == (6, 4)


def test_tables_in_tables_cost_little() -> None:
    started = time.process_time()
    blocks("<table><tr><td>" * 6_000 + "x")
    assert time.process_time() - started < 5
