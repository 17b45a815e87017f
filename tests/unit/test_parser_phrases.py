"""Fixed phrases: every language of every rule does what its example says and leaves its counter-example alone."""

import pytest

from services.parser.boilerplate import clean
from services.parser.lines import to_lines
from services.parser.phrases import Entry, entries, fold, is_credit, matching_bar, matching_phrase

BODY = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate.",
    "Work on the gate is to begin in spring and will take about two years, the director said.",
)
LANGUAGES = frozenset(
    [
        "en",
        "fr",
        "es",
        "pt",
        "de",
        "it",
        "nl",
        "pl",
        "ru",
        "uk",
        "el",
        "tr",
        "ar",
        "fa",
        "he",
        "zh",
        "zh-Hant",
        "ja",
        "ko",
        "vi",
        "id",
        "th",
        "hi",
        "hu",
        "ro",
        "cs",
        "sv",
    ]
)
# Of every page in these languages the commonest furniture is known.
COMMON = frozenset(
    ["consent", "share", "more", "related", "comments", "tools", "site-links", "rights", "tags"]
)


def named(entry: Entry) -> str:
    return f"{entry.id}-{entry.language}"


@pytest.mark.parametrize("entry", entries(), ids=named)
def test_an_example_falls(entry: Entry) -> None:
    found = matching_phrase(entry.example, entry.kind)
    assert found is not None
    assert found.reason == entry.reason


@pytest.mark.parametrize("entry", entries(), ids=named)
def test_a_counter_example_stays(entry: Entry) -> None:
    assert matching_phrase(entry.counter_example, entry.kind, edge=entry.zone != "any") is None
    text = "\n\n".join((BODY[0], entry.counter_example, BODY[1]))
    assert entry.counter_example in [line.text for line in clean(to_lines(text), "").lines]


@pytest.mark.parametrize("entry", entries(), ids=named)
def test_every_phrase_is_one_letter_at_least_and_finds_itself(entry: Entry) -> None:
    for way, phrase in entry.phrases:
        assert phrase.strip("*"), (way, phrase)
        if way == "whole":
            found = matching_phrase(phrase, entry.kind)
            assert found is not None, phrase


def test_every_language_knows_the_common_furniture() -> None:
    for rule in COMMON:
        assert {entry.language for entry in entries() if entry.id == rule} >= LANGUAGES, rule


def test_no_rule_names_a_language_twice() -> None:
    names = [named(entry) for entry in entries()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İLGİLİ HABERLER", "ilgili haberler"),
        ("ΔΙΑΦΉΜΙΣΗ", "διαφημιση"),
        ("أخبار متعلّقة", "اخبار متعلقه"),
        ("Ещё", "еще"),
        ("Suscríbete", "suscribete"),
        ("L’article", "l'article"),
        ("בְּרֵאשִׁית", "בראשית"),
    ],
)
def test_case_accents_and_letter_forms_make_no_difference(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "line",
    [
        "Imprimer | Partager | Envoyer à un ami",
        "Drucken · Teilen · Merken",
        "打印 | 关闭 | 收藏",
        "Home » About us » Contact",
    ],
)
def test_labels_side_by_side_are_a_bar(line: str) -> None:
    assert matching_bar(line) is not None


@pytest.mark.parametrize(
    "line", ["stone, sand, lime", "Oslo – Bergen – Stavanger", "1990–2000", "a" * 300, "Tower / Gate / Mill"]
)
def test_other_lists_on_a_line_are_none(line: str) -> None:
    assert matching_bar(line) is None


def test_a_single_word_falls_at_the_edges_only() -> None:
    between = "\n\n".join((BODY[0], "Suche", BODY[1]))
    assert "Suche" in [line.text for line in clean(to_lines(between), "").lines]
    after = "\n\n".join((*BODY, "Suche"))
    assert "Suche" not in [line.text for line in clean(to_lines(after), "").lines]


def test_an_entry_of_a_list_in_an_article_stays() -> None:
    text = "\n\n".join((BODY[0], "- Read more about lime\n- Photo: of the north side", BODY[1]))
    assert len(clean(to_lines(text), "").lines) == 4


@pytest.mark.parametrize(
    "words", ["Foto: Anna Lind", "फोटो: अनिता शर्मा", "ภาพ: สมชาย", "photo by Ann Lee", "צילום: ענת לוי"]
)
def test_words_in_brackets_that_name_a_photographer(words: str) -> None:
    assert is_credit(words)
    text = f"{BODY[0]} ({words})"
    assert [line.text for line in clean(to_lines(f"{text}\n\n{BODY[1]}"), "").lines] == list(BODY)


def test_other_words_in_brackets_stay() -> None:
    assert not is_credit("the photo was lost")
    text = f"{BODY[0]} (the photo was lost)"
    assert clean(to_lines(f"{text}\n\n{BODY[1]}"), "").lines[0].text == text
