"""From counted pages to what is furniture on them: a plain function of the pages, whatever their order.

What tells furniture from an article's line is not only that it recurs. A box whose sentences are always the same
is a frame: what recurs in it goes. A box that holds new sentences on every page holds articles: a sentence that
recurs there may be a standing paragraph of them, and goes only when it is on nearly every page and always at the
edge, never between the article's own paragraphs, or always at the very same place. What stands farther out than
such furniture is furniture sooner. In doubt a line stays.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.parser.templates.counts import Page
from services.parser.templates.sketch import LINK, LOOSE, SENTENCE
from services.parser.templates.template import LearnedLine, Where

# Pages that must differ before anything is learned of a group.
FEWEST_PAGES = 3
# Letters of sentences that a page must have of its own, and their share of its sentences, to count as another page:
# first of all of them, then, once it is known what recurs, of the others.
OWN_LETTERS, OWN_SHARE, OWN_SHARE_LATER = 60, 0.15, 0.2
# At most so many lines of a group are learned, the most frequent ones.
MOST_LEARNED = 400
# A line recurs for good when it is on so many pages, and on this share of those from its first page to its last.
FRAME_LABEL = (3, 0.2)
FRAME_SENTENCE = (4, 0.3)
INNER_LABEL = (4, 0.4)
INNER_SENTENCE = (6, 0.8)
EDGE_LABEL = (5, 0.3)
BODY_LABEL = (6, 0.8)
EDGE_SENTENCE = (8, 0.9)
BODY_SENTENCE = (8, 0.95)
# Share of its pages on which a sentence must stand in one place to be said to have a place.
PLACED = 0.9


@dataclass(slots=True)
class _Seen:
    """One line over the pages: which of them, at which paths, and on how many it stood among the article's own.

    `places` counts its places in the article's box, from the top (1, 2, …) and from the bottom (-1, -2, …).
    """

    pages: list[int] = field(default_factory=list)
    paths: set[int] = field(default_factory=set)
    places: Counter[int] = field(default_factory=Counter)
    inside: int = 0
    flags: int = 0

    @property
    def of(self) -> int:
        """The pages from the first with the line to the last: where it stands no more, it stood all the same."""
        return self.pages[-1] - self.pages[0] + 1


def learn(pages: Sequence[Page]) -> tuple[LearnedLine, ...]:
    """The furniture of pages that are built alike, most frequent first. `pages` are in their order of age."""
    known = distinct(pages)
    if len(known) < FEWEST_PAGES:
        return ()
    seen = _count(known)
    article = _article_paths(known, seen)
    _find_places(known, seen, article)
    judged = ((text, _where(each, article)) for text, each in seen.items())
    where = {text: place for text, place in judged if place}
    for text in _beyond(known, seen, article, where.keys()):
        where.setdefault(text, "edge")
    found = [_line(text, seen[text], place) for text, place in where.items()]
    return tuple(sorted(found, key=lambda line: (-line.pages, line.text))[:MOST_LEARNED])


def distinct(pages: Sequence[Page]) -> list[Page]:
    """The pages that hold an article of their own: copies of one under other addresses count as one."""
    kept: list[Page] = []
    texts: list[Mapping[int, int]] = []
    on: Counter[int] = Counter()
    for page in pages:
        weights = _sentences(page)
        if all(_differs(weights, other, on, len(kept)) for other in texts):
            kept.append(page)
            texts.append(weights)
            on.update(weights.keys())
    return kept


def _sentences(page: Page) -> dict[int, int]:
    """The page's sentences, with their weights in letters."""
    return {
        text: weight
        for text, _, flags, weight in page.sketch.lines()
        if flags & SENTENCE and not flags & LINK
    }


def _differs(new: Mapping[int, int], other: Mapping[int, int], on: Counter[int], kept: int) -> bool:
    own = sum(weight for text, weight in new.items() if text not in other)
    later = kept >= FEWEST_PAGES
    of = sum(weight for text, weight in new.items() if not later or on[text] < FEWEST_PAGES)
    return own >= OWN_LETTERS and own >= (OWN_SHARE_LATER if later else OWN_SHARE) * of


def _count(pages: Sequence[Page]) -> dict[int, _Seen]:
    seen: dict[int, _Seen] = {}
    for number, page in enumerate(pages):
        for text, path, flags, _ in page.sketch.lines():
            each = seen.setdefault(text, _Seen())
            if not each.pages or each.pages[-1] != number:
                each.pages.append(number)
            each.paths.add(path)
            each.flags |= flags
    return seen


def _article_paths(pages: Sequence[Page], seen: Mapping[int, _Seen]) -> frozenset[int]:
    """Where sentences stand that are on one page alone, on more than a stray page."""
    on: dict[int, set[int]] = {}
    for number, page in enumerate(pages):
        for text, path, flags, _ in page.sketch.lines():
            if _own(flags, seen[text]):
                on.setdefault(path, set()).add(number)
    return frozenset(path for path, numbers in on.items() if len(numbers) >= 2)


def _own(flags: int, seen: _Seen) -> bool:
    """Whether a line is a sentence of one page alone."""
    return bool(flags & SENTENCE) and not flags & LINK and len(seen.pages) == 1


def _find_places(pages: Sequence[Page], seen: Mapping[int, _Seen], article: frozenset[int]) -> None:
    """Count for every line the pages on which it stands between two of the article's own sentences, and where."""
    for page in pages:
        lines = list(page.sketch.lines())
        first, last = _own_part(lines, seen, article)
        for text in {line[0] for line in lines[first:last]}:
            seen[text].inside += 1
        body = [text for text, path, _, _ in lines if path in article]
        for i, text in enumerate(body):
            if len(seen[text].pages) > 1:
                seen[text].places.update((i + 1, i - len(body)))


def _own_part(
    lines: Sequence[tuple[int, int, int, int]], seen: Mapping[int, _Seen], article: frozenset[int]
) -> tuple[int, int]:
    """The first and the last of the article's own sentences on a page; the same number where there is none."""
    own = [i for i, (text, path, flags, _) in enumerate(lines) if path in article and _own(flags, seen[text])]
    return (own[0], own[-1]) if own else (0, 0)


def _beyond(
    pages: Sequence[Page], seen: Mapping[int, _Seen], article: frozenset[int], known: Collection[int]
) -> list[int]:
    """Lines that always stand outside of furniture that never stands in the article: they need to recur less."""
    outside: Counter[int] = Counter()
    for page in pages:
        lines = list(page.sketch.lines())
        first, last = _own_part(lines, seen, article)
        frame = [i for i, line in enumerate(lines) if line[0] in known and not seen[line[0]].inside]
        top = max((i for i in frame if i < first), default=0)
        bottom = min((i for i in frame if i > last), default=len(lines))
        outside.update({line[0] for line in (*lines[:top], *lines[bottom:])})
    enough = (FRAME_LABEL, FRAME_SENTENCE)
    return [
        text
        for text, count in outside.items()
        if count == len(seen[text].pages)
        and not seen[text].inside
        and _recurs(seen[text], enough[bool(seen[text].flags & SENTENCE)])
    ]


def _line(text: int, seen: _Seen, where: Where) -> LearnedLine:
    return LearnedLine(text, tuple(sorted(seen.paths))[:8], len(seen.pages), seen.of, where)


def _where(seen: _Seen, article: frozenset[int]) -> Where | None:
    """Where a line is furniture, if anywhere."""
    sentence, loose = bool(seen.flags & SENTENCE), bool(seen.flags & LOOSE)
    inside = 2 * seen.inside > len(seen.pages)
    if not seen.paths & article:
        if inside:
            enough = INNER_SENTENCE if sentence else INNER_LABEL
        else:
            enough = FRAME_SENTENCE if sentence else FRAME_LABEL
        return ("edge" if loose else "anywhere") if _recurs(seen, enough) else None
    placed = max(seen.places.values(), default=0) >= PLACED * len(seen.pages)
    if sentence:
        if not seen.inside:
            return "edge" if _recurs(seen, EDGE_SENTENCE) else None
        return "anywhere" if placed and _recurs(seen, BODY_SENTENCE) else None
    if _recurs(seen, BODY_LABEL) and (placed or not loose):
        return "anywhere"
    return "edge" if _recurs(seen, EDGE_LABEL) and not seen.inside else None


def _recurs(seen: _Seen, enough: tuple[int, float]) -> bool:
    count, share = enough
    return len(seen.pages) >= count and len(seen.pages) >= share * seen.of
