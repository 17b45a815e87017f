"""What the learner takes for furniture, and that neither order nor repetition of pages matters to it."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.extract import parse_html
from services.parser.lines import Line
from services.parser.templates.counts import (
    MOST_GROUPS,
    WINDOW,
    Page,
    SourceCounts,
    decode_counts,
    encode_counts,
    merge,
)
from services.parser.templates.fingerprint import fingerprint
from services.parser.templates.learn import MOST_LEARNED, distinct, learn
from services.parser.templates.learned import Learned
from services.parser.templates.learner import next_template
from services.parser.templates.pieces import (
    MOST_LINES,
    Piece,
    page_group,
    page_pieces,
    sketch_of,
    text_group,
)
from services.parser.templates.template import LearnedLine, decode_template, encode_template
from tests.unit.template_pages import BODY, FRAME, PROMO, furniture, own_sentence, page_of, story_pieces

ABOUT = "The house behind these pages has kept its press in one cellar since the great flood."
PROMOTION = "Come to our cellar on the first Sunday of the month and print a page of your own."
STANDING = "The council of crafts was founded by nine towns and meets every second winter."


def learned(pages: Sequence[Page]) -> dict[int, LearnedLine]:
    return {line.text: line for line in learn(pages)}


def where(pages: Sequence[Page], text: str) -> str | None:
    found = fingerprint(text)
    assert found
    line = learned(pages).get(found.value)
    return line.where if line else None


@pytest.mark.parametrize(
    ("one", "other", "same", "loose"),
    [
        ("Share this", "  SHARE  this! ", True, False),
        ("12 comments", "3 comments", True, False),
        ("Page 1 of 20", "Page 3 of 4", True, False),
        ("Printed on 3 May 2026", "Printed on 21 November 2025", True, True),
        ("Tuesday, March 3, 2026", "Friday, June 19, 2026", True, True),
        ("2026年3月1日 星期日", "2025年11月26日 星期三", True, True),
        ("Photo: Ada Brook", "Photo: Jon Tarn", True, True),
        ("Penned by Ada Brook", "Penned by Vera Moss – ", True, True),
        ("Aus der Feder von Ilse Vane", "Aus der Feder von Otto Reed", True, True),
        ("摄影:林小桥", "摄影:周木", True, True),
        ("The gate is open", "The gate is closed", False, False),
        ("Old trades", "New trades", False, False),
        ("12", "7", True, True),
    ],
)
def test_fingerprints_leave_out_what_differs_from_page_to_page(
    one: str, other: str, same: bool, loose: bool
) -> None:
    first, second = fingerprint(one), fingerprint(other)
    assert first
    assert second
    assert (first.value == second.value, first.loose) == (same, loose)


def test_a_line_without_letters_and_digits_has_no_fingerprint() -> None:
    assert fingerprint("***") is None
    assert fingerprint("") is None


def test_a_frame_is_learned_from_three_pages() -> None:
    pages = [page_of([*furniture("Front door"), *story_pieces(n)], n) for n in range(3)]
    assert where(pages, "Front door") == "anywhere"
    assert where(pages[:2], "Front door") is None


def test_copies_of_one_article_are_one_page() -> None:
    first = [*story_pieces(1), *furniture(ABOUT)]
    copies = [page_of(first, n, address=f"https://site.example/copy/{n}") for n in range(12)]
    assert len(distinct(copies)) == 1
    assert learn(copies) == ()
    told = [*story_pieces(1, 6), *furniture(ABOUT)]
    edited = [*story_pieces(1, 6)[:-1], *story_pieces("other end")[:1], *furniture(ABOUT)]
    known = [page_of([*story_pieces(n), *furniture(ABOUT)], n) for n in range(20, 24)]
    assert len(distinct([*known, page_of(told, 29), page_of(edited, 30)])) == 5


def test_a_story_that_is_printed_often_stays_an_article() -> None:
    told = story_pieces("wire")
    pages = [page_of([*story_pieces(n), *furniture(ABOUT)], n) for n in range(10)]
    pages += [
        page_of([*told, *furniture(ABOUT)], 10 + n, address=f"https://site.example/w{n}") for n in range(8)
    ]
    for piece in told:
        assert where(pages, piece.text) is None
    assert where(pages, ABOUT) == "anywhere"


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_standing_paragraph_is_no_furniture(share: float) -> None:
    order = random.Random(7)
    pages = []
    for n in range(20):
        body = story_pieces(n, 6)
        if order.random() < share:
            body.insert(order.randint(0, 6), Piece(STANDING, BODY, link=False))
        pages.append(page_of([*body, *furniture(ABOUT)], n))
    for upto in range(3, 20):
        assert where(pages[:upto], STANDING) is None
    assert where(pages, ABOUT) == "anywhere"


def test_what_always_ends_the_text_goes_there_and_nowhere_else() -> None:
    pages = [page_of([*story_pieces(n), Piece(ABOUT, BODY, link=False)], n) for n in range(10)]
    assert where(pages[:7], ABOUT) is None
    assert where(pages[:9], ABOUT) == "edge"
    line = learned(pages)
    known = Learned(line, lambda: [Piece(ABOUT, BODY, link=False)])
    last = [Line(own_sentence("x")), Line(own_sentence("y")), Line(ABOUT)]
    inside = [last[0], last[2], last[1]]
    assert known.reasons(last) == ("", "", "learned: on 10 of 10 pages of this source")
    assert known.reasons(inside) == ("", "", "")


def test_a_promotion_at_its_place_in_the_text_is_furniture() -> None:
    def at(n: int) -> Page:
        body = story_pieces(n, 4 + n % 3)
        return page_of([*body[:2], Piece(PROMOTION, BODY, link=False), *body[2:]], n)

    pages = [at(n) for n in range(10)]
    assert where(pages, PROMOTION) == "anywhere"
    assert where(pages[:7], PROMOTION) is None


def test_a_box_within_the_text_must_be_on_most_pages() -> None:
    def at(n: int, often: int) -> Page:
        body = story_pieces(n)
        box = furniture(STANDING, path=PROMO) if n % often == 0 else []
        return page_of([*body[:2], *box, *body[2:]], n)

    assert where([at(n, 2) for n in range(20)], STANDING) is None
    assert where([at(n, 1) for n in range(8)], STANDING) == "anywhere"


def test_what_stands_beyond_the_frame_of_a_plain_text_is_known_sooner() -> None:
    order = random.Random(3)

    def at(n: int) -> Page:
        now_and_then = [Piece(PROMOTION, BODY, link=False)] if order.random() < 0.5 else []
        foot = [Piece(ABOUT, BODY, link=False), *now_and_then, Piece("Closing label", BODY, link=False)]
        return page_of([*story_pieces(n), *foot], n)

    pages = [at(n) for n in range(16)]
    assert where(pages, PROMOTION) == "edge"
    # The same line without a frame around it may be the article's.
    order = random.Random(3)
    bare = [
        page_of([*story_pieces(n), Piece(PROMOTION, BODY, link=False)][: 4 + (order.random() < 0.5)], n)
        for n in range(16)
    ]
    assert where(bare, PROMOTION) is None


def test_a_heading_that_comes_back_stays() -> None:
    def at(n: int) -> Page:
        body = story_pieces(n)
        return page_of(
            [*body[:2], Piece("What comes next", BODY, link=False), *body[2:]] if n % 3 else body, n
        )

    assert where([at(n) for n in range(20)], "What comes next") is None


def test_a_line_of_the_frame_stays_where_the_article_says_it_too() -> None:
    pages = [page_of([*furniture("Villages"), *story_pieces(n)], n) for n in range(5)]
    line = learned(pages)
    lines = [Line(own_sentence("x")), Line("Villages"), Line(own_sentence("y"))]
    in_frame = Piece("Villages", FRAME, link=False)
    in_body = Piece("VILLAGES", BODY, link=False)
    assert Learned(line, lambda: [in_frame]).reasons(lines)[1]
    also_in_body = Learned(line, lambda: [in_frame, in_body])
    assert also_in_body.reasons(lines) == ("", "", "")


def test_the_headline_is_never_furniture() -> None:
    pages = [page_of([*furniture("Old trades of the valley"), *story_pieces(n)], n) for n in range(5)]
    line = learned(pages)
    lines = [Line("Old trades of the valley"), Line(own_sentence("x"))]
    known = Learned(line, list)
    assert known.reasons(lines)[0]
    assert known.reasons(lines, "Old trades of the valley") == ("", "")


def test_what_a_source_changed_is_learned_and_what_it_dropped_is_forgotten() -> None:
    before = [page_of([*story_pieces(n), *furniture("Old foot", ABOUT)], n) for n in range(30)]
    after = [page_of([*story_pieces(n), *furniture("New foot", PROMOTION)], n) for n in range(30, 60)]
    counts = merge(SourceCounts(source="s"), before)
    assert where(counts.groups["g"].pages, "New foot") is None
    counts = merge(counts, after[:10])
    assert where(counts.groups["g"].pages, "New foot") == "anywhere"
    assert where(counts.groups["g"].pages, PROMOTION) == "anywhere"
    counts = merge(counts, after)
    assert where(counts.groups["g"].pages, "Old foot") is None


def _pages(groups: int) -> list[Page]:
    return [
        page_of(
            [*furniture("Front door", f"Section {n % 5} of ours"), *story_pieces(n), *furniture(ABOUT)],
            n,
            group=f"g{n % groups}",
        )
        for n in range(40)
    ]


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(40)), st.lists(st.integers(1, 12), min_size=1), st.lists(st.integers(0, 39)))
def test_order_batches_and_repetition_give_the_same_template(
    order: list[int], sizes: list[int], again: list[int]
) -> None:
    pages = _pages(3)
    told = [pages[n] for n in [*order, *again]]
    counts, at = SourceCounts(source="s"), 0
    while at < len(told):
        size = sizes[at % len(sizes)]
        counts, at = merge(counts, told[at : at + size]), at + size
    whole = merge(SourceCounts(source="s"), pages)
    assert counts == whole
    assert next_template(counts, None) == next_template(whole, None)


def test_a_page_that_was_counted_changes_nothing() -> None:
    pages = _pages(1)
    counts = merge(SourceCounts(source="s"), pages)
    assert merge(counts, pages[-WINDOW:]) is counts
    # Nor does an older one than those that are kept.
    assert merge(counts, pages[:1]) is counts


def test_counts_and_templates_come_back_from_bytes() -> None:
    counts = merge(SourceCounts(source="s"), _pages(2))
    assert decode_counts(encode_counts(counts)) == counts
    template, groups = next_template(counts, None)
    assert template
    assert set(groups) == {"g0", "g1"}
    assert decode_template(encode_template(template)) == template
    assert template.id == "s/1"


def test_nothing_new_makes_no_template() -> None:
    counts = merge(SourceCounts(source="s"), _pages(1))
    template, _ = next_template(counts, None)
    assert next_template(counts, template) == (None, ())
    more = merge(
        counts, [page_of([*furniture("Front door"), *story_pieces(n)], n, group="g0") for n in range(50, 60)]
    )
    assert next_template(more, template) == (None, ())


def test_what_is_kept_of_a_source_is_bounded() -> None:
    many = [Piece(own_sentence(n), FRAME, link=False) for n in range(900)]
    pages = [page_of([*many, *story_pieces(n)], n, group=f"g{n % 20}") for n in range(60)]
    counts = merge(SourceCounts(source="s"), pages)
    assert len(counts.groups) == MOST_GROUPS
    assert all(len(group.pages) <= WINDOW for group in counts.groups.values())
    assert all(len(list(p.sketch.lines())) <= MOST_LINES for g in counts.groups.values() for p in g.pages)
    alike = [page_of([*many[:300], *story_pieces(n, 90)], n) for n in range(30)]
    assert len(learn(alike)) <= MOST_LEARNED


PAGE = """<html lang="en"><head><title>T</title><style>p {{}}</style></head><body class="post-{n} wide">
<div class="top"><a href="/">Front <b>door</b></a><br>Villages</div>
<main><div class="text"><p class="first">{first}</p><div><p>{second}</p></div>loose words<ul><li>one</li></ul></div></main>
<script>var x;</script></body></html>"""


def test_pieces_of_a_page_say_where_they_stand() -> None:
    tree = parse_html(PAGE.format(n=7, first=own_sentence(1), second=own_sentence(2)), "p")
    pieces = page_pieces(tree)
    assert [p.text for p in pieces] == [
        "Front door",
        "Villages",
        own_sentence(1),
        own_sentence(2),
        "loose words",
        "one",
    ]
    assert [p.link for p in pieces] == [True, False, False, False, False, False]
    # Bare boxes and lists say nothing of where one is; the classes of paragraphs neither.
    assert len({p.path for p in pieces[2:]}) == 1
    assert pieces[0].path == pieces[1].path != pieces[2].path


def test_pages_built_alike_are_one_group() -> None:
    def group(html: str, url: str = "https://a.example/1") -> str:
        tree = parse_html(html, url)
        return page_group(tree, url)

    one = PAGE.format(n=7, first=own_sentence(1), second=own_sentence(2))
    other = PAGE.format(n=8, first=own_sentence(3), second=own_sentence(4))
    assert group(one) == group(other)
    assert group(one) != group(other.replace('class="text"', 'class="prose"'))
    assert group(one) != group(other.replace('lang="en"', 'lang="fr"'))
    assert group(one) != group(other, "https://b.example/1")


def test_plain_texts_are_grouped_by_host_and_language() -> None:
    english = ["The granary by the harbour has opened its doors to visitors again after a long winter."]
    french = ["Le grenier du port a rouvert ses portes aux visiteurs après un long hiver de travaux."]
    assert text_group(english, "https://a.example/1") == text_group(english, "https://a.example/2")
    assert text_group(english, "https://a.example/1") != text_group(french, "https://a.example/1")


def test_a_deep_page_costs_no_more_than_its_size() -> None:
    depth = 20_000
    tree = parse_html(
        "<html><body>" + "<div class='d'>" * depth + "deep" + "</div>" * depth + "</body></html>", "p"
    )
    assert len(page_pieces(tree)) <= 1
    assert sketch_of(page_pieces(tree), "g").group == "g"
