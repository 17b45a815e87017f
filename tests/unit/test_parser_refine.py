"""What an extractor found is put right by where it stands on the page."""

from services.parser.blocks import layout
from services.parser.extract import article_lines, parse_html
from services.parser.lines import Line
from services.parser.refine import refine

FIRST = "The council of the harbour museum met on Monday and agreed to restore the northern gate of the wall."
SECOND = (
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said."
)
THIRD = "Stone for the arch comes from the quarry that the builders of the first gate used, across the bay."
FOURTH = (
    "Visitors will be led through the eastern gate for as long as the scaffolding stands at the other one."
)
URL = "https://a.example/gate"


def refined(body: str, *found: str) -> tuple[list[str], dict[str, str]]:
    """The lines, and what was taken away with the reason, when an extractor found these lines on the page."""
    tree = parse_html(f"<html><head><title>Gate</title></head><body>{body}</body></html>", URL)
    result = refine(layout(tree), [Line(text) for text in found])
    return [line.text for line in result.lines], {r.text: r.reason for r in result.removed}


def test_what_was_left_out_in_the_middle_comes_back() -> None:
    middle = f"<div><h2>The stone</h2><p>{SECOND}</p><ul><li>sand</li><li>lime</li></ul></div>"
    lines, removed = refined(f"<main><p>{FIRST}</p>{middle}<p>{THIRD}</p></main>", FIRST, THIRD)
    assert lines == [FIRST, "The stone", SECOND, "- sand", "- lime", THIRD]
    assert not removed


def test_boxes_of_another_purpose_do_not_come_back() -> None:
    for box in (
        "<div class='related-posts'>",
        "<nav>",
        "<div class='newsletter_box'>",
        "<figcaption>",
        "<form>",
    ):
        lines, _ = refined(
            f"<main><p>{FIRST}</p>{box}<p>{SECOND}</p></div><p>{THIRD}</p></main>", FIRST, THIRD
        )
        assert SECOND not in lines, box


def test_such_a_box_goes_though_it_was_found_and_is_explained() -> None:
    box = f"<div class='relatedPosts'><p>{SECOND}</p></div>"
    lines, removed = refined(f"<main><p>{FIRST}</p>{box}<p>{THIRD}</p></main>", FIRST, SECOND, THIRD)
    assert lines == [FIRST, THIRD]
    assert removed == {SECOND: "box of another purpose"}


def test_a_box_around_the_whole_article_is_asked_for_no_name() -> None:
    lines, _ = refined(f"<div class='cards'><p>{FIRST}</p><p>{THIRD}</p></div>", FIRST, THIRD)
    assert lines == [FIRST, THIRD]


def test_a_line_that_is_only_a_link_goes_unless_it_is_an_item() -> None:
    link = "<a href='/b'>More about the eastern gate of the town</a>"
    item = "<a href='/c'>The book of all the gates</a>"
    lines, removed = refined(
        f"<main><p>{FIRST}</p><p>{link}</p><ul><li>{item}</li></ul><p>{THIRD}</p></main>",
        FIRST,
        "More about the eastern gate of the town",
        "- The book of all the gates",
        THIRD,
    )
    assert lines == [FIRST, "- The book of all the gates", THIRD]
    assert removed == {"More about the eastern gate of the town": "line that is only a link"}


def test_what_stands_far_from_the_article_goes() -> None:
    teaser = "The baker of the old town sells a loaf in the shape of the gate."
    page = f"<main>{''.join(f'<p>{p}</p>' for p in (FIRST, SECOND, THIRD, FOURTH) * 2)}</main><div>{teaser}</div>"
    lines, removed = refined(page, *(FIRST, SECOND, THIRD, FOURTH) * 2, teaser)
    assert teaser not in lines
    assert removed == {teaser: "outside the article"}


def test_text_that_does_not_stand_on_the_page_is_left_alone() -> None:
    lines, removed = refined("<p>Loading the page</p>", FIRST, SECOND)
    assert (lines, removed) == ([FIRST, SECOND], {})


def test_the_whole_way_from_the_page() -> None:
    body = "".join(f"<p>{p}</p>" for p in (FIRST, SECOND, THIRD, FOURTH))
    extra = "<p><a href='/b'>More about the eastern gate of the town</a></p>"
    page = f"<html><head><title>Gate</title></head><body><article>{body}{extra}<p>{FOURTH[::-1]}</p></article></body></html>"
    found = article_lines(parse_html(page, URL), URL)
    assert [line.text for line in found.lines[:4]] == [FIRST, SECOND, THIRD, FOURTH]
    assert [r.reason for r in found.removed] == ["line that is only a link"]


def test_one_long_paragraph_is_not_the_article() -> None:
    long = " ".join((SECOND, THIRD, FOURTH) * 3)
    lines, removed = refined(f"<main><div><p>{FIRST}</p></div><p>{long}</p></main>", FIRST, long)
    assert (lines, removed) == ([FIRST, long], {})
