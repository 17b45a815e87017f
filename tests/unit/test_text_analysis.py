"""Tokens: what they are in each script, where they stand, and that nothing breaks them."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given

from shared.text import (
    LONGEST_TOKEN,
    POSITION_GAP,
    analyse,
    folded,
    phrase,
    phrase_text,
    token_texts,
    tokens,
)
from shared.text.analysis import unspaced_characters
from tests.unit.text_samples import SENTENCES, texts, unhurried


def words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xi'an Xi’an", ["xi", "an", "xi", "an"]),
        ("l'Asie co-operation", ["l", "asie", "co", "operation"]),
        ("O'zbekiston Oʻzbekiston", ["o", "zbekiston", "o", "zbekiston"]),
        ("2½ km² ⅓", ["2", "km2"]),
        ("ACHA联盟", ["acha", "联", "联盟", "盟"]),
        ("2025年", ["2025", "年"]),
        ("文化遗", ["文", "文化", "化", "化遗", "遗"]),
        ("ﾐｭｰｼﾞ", ["ミ", "ミュ", "ュ", "ュー", "ー", "ージ", "ジ"]),
        ("유산", ["유", "유산", "산"]),
        ("น้ำ", ["น้", "น้ำ", "ำ"]),
        ("นํา", ["น", "นำ", "ำ"]),
        ("ខ្មែរ", ["ខ្", "ខ្មែ", "មែ", "មែរ", "រ"]),
        ("日\u200b本\ufe00", ["日", "日本", "本"]),
        ("می‌خواهم", ["مي", "خواهم"]),
        ("\u0301 … \ud800 🏛️ &", []),
        ("", []),
    ],
)
def test_tokens_of_each_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_offsets_are_those_of_the_original() -> None:
    text = "Ǆ É\u0301té: ２０２５年、 文\u200b化!"
    assert [(t.text, text[t.start : t.end]) for t in tokens(text)] == [
        ("dz", "Ǆ"),
        ("ete", "É\u0301té"),
        ("2025", "２０２５"),
        ("年", "年"),
        ("文", "文"),
        ("文化", "文\u200b化"),
        ("化", "化"),
    ]


@unhurried
@given(texts)
@example("กํ\u00adา ᄀ\u200bᅡ ㄱㅏ")
@example("x㆒ ㈠ ヿゟ ໜັງ")
def test_the_slice_of_a_token_holds_the_token(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in words(text[token.start : token.end])


@unhurried
@given(texts)
def test_tokens_are_in_order_short_and_without_gaps(text: str) -> None:
    found = tokens(text)
    assert [t.start for t in found] == sorted(t.start for t in found)
    for token in found:
        assert 0 < len(token.text) <= LONGEST_TOKEN
        assert not any(c.isspace() for c in token.text)
        assert token.text.encode()  # an engine can take it: no lone surrogate


@unhurried
@given(texts)
@example("it’s “Xi’an”、文化，(a：b)‧c")
@example("na ïve é x​y ’́z")
def test_texts_alone_are_those_of_the_tokens(text: str) -> None:
    assert token_texts(text) == [token.text for token in tokens(text)]


@given(texts)
def test_canonical_forms_of_a_text_give_the_same_tokens(text: str) -> None:
    assert (
        words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text)) == words(text)
    )


@unhurried
@given(texts)
def test_folded_text_is_stable_and_has_the_same_tokens(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert words(folded(text)) == words(text)


@unhurried
@given(texts)
def test_a_phrase_written_back_is_the_same_phrase(text: str) -> None:
    assert phrase(phrase_text(phrase(text))) == phrase(text)


@unhurried
@given(texts, texts)
def test_left_out_edges_change_nothing(text: str, around: str) -> None:
    """Wherever the shortened phrase stands in a text, the full row of tokens stands too."""
    row, full, document = phrase(text), tuple(words(text)), words(f"{around} {text} {around}文化{text}")
    places = [i for i in range(len(document)) if tuple(document[i : i + len(row)]) == row and row]
    lead = full.index(row[0]) if row else 0
    for place in places:
        assert tuple(document[place - lead : place - lead + len(full)]) == full


@pytest.mark.parametrize(
    ("text", "row"), [("文化", ("文化",)), ("文", ("文",)), ("文化遗", ("文化", "化", "化遗"))]
)
def test_phrases_leave_single_characters_at_the_edges_out(text: str, row: tuple[str, ...]) -> None:
    assert phrase(text) == row


def test_overlong_runs_are_cut_and_still_found() -> None:
    long = "a" * 100_000
    assert words(f"{long} b") == ["a" * LONGEST_TOKEN, "b"]
    assert phrase(long) == ("a" * LONGEST_TOKEN,)
    assert words("é" * 100) == ["e" * LONGEST_TOKEN]


def test_a_token_of_an_unspaced_script_knows_its_characters() -> None:
    assert unspaced_characters("น้ำ") == ("น้", "ำ")
    assert unspaced_characters("文") == ("文",)
    assert unspaced_characters("acha") == unspaced_characters("наследие") == ()


def test_title_and_text_lie_apart() -> None:
    found = analyse("Two words", "and more")
    assert [(p, t.text) for p, t in found.positioned()] == [
        (0, "two"),
        (1, "words"),
        (2 + POSITION_GAP, "and"),
        (3 + POSITION_GAP, "more"),
    ]


@pytest.mark.parametrize("language", SENTENCES)
def test_every_piece_of_a_sentence_is_a_phrase_of_it(language: str) -> None:
    sentence = SENTENCES[language]
    document = words(sentence)
    for piece in sentence.split():
        row = list(phrase(piece))
        assert not row or any(document[i : i + len(row)] == row for i in range(len(document)))


@unhurried
@given(texts)
def test_the_pair_stream_ends_every_run_with_its_character(text: str) -> None:
    found = tokens(text)
    for before, token in pairwise(found):
        if len(unspaced_characters(token.text)) == 2:
            assert before.text == unspaced_characters(token.text)[0]


def test_a_5_kb_article_is_analysed_in_milliseconds() -> None:
    text = (SENTENCES["en"] * 60)[:5000]
    taken = []
    for _ in range(20):
        began = time.thread_time()
        tokens(text)
        taken.append(time.thread_time() - began)
    assert min(taken) < 0.008  # measured 0.001 s; the bound only catches another order of magnitude
