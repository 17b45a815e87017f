"""All spellings of a word share one form, and letters that differ in meaning stay apart."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text.folding import fold, fold_character
from tests.unit.text_samples import characters, unhurried

SAME = [
    ("CHÂTEAU", "chateau"),
    ("Łódź", "lodz"),
    ("Øresund", "oresund"),
    ("Đà", "da"),
    ("Œuvre", "oeuvre"),
    ("Ærø", "aero"),
    ("Straße", "STRASSE"),
    ("Þingvellir", "thingvellir"),
    ("İSTANBUL", "istanbul"),
    ("ışık", "isik"),
    ("Huế", "hue"),
    ("ＡＣＨＡ", "acha"),
    ("ﬁne", "fine"),
    ("co\u00adop", "coop"),
    ("herit\u200bage", "heritage"),
    ("\ufeffword", "word"),
    ("Sanʿāʾ", "sana"),
    ("ΟΔΌΣ", "οδος"),
    ("ᾠδή", "ωδη"),
    ("Ёлка", "елка"),
    ("замо́к", "замок"),
    ("התַּרְבּוּת", "התרבות"),
    ("التُّراث", "التراث"),
    ("تــراث", "تراث"),
    ("أثر", "اثر"),
    ("آثار", "اثار"),
    ("مكتبة", "مكتبه"),
    ("مصطفى", "مصطفي"),
    ("فرهنگی", "فرهنگي"),
    ("کتاب", "كتاب"),
    ("٢٠٢٥", "2025"),
    ("۲۰۲۵", "2025"),
    ("२०२५", "2025"),
    ("๒๕๖๘", "2568"),
    ("m²", "M2"),
]
APART = [
    ("й", "и"),
    ("їх", "іх"),
    ("ў", "у"),
    ("ѓ", "г"),
    ("ќ", "к"),
    ("क़िला", "किला"),
    ("がく", "かく"),
    ("ъезд", "езд"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_a_word_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_letters_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_every_letter_of_unicode_folds_once_and_for_all() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        folded = fold(letter)
        assert fold(folded) == folded, hex(code)


@unhurried
@given(st.lists(characters, max_size=12).map("".join) | st.text(max_size=12))
def test_folding_twice_changes_nothing(word: str) -> None:
    if not word.isascii():  # plain ASCII is a word already, gaps and all
        assert fold(fold(word)) == fold(word)


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("ﾊﾞ", "バ"),
        ("ﾊﾟ", "パ"),
        ("⽂", "文"),
        ("豈", "豈"),
        ("ｰ", "ー"),
        ("ํา", "ำ"),
        ("ໍາ", "ຳ"),
        ("ໜ", "ໜ"),
        ("ㄱ", "ㄱ"),
    ],
)
def test_characters_of_unspaced_scripts_are_unified(character: str, folded: str) -> None:
    assert fold_character(character) == folded == fold_character(folded)


def test_a_tower_of_marks_stays_short() -> None:
    assert len(fold_character("ก" + "\u0e49" * 1000)) <= 16


def test_canonical_forms_of_a_hangul_syllable_are_one() -> None:
    assert fold_character(unicodedata.normalize("NFD", "각")) == "각"
