"""Every rule does what its example says and leaves its counter-example alone; context does the rest."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.boilerplate import clean, is_furniture
from services.parser.boilerplate_rules import Rule, rules
from services.parser.lines import Line, key_of, to_lines

BODY = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate.",
    "Work on the gate is to begin in spring and will take about two years, the director said.",
)


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines]


def cleaned(text: str, title: str = "") -> list[str]:
    return texts(clean(to_lines(text), title).lines)


def applied(rule: Rule, line: str) -> str:
    """The line after this rule alone."""
    if rule.kind in ("line", "section"):
        fits = rule.wants(line.lower()) and rule.pattern.fullmatch(line)
        return "" if fits else line
    if not rule.wants(line.lower()):
        return line
    return re.sub(r"\s+", " ", rule.pattern.sub(" ", line)).strip()


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.id)
def test_rule_changes_its_example(rule: Rule) -> None:
    assert applied(rule, rule.example) == rule.leaves


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.id)
def test_rule_leaves_its_counter_example(rule: Rule) -> None:
    assert applied(rule, rule.counter_example) == rule.counter_example


def test_rules_are_named_once_and_explain_themselves() -> None:
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)
    assert all(rule.reason and rule.languages and len(rule.example) <= rule.longest for rule in rules())


def test_rules_have_no_capturing_groups() -> None:
    # Groups would break the table, which finds the rule by the name of the group that matched.
    assert [rule.id for rule in rules() if rule.pattern.groups] == []


@pytest.mark.parametrize(
    "rule", [r for r in rules() if r.pattern.pattern.startswith(("(?:.{", "(?:[^"))], ids=lambda r: r.id
)
def test_a_rule_that_begins_with_a_gap_names_what_it_needs(rule: Rule) -> None:
    assert rule.words or (rule.kind == "line" and rule.longest <= 240), "slow on every line"


@pytest.mark.parametrize(
    "rule", [r for r in rules() if r.kind == "line" and r.zone == "any"], ids=lambda r: r.id
)
def test_a_certain_line_falls_between_paragraphs_and_is_accounted_for(rule: Rule) -> None:
    example = to_lines(rule.example)[0].text
    result = clean(to_lines("\n\n".join((BODY[0], example, BODY[1]))), "")
    assert texts(result.lines) == list(BODY)
    assert "".join(key_of(r.text) for r in result.removed) == key_of(example)


@pytest.mark.parametrize(
    "rule", [r for r in rules() if r.kind == "line" and r.zone == "edge"], ids=lambda r: r.id
)
def test_an_uncertain_line_falls_only_at_the_edges(rule: Rule) -> None:
    example = to_lines(rule.example)[0].text
    assert example not in cleaned("\n\n".join((*BODY, example)))
    if not is_furniture(example):
        assert key_of(example) in key_of("".join(cleaned("\n\n".join((BODY[0], example, BODY[1])))))


def test_no_break_spaces_do_not_hide_furniture() -> None:
    assert cleaned(f"{BODY[0]}\n\nFor any questions, please email\u00a0 desk@example.org") == [BODY[0]]


def test_slogans_fall_between_the_article_and_its_footer() -> None:
    footer = "A Harbour for All Seasons\n\nStone and Sea\n\nAbout Us | Contact Us\nI Agree\nPrivacy Policy\nStones to us"
    result = clean(to_lines(f"{BODY[0]}\n\n{BODY[1]}\n\n\n{footer}"), "")
    assert texts(result.lines) == list(BODY)
    reasons = {r.text: r.reason for r in result.removed}
    assert reasons["Stone and Sea"] == "slogan above the footer"
    assert reasons["Stones to us"] == "short line in the footer"


def test_a_short_last_line_stays_when_no_footer_follows() -> None:
    assert cleaned(f"{BODY[0]}\n\nStone and Sea") == [BODY[0], "Stone and Sea"]


def test_subheads_and_list_items_in_the_middle_stay() -> None:
    text = f"{BODY[0]}\n\nA new gate\n\n{BODY[1]}\n\n- oak\n- stone\n- iron\n\n{BODY[0]} Twice."
    assert "A new gate" in cleaned(text)
    assert {"- oak", "- stone", "- iron"} <= set(cleaned(text))


def test_the_headline_and_what_stands_above_it_go() -> None:
    text = f"Town News\n\nHarbour > Museums\n\nNorthern gate to be restored\n\n{BODY[0]}"
    result = clean(to_lines(text), "Northern gate to be restored")
    assert texts(result.lines) == [BODY[0]]
    assert {r.reason for r in result.removed} >= {"the headline again", "above the headline"}


def test_the_headline_with_the_sites_name_is_the_headline() -> None:
    assert cleaned(
        f"Northern gate to be restored | Town News\n\n{BODY[0]}", "Northern gate to be restored"
    ) == [BODY[0]]


def test_a_paragraph_above_a_repeated_headline_is_kept() -> None:
    assert BODY[1] in cleaned(f"{BODY[1]}\n\nNorthern gate\n\n{BODY[0]}", "Northern gate")


def test_a_caption_printed_twice_on_one_line_goes_altogether() -> None:
    caption = "Guests look at a model of the gate. /Xinhua"
    result = clean(to_lines(f"{BODY[0]}\n\n{caption} {caption}\n\n{BODY[1]}"), "")
    assert texts(result.lines) == list(BODY)
    assert [r.reason for r in result.removed] == ["caption printed twice"]


def test_a_credit_goes_and_its_caption_stays() -> None:
    result = clean(to_lines(f"The gate at dusk. (Photo/Ann Lee, Town News)\n\n{BODY[0]}"), "")
    assert texts(result.lines) == ["The gate at dusk.", BODY[0]]
    assert result.removed[0].text == "(Photo/Ann Lee, Town News)"


def test_a_dateline_with_its_agency_stays() -> None:
    line = f"OSLO, April 20 (Xinhua) -- {BODY[0]}"
    assert cleaned(line) == [line]


def test_related_articles_go_to_the_end() -> None:
    text = f"{BODY[0]}\n\n{BODY[1]}\n\nRelated\n-\nBridge reopens after a year\nThe bridge was closed for repairs.\n-\nMill sold"
    assert cleaned(text) == list(BODY)


def test_a_related_heading_does_not_cut_an_article_that_goes_on() -> None:
    long = " ".join(f"Stone {i} of the arch was numbered, drawn and laid out in the yard." for i in range(8))
    text = f"{BODY[0]}\n\nRelated Articles\n\n{long}\n\n{BODY[1]}"
    assert cleaned(text) == [BODY[0], long, BODY[1]]


def test_a_long_paragraph_printed_twice_on_one_line_is_kept_once() -> None:
    long = " ".join(f"Stone {i} of the arch was numbered, drawn and laid out in the yard." for i in range(8))
    assert cleaned(f"{long} {long}") == [long]


def test_a_lead_that_the_first_paragraph_repeats_goes() -> None:
    assert cleaned(f"{BODY[0]}\n\n{BODY[0]} {BODY[1]}") == [" ".join(BODY)]


def test_table_rows_stay() -> None:
    rows = ["| year | visitors |", "|---|---|", "| 2021 | 40 |", "| 2021 | 40 |"]
    assert cleaned("\n".join((BODY[0], *rows, BODY[1]))) == [BODY[0], *rows, BODY[1]]


def test_a_list_of_short_lines_alone_is_not_all_furniture() -> None:
    assert cleaned("North gate\nSouth gate\nEast gate") == ["North gate", "South gate", "East gate"]


@given(st.lists(st.text(max_size=120), max_size=30), st.text(max_size=60))
def test_cleaning_never_invents_text_and_accounts_for_all_of_it(raw: list[str], title: str) -> None:
    lines = to_lines("\n".join(raw))
    result = clean(lines, title)
    before = sorted(key_of(" ".join(texts(lines))))
    kept = key_of(" ".join(texts(result.lines)))
    gone = key_of(" ".join(r.text for r in result.removed))
    # Copies of one removal are told once, so what is gone may be more than what is told, never less.
    assert set(before) == set(kept) | set(gone)
    assert len(kept) <= len(before)


@given(
    st.lists(
        st.sampled_from(["oak", "stone", "iron", "lime", "sand", "clay"]),
        min_size=6,
        max_size=12,
        unique=False,
    )
)
def test_prose_is_never_touched(words: list[str]) -> None:
    prose = [
        f"Load {i} of {word} came up the river to the yard by the northern gate."
        for i, word in enumerate(words)
    ]
    assert cleaned("\n\n".join(prose)) == prose
