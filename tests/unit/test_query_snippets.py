"""Passages show what was found, end where words or sentences do, and never cut a character apart."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from shared.query.snippets import snippets
from shared.text import tokens
from tests.unit.text_samples import SENTENCES, texts, unhurried

FILLER = "Walls and roofs were measured with care. "
STORY = f"{FILLER * 20}Then the charter was signed in the old hall. {FILLER * 20}A charter and a fund end it."


def spans_of(text: str, *wanted: str) -> list[tuple[int, int]]:
    return [(t.start, t.end) for t in tokens(text) if t.text in wanted]


def shown(text: str, *wanted: str, most: int = 3) -> list[str]:
    return [text[s.start : s.end] for s in snippets(text, spans_of(text, *wanted), most)]


def test_passages_hold_what_was_found_and_end_with_sentences() -> None:
    first, second = shown(STORY, "charter", "fund")
    assert "Then the charter was signed in the old hall." in first
    assert second.endswith("A charter and a fund end it.")
    for passage in (first, second):
        assert passage[0].isupper()
        assert passage[-1] == "."
        assert 150 < len(passage) < 270


def test_the_passage_with_most_different_words_comes_first() -> None:
    assert shown(STORY, "charter", "fund", most=1) == shown(STORY, "charter", "fund")[1:]


def test_without_spans_the_beginning_is_shown() -> None:
    (passage,) = snippets(f"\n  {STORY}", [])
    assert f"\n  {STORY}"[passage.start : passage.end].startswith("Walls")
    assert passage.spans == ()
    assert snippets("", []) == snippets(" \n", []) == snippets(STORY, [(0, 5)], most=0) == []


def test_a_short_text_is_shown_whole() -> None:
    assert shown("One charter.", "charter") == ["One charter."]


def test_a_passage_marks_all_that_was_found_in_it() -> None:
    (passage,) = snippets(STORY, spans_of(STORY, "fund", "end"))
    assert [STORY[a:b] for a, b in passage.spans] == ["fund", "end"]


def test_a_long_span_is_cut() -> None:
    (passage,) = snippets(STORY, [(0, len(STORY))])
    assert passage.end - passage.start < 270
    assert passage.spans == ((passage.start, passage.end),)


def test_unspaced_text_is_cut_between_sentences_where_it_can() -> None:
    text = "亚洲文化遗产保护联盟在重庆举行大会。" * 30
    for passage in shown(text, "重庆"):
        assert passage.startswith("亚洲")
        assert passage.endswith("。")


@pytest.mark.parametrize("language", SENTENCES)
def test_words_of_spaced_scripts_are_never_cut(language: str) -> None:
    text = f"{SENTENCES[language]} " * 12
    whole = set(text.split())
    for token in tokens(SENTENCES[language])[::5]:
        for passage in shown(text, token.text):
            if " " in SENTENCES[language].strip() and language not in ("th", "lo", "km", "my", "zh", "ja"):
                assert {passage.split()[0], passage.split()[-1]} <= whole


@unhurried
@given(st.lists(texts, max_size=6).map("".join), st.data(), st.integers(1, 4), st.integers(5, 80))
def test_passages_are_in_order_apart_and_whole(
    text: str, data: st.DataObject, most: int, length: int
) -> None:
    text = text + " " + "".join(SENTENCES.values())
    places = [(t.start, t.end) for t in tokens(text)]
    spans = data.draw(st.lists(st.sampled_from(places), max_size=6)) if places else []
    found = snippets(text, spans, most, length)
    borders = {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}
    ends = 0
    assert 1 <= len(found) <= most
    for passage in found:
        assert ends <= passage.start < passage.end <= len(text)
        assert {passage.start, passage.end} <= borders
        ends = passage.end
        for start, end in passage.spans:
            assert passage.start <= start < end <= passage.end
    if spans:
        assert all(passage.spans for passage in found)
