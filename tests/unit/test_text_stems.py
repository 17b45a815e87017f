"""Inflected forms of a word meet in the language of the article, and only there."""

import threading

import pytest
from hypothesis import given

from shared.text import inflections, stem_language, stem_term, stem_terms, token_texts, tokens
from shared.text.folding import fold
from tests.unit.text_samples import SENTENCES, texts, unhurried

MEET = {
    "en": [
        "conservation conservations conserving",
        "city cities",
        "restored restoring restoration restorations",
    ],
    "fr": [
        "restauration restauré restaurées restaurer",
        "château châteaux",
        "musée musées",
        "général générales",
    ],
    "es": ["patrimonio patrimonios", "conservación conservaciones", "histórico históricas"],
    "pt": ["conservação conservações", "região regiões", "nacional nacionais", "patrimônio patrimônios"],
    "it": ["dichiarazione dichiarazioni", "culturale culturali", "museo musei"],
    "ca": ["conservació conservacions", "exposició exposicions"],
    "de": ["Kulturerbe Kulturerbes", "Denkmal Denkmäler Denkmälern", "Erklärung Erklärungen"],
    "nl": ["monument monumenten", "gebouw gebouwen"],
    "sv": ["kulturarv kulturarvs", "kyrka kyrkor"],
    "nb": ["kulturarv kulturarven", "kirke kirker kirken"],
    "pl": ["muzea muzeów", "światowe światowego światowym"],
    "cs": ["památka památky", "světové světového světovém"],
    "ro": ["declarație declarația declarații", "oraș orașe orașul"],
    "hu": ["örökség örökségek örökséget"],
    "fi": ["museo museon museossa"],
    "tr": ["kazı kazılar kazıları", "anıt anıtlar anıtları"],
    "id": ["pelestarian melestarikan"],
    "ru": ["наследие наследия наследию", "музей музеи музея музеев", "памятник памятников"],
    "sr": ["баштина баштине", "baština baštine баштину"],
    "el": ["μνημείο μνημεία μνημείων", "πολιτιστική πολιτιστικής"],
    "ar": ["التراث تراث للتراث", "الثقافي الثقافية ثقافية", "حماية الحماية"],
    "hi": ["विरासत विरासतों", "संग्रहालय संग्रहालयों"],
    "hy": ["հուշարձան հուշարձաններ"],
}


@pytest.mark.parametrize(
    ("language", "forms"), [(lang, forms) for lang, row in MEET.items() for forms in row]
)
def test_inflected_forms_meet(language: str, forms: str) -> None:
    stems = {stem_term(fold(form), language) for form in forms.split()}
    assert len(stems) == 1
    assert None not in stems


def test_different_words_do_not_meet() -> None:
    assert stem_term("museum", "en") != stem_term("muse", "en")
    assert stem_term("университет", "ru") != stem_term("музей", "ru")


@pytest.mark.parametrize("language", ["en", "ru", "ar", "pt-BR", "nn", "hr"])
@unhurried
@given(text=texts)
def test_a_query_word_holds_the_stem_its_own_occurrence_has(language: str, text: str) -> None:
    for token in tokens(text + SENTENCES["en"] + SENTENCES["ru"]):
        stem = stem_term(token.text, language)
        assert stem is None or stem in inflections(token.text)


def test_stems_name_their_language() -> None:
    assert stem_terms(token_texts("Conserving 2025 of 文化 música"), "en-GB") == ["en:conserv", "en:musica"]
    assert stem_terms(["conserving"], "zh") == stem_terms(["conserving"], "und") == []


def test_only_languages_of_the_script_are_tried() -> None:
    assert {stem.partition(":")[0] for stem in inflections("музеи")} == {"ru", "sr"}
    assert "en:museum" in inflections("museums")
    assert not any(stem.startswith("ru:") for stem in inflections("museums"))
    assert inflections("文化") == inflections("2025") == inflections("of") == ()


@pytest.mark.parametrize(
    ("tag", "language"),
    [("pt-BR", "pt"), ("EN", "en"), ("nb", "no"), ("sr_Latn", "sr"), ("zh", None), ("", None)],
)
def test_language_tags_name_their_stemmer(tag: str, language: str | None) -> None:
    assert stem_language(tag) == language


def test_stemmers_may_be_used_from_many_threads() -> None:
    words = [
        f"{stem}ing{'abcdefghij'[i % 10] * (i % 7)}" for i in range(300) for stem in ("conserv", "restor")
    ]
    expected = {word: stem_term(word, "en") for word in words}
    inflections.cache_clear()
    wrong: list[str] = []

    def run() -> None:
        wrong.extend(word for word in words if stem_term(word, "en") != expected[word])
        wrong.extend(word for word in words if expected[word] not in inflections(word))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
