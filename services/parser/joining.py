"""Several pages of one article, each cleaned for itself, as one text.

Of a later part goes what stands on every part (headline, byline, pictures, notices), and whatever turns the pages; nothing
of the first part goes but that. A view of the whole article takes the place of the first page if it holds as much.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.parser.boilerplate import Cleaned
from services.parser.lines import Line, is_body, is_table_row, key_of, weight
from services.parser.rule_file import read_rules
from shared.contracts.article import Removed

LONGEST_PAGER = 100
# Lines of the first page that are looked for within those of a view, which may break its text in other places.
MOST_SOUGHT = 200
AGAIN = "stands on an earlier part of the article too"
PAGER = "leads to another part of the article"
LESS = "a view of the whole article, which holds less than the first page: not used"
FIRST_ALONE = "on the first page alone, not in the view of the whole article"


@dataclass(frozen=True, slots=True)
class CleanPage:
    """A further page of the article, cleaned for itself."""

    url: str
    role: Literal["part", "whole"]
    cleaned: Cleaned


@functools.cache
def _pager() -> re.Pattern[str]:
    phrases = {phrase for told in read_rules("pager_words.yaml")["words"].values() for phrase in told}
    words = "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in sorted(phrases, key=len, reverse=True))
    # Possessive: what a line begins with is never tried in another way, so that no line takes long.
    return re.compile(
        rf"(?:(?:{words})(?![^\W\d_])|(?:{_ideographs(phrases)})|\d{{1,3}}(?!\d)|[\W_])++", re.IGNORECASE
    )


def _ideographs(phrases: Iterable[str]) -> str:
    """Words of scripts without spaces: what follows one may be a letter."""
    dense = sorted(
        (p for p in phrases if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", p)), key=len, reverse=True
    )
    return "|".join(re.escape(p) for p in dense)


def is_pager(text: str) -> bool:
    """Whether a line does nothing but turn pages. A single figure, and a word alone, may be the article's."""
    if len(text) > LONGEST_PAGER or not _pager().fullmatch(text):
        return False
    figures = re.findall(r"\d+", text)
    told = re.sub(r"[\W\d_]+", " ", text).strip()
    return len(figures) >= 2 or (
        len(told) >= 2 and told.lower() not in ("of", "de", "part", "first", "last", "page")
    )


def join(first: Cleaned, further: Sequence[CleanPage], title: str = "") -> Cleaned:
    """The article that these pages make. No line of the first page is lost but those that turn pages."""
    whole = next((page for page in further if page.role == "whole"), None)
    removed: dict[Removed, None] = dict.fromkeys(first.removed)
    if whole is not None:
        return _whole(first, whole, removed)
    lines = list(_without_pagers(first.lines, removed))
    known = {
        key_of(title),
        *(key_of(line.text) for line in lines),
        *(key_of(r.text) for r in first.removed),
    } - {""}
    for page in further:
        removed.update(dict.fromkeys(r for r in page.cleaned.removed if key_of(r.text) not in known))
        lines += _new_lines(page.cleaned.lines, known, removed)
    return Cleaned(tuple(lines), tuple(removed))


def _whole(first: Cleaned, view: CleanPage, removed: dict[Removed, None]) -> Cleaned:
    if _size(view.cleaned.lines) < _size(first.lines):
        removed[Removed(text=view.url, reason=LESS)] = None
        return Cleaned(tuple(_without_pagers(first.lines, removed)), tuple(removed))
    kept = {key_of(line.text) for line in view.cleaned.lines}
    known = {key_of(r.text) for r in removed}
    lost = [line for line in _without_pagers(first.lines, removed) if key_of(line.text) not in kept]
    if len(lost) <= MOST_SOUGHT:
        whole = "".join(key_of(line.text) for line in view.cleaned.lines)
        lost = [line for line in lost if key_of(line.text) not in whole]
    removed.update((Removed(text=line.text, reason=FIRST_ALONE), None) for line in lost)
    removed.update((r, None) for r in view.cleaned.removed if key_of(r.text) not in known | kept)
    return Cleaned(view.cleaned.lines, tuple(removed))


def _size(lines: Sequence[Line]) -> int:
    return sum(weight(line.text) for line in lines)


def _without_pagers(lines: Sequence[Line], removed: dict[Removed, None]) -> Iterable[Line]:
    for line in lines:
        if is_pager(line.text):
            removed[Removed(text=line.text, reason=PAGER)] = None
        else:
            yield line


def _new_lines(lines: Sequence[Line], known: set[str], removed: dict[Removed, None]) -> list[Line]:
    """What a later part adds to what is `known`, which grows by it. Short lines may come again between its paragraphs:
    questions of an interview, say."""
    turned = list(_without_pagers(lines, removed))
    own = [i for i, line in enumerate(turned) if is_body(line.text) and key_of(line.text) not in known]
    inner = range(own[0], own[-1]) if own else range(0)
    before = frozenset(known)
    added: list[Line] = []
    for i, line in enumerate(turned):
        key = key_of(line.text)
        paragraph = is_body(line.text) and not is_table_row(line.text)
        if (paragraph and key in known) or (key in before and i not in inner):
            removed[Removed(text=line.text, reason=AGAIN)] = None
            continue
        known.add(key)
        added.append(Line(line.text, max(1, line.gap)) if not added else line)
    known.discard("")
    return added
