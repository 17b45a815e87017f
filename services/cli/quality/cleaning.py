"""What of a text's labelled furniture is left in it, and what of its article is lost."""

from collections.abc import Iterable


def squeezed(text: str) -> str:
    """Every run of white space one space."""
    return " ".join(text.split())


def primary(language: str) -> str:
    """The primary subtag of a language."""
    return language.split("-")[0]


def left_in(text: str, furniture: Iterable[str]) -> list[str]:
    """The snippets that still stand in a text. One with white space at its ends is told from a word by that alone."""
    plain = squeezed(text)
    return [each for each in furniture if (each in text if each != each.strip() else squeezed(each) in plain)]


def lost_from(title: str, text: str, keep: Iterable[str]) -> list[str]:
    """The snippets that stand neither in the title nor in the text."""
    plain = squeezed(f"{title}\n{text}")
    return [each for each in keep if squeezed(each) not in plain]
