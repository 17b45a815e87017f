"""Plain text: lines, titles, hard wraps and leftovers of markup."""

import pytest

from services.parser.boilerplate import clean
from services.parser.lines import from_lines, to_lines
from services.parser.plain_text import find_title, read_plain, unwrap, without_markup

BODY = "The council of the harbour museum met on Monday and agreed to restore the northern gate."


def title_of(text: str, told: str | None = None) -> str:
    return find_title(read_plain(text).lines, told)


def test_the_first_short_line_is_the_title() -> None:
    assert title_of(f"\n\nNorthern gate to be restored\n02:21\n\n{BODY}") == "Northern gate to be restored"


def test_furniture_is_no_title() -> None:
    text = f"iHarbour Title\n\nUse the search to look through our pages.\n\nNorthern gate reopens\n\n{BODY}"
    assert title_of(text) == "Northern gate reopens"


def test_a_lead_quote_is_no_title() -> None:
    lead = f"“We have waited forty years for this day,” the director said. {BODY}"
    title = title_of(f"{lead}\nA new beginning\n{BODY}")
    assert title == "“We have waited forty years for this day,” the director said."


def test_a_long_first_sentence_is_cut_at_a_word() -> None:
    title = title_of(" ".join(["stone"] * 60) + ".")
    assert len(title) <= 120
    assert title.endswith("stone…")


def test_what_the_feed_told_is_the_title() -> None:
    assert title_of(f"Town News\n\n{BODY}", "Northern gate to be restored") == "Northern gate to be restored"


def test_a_question_may_be_a_title() -> None:
    assert title_of(f"Who built the northern gate?\n\n{BODY}") == "Who built the northern gate?"


def test_a_chinese_title_and_text() -> None:
    text = "古城门将修缮\n\n市议会周一宣布,古老的港口城门将用同一采石场的石料进行修缮,工程明年春天开始。"
    assert title_of(text) == "古城门将修缮"


def test_hard_wrapped_text_is_joined() -> None:
    words = [f"word{i:02}" for i in range(60)]
    rows = [" ".join(words[i : i + 10]) for i in range(0, 60, 10)]
    wrapped = "\n".join(rows[:3]) + ".\n\n" + "\n".join(rows[3:]) + "."
    joined = unwrap(to_lines(wrapped))
    assert [line.text for line in joined] == [" ".join(rows[:3]) + ".", " ".join(rows[3:]) + "."]


def test_lines_that_are_paragraphs_are_not_joined() -> None:
    lines = to_lines(f"{BODY}\n{BODY}\n\n{BODY}\n{BODY}\n{BODY}\n{BODY}\nShort")
    assert unwrap(lines) == lines


def test_tags_and_entities_left_in_a_text_go_and_their_words_stay() -> None:
    raw = 'The <a href="https://e.org/x">gate</a> is open.<br/>Tom &amp; Ann &#8212; 3 < 4 and 5 > 2.'
    text, removed = without_markup(raw)
    assert text == "The gate is open.\nTom & Ann — 3 < 4 and 5 > 2."
    assert [r.text for r in removed] == ['<a href="https://e.org/x">', "</a>", "<br/>"]


def test_odd_white_space_is_put_in_order() -> None:
    lines = to_lines("a\u00a0\u00a0b\u200b c\r\n\r\n\u3000d\ufeff\n")
    assert [(line.text, line.gap) for line in lines] == [("a b c", 0), ("d", 1)]


def test_list_items_stand_together() -> None:
    assert from_lines(to_lines("Intro\n- one\n- two\nEnd")) == "Intro\n\n- one\n- two\n\nEnd"


HEADLINE = "Northern gate of the old harbour town to be restored from spring"


@pytest.mark.parametrize(
    "head",
    [
        "EXAMPLE TOWN BULLETIN\n\n",
        "EXAMPLE TOWN TRUST\nFOR IMMEDIATE RELEASE\n\n",
        "EXAMPLE TOWN TRUST\nPress information – 4 March 2022\n\n",
        "Bulletin of the Example Town Trust\nPress release, 4 March 2022\n\n",
        "FUNDACIÓN EJEMPLO\nPara publicación inmediata\n\n",
        "EXAMPLE TOWN TRUST\n4 March 2022\n\n",
        "BULETIN CONTOH\nSiaran pers, 18 Oktober 2025\n\n",
    ],
)
def test_a_letterhead_is_no_title(head: str) -> None:
    assert title_of(f"{head}{HEADLINE}\n\n{BODY}") == HEADLINE


@pytest.mark.parametrize(
    ("title", "below"),
    [
        ("NORTHERN GATE TO BE RESTORED", "Town sets aside money for two years of work"),
        ("Northern gate to be restored", "4 March 2022\nThe gate in the light of a spring morning"),
        ("Northern gate to be restored", "FOR IMMEDIATE RELEASE\nThe gate in the light of a spring morning"),
        ("NEW NEWS SERVICE FOR THE OLD TOWN OF THE HARBOUR STARTS", "FOR IMMEDIATE RELEASE\nFree for all"),
        ("NORTHERN GATE TO BE RESTORED", "4 March 2022\nThe gate in the light of a spring morning"),
        ("Museum newsletter turns one hundred", "A walk through its earliest issues by their readers"),
        ("NORTHERN GATE OPENS", "PRESS RELEASE\nTHE WORKS TOOK TWO YEARS AND A SUMMER"),
    ],
)
def test_a_headline_over_a_subtitle_stays_the_title(title: str, below: str) -> None:
    assert title_of(f"{title}\n{below}\n\n{BODY}") == title


def test_a_press_release_is_read_without_its_frame() -> None:
    text = (
        f"EXAMPLE TOWN BULLETIN\nFOR IMMEDIATE RELEASE\n\n{HEADLINE}\n\n{BODY}\n\nIt will open again in two years.\n\n– ENDS –\n\n"
        "Notes to editors\nPictures are available on request.\n\nMedia contact:\nAnn Lee, Example Town Bulletin\n"
        "ann@example.org | +00 555 0100\n\nYou receive this message because you asked for it."
    )
    lines = read_plain(text).lines
    assert [line.text for line in clean(lines, find_title(lines, None)).lines] == [
        BODY,
        "It will open again in two years.",
    ]


def test_paragraphs_below_the_sign_off_stay() -> None:
    note = (
        "The gate was built in 1512 and has been closed since the storm of 1987, when part of the arch fell."
    )
    lines = read_plain(f"{HEADLINE}\n\n{BODY}\n\n– ENDS –\n\n{note}\n\nContact: Ann, ann@example.org").lines
    assert [line.text for line in clean(lines, find_title(lines, None)).lines] == [BODY, note]
