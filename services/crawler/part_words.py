"""What the text of a link says: the next page, the first, the whole article, a number. Words are data (`part_words.yaml`)."""

import functools
import re
import unicodedata
from importlib import resources
from typing import Literal

import yaml

LONGEST_TEXT = 60
Kind = Literal["next", "previous", "first", "number", "whole", "other"]


@functools.cache
def words() -> dict[Kind, frozenset[str]]:
    """The words of links, by what they mean, as `letters` gives them."""
    data = yaml.safe_load(resources.files("services.crawler").joinpath("part_words.yaml").read_text("utf-8"))
    kinds: tuple[Kind, ...] = ("next", "previous", "first", "number", "whole", "other")
    return {kind: frozenset(letters(w) for told in data[kind].values() for w in told) for kind in kinds}


def letters(text: str) -> str:
    """The letters of a link's text in one form, without figures, arrows and signs; words parted by one space."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LM" else " " for c in unicodedata.normalize("NFKC", text)
    )
    return " ".join(kept.casefold().split())


def says(kind: Kind, text: str) -> bool:
    """Whether a link's text means this, and nothing more."""
    return len(text) <= LONGEST_TEXT and letters(text) in words()[kind]


def number_in(text: str) -> int | None:
    """The number of a page that a link's text is: "2", "[2]", "Page 2", "第2页"; None for any other."""
    figures = re.findall(r"\d+", text)
    told = letters(text)
    if (
        len(figures) != 1
        or len(figures[0]) > 2
        or len(text) > LONGEST_TEXT
        or (told and told not in words()["number"])
    ):
        return None
    return int(figures[0])


def names_another(text: str) -> bool:
    """Whether a link names another article."""
    told = letters(text)
    return any(word in told for word in words()["other"])
