"""The words that stand as evidence."""

import pytest

from services.parser.passages import Sentence
from services.parser.reading import Passage


def cut(words: str, upto: str) -> str:
    """The evidence from the beginning of a sentence, in a text that begins elsewhere, to the end of some words."""
    sentence = Sentence(field="text", start=7, end=7 + len(words), kind="body")
    passage = Passage(sentence, words, 1, {}, (), ())
    found = passage.evidence(7, 7 + words.index(upto) + len(upto))
    assert found.text == words[found.start - 7 : found.end - 7]
    return found.text


@pytest.mark.parametrize(
    ("words", "upto", "evidence"),
    [
        ("The Council (ICOMOS) met", "ICOMOS", "The Council (ICOMOS)"),
        ("亚洲文化遗产联盟（联盟）在重庆", "（联盟", "亚洲文化遗产联盟（联盟）"),
        ("It passed “the appeal” unchanged", "appeal", "It passed “the appeal”"),
        ("In Bamiyan) it met", "Bamiyan", "In Bamiyan"),
        ("The Council (Paris) (it met)", "Paris)", "The Council (Paris)"),
        ("It met in Paris", "Paris", "It met in Paris"),
        ("x" * 190 + " (" + "y" * 8 + ") it met", "yyyyyyyy", "x" * 190 + " (" + "y" * 8),
    ],
)
def test_a_bracket_among_the_words_is_closed(words: str, upto: str, evidence: str) -> None:
    assert cut(words, upto) == evidence
