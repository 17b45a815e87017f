"""Markdown is read as people see it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.markdown import as_plain
from tests.unit.parser_pages import read

FILE = """---
title: Northern gate to be restored
date: 2026-02-20
author: Ann Lee
---

# Northern gate to be restored

The council of the **harbour museum** met on Monday and agreed to restore the
[northern gate](https://x.example/gate "A gate") of the town *wall*. It had been closed for eleven
years, after a stone fell from the vault.

What happens next
-----------------

- the gate in spring, when the scaffold
  stands
* the tower in autumn

> "We kept whatever could be kept," said the architect.

![The gate](gate.jpg)

---

Work on the gate is to begin in spring and will take about two years, the director of the museum said.
"""


def test_a_file_in_markdown() -> None:
    document = read(FILE, url="file:///press/gate.md", media_type="text/markdown")
    assert document.title == "Northern gate to be restored"
    assert document.authors == ("Ann Lee",)
    assert document.published_at is not None
    assert document.published_at.date().isoformat() == "2026-02-20"
    assert document.text == (
        "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall. It "
        "had been closed for eleven years, after a stone fell from the vault.\n\n"
        "What happens next\n\n"
        "- the gate in spring, when the scaffold stands\n- the tower in autumn\n\n"
        '"We kept whatever could be kept," said the architect.\n\n'
        "Work on the gate is to begin in spring and will take about two years, the director of the museum said."
    )
    assert ("![The gate](gate.jpg)", "picture") in [(r.text, r.reason) for r in document.removed]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("a **bold** and __bold__ word", "a bold and bold word"),
        ("*weak* _weak_ ***both***", "weak weak both"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("[one](http://x.example/a_(b)) and [two][ref]", "one and two"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("`code` and ~~struck~~", "code and struck"),
        ("5\\. May \\*", "5. May *"),
        ("a word[^1] more", "a word more"),
        ("## Heading ##", "Heading"),
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\n\ntwo"),
        ("1. first\n2. second", "1. first\n\n2. second"),
        ("| a | b |\n| c | d |", "| a | b |\n\n| c | d |"),
        ("```\nx = 1\n# no heading\n```", "x = 1\n\n# no heading"),
        ("[ref]: http://x.example/", ""),
        ("* * *", ""),
        ("---\nnot: [closed\n---\nText", "Text"),
    ],
)
def test_marks_go(marked: str, plain: str) -> None:
    assert as_plain(marked)[0] == plain


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab *_`[]()!#>-\n|\\~:", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    as_plain(text)


def test_marks_without_end_cost_little() -> None:
    for piece in ("[", "**a", "_a ", "![", "`", "> ", "- - ", "~~a", "(("):
        as_plain(piece * 20_000)
