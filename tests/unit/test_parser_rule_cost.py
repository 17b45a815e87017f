"""No rule takes long over any line: time grows with its length, whatever it is made of."""

import time
from collections.abc import Iterator

import pytest

from services.parser.boilerplate import clean
from services.parser.boilerplate_rules import Rule, rules
from services.parser.date_lines import matching_stamp
from services.parser.lines import Line
from services.parser.phrases import matching_bar, matching_phrase

# Seconds of processor time for one rule and one line. A pattern that backtracks exponentially, or over the square of
# the line, takes far longer.
MOST = 0.05
LENGTH = 600


def hostile(rule: Rule) -> Iterator[str]:
    """Long lines that a rule almost matches: pieces of its example over and over, with a wrong end."""
    for piece in {
        rule.example,
        rule.example[:1],
        rule.example[:7],
        rule.example.split()[0],
        rule.example[-5:],
    }:
        yield (piece * LENGTH)[:LENGTH] + "\x00"
    for piece in (
        "a",
        " ",
        "1",
        ".",
        "- ",
        "a ",
        "1.",
        "((",
        "[",
        "2024-01-01 ",
        "新",
        "，",
        "a@",
        "::",
        "A ",
        "\u00a0",
    ):
        yield rule.example + piece * (LENGTH // len(piece)) + "\x00"
        yield piece * (LENGTH // len(piece)) + rule.example + "\x00"


def spent(rule: Rule, line: str) -> float:
    """Seconds of this process; of several tries the best, because the machine may be busy."""
    best = MOST * 100
    for _ in range(3):
        began = time.process_time()
        rule.pattern.fullmatch(line)
        rule.pattern.search(line, max(0, len(line) - 200))
        best = min(best, time.process_time() - began)
        if best < MOST:
            break
    return best


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.id)
def test_a_pattern_is_quick_on_lines_made_to_slow_it(rule: Rule) -> None:
    assert max(spent(rule, line) for line in hostile(rule)) < MOST


@pytest.mark.parametrize(
    "piece", ["a", " | ", "photo: ", "12 march 2024 ", "広告", "分享到", "/ / ", "e\u0301", "ﷺ"]
)
def test_phrases_bars_and_dates_are_quick_on_long_lines(piece: str) -> None:
    line = piece * (100_000 // len(piece))
    # The tables are made once.
    assert matching_phrase("Read more about it")
    assert matching_stamp("12 March 2024")
    began = time.process_time()
    for text in (line, line[:400], line[:160], line[:90]):
        matching_phrase(text)
        matching_bar(text)
        matching_stamp(text)
    assert time.process_time() - began < 0.2


def test_a_document_of_hostile_lines_is_cleaned_in_bounded_time() -> None:
    lines = [Line(text) for rule in rules() for text in hostile(rule)][:4000]
    began = time.process_time()
    clean(lines, "A title")
    assert time.process_time() - began < 0.003 * len(lines)
