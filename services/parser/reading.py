"""One article as the rules see it: its sentences, each with the names, words and places found in it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.parser.lexicon import Hit
from services.parser.passages import Sentence
from services.parser.taken import Taken
from shared.contracts.article import Evidence, TextField

Span = tuple[int, int]
_LONGEST_EVIDENCE = 200
_OPENING = dict(zip(")]）］】»”」』》", "([（［【«“「『《", strict=True))


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence and what was found in it. Spans are offsets of the whole title or text."""

    sentence: Sentence
    words: str
    number: int
    concepts: Mapping[str, tuple[Span, ...]]
    bodies: tuple[Hit, ...]
    places: tuple[Hit, ...]
    institutions: tuple[Hit, ...] = ()

    def has(self, concept: str) -> bool:
        """Whether a word of this concept stands in the sentence."""
        return concept in self.concepts

    def before(self, start: int) -> str:
        """The sentence up to an offset."""
        return self.words[: max(0, start - self.sentence.start)]

    def after(self, end: int) -> str:
        """The sentence from an offset on."""
        return self.words[max(0, end - self.sentence.start) :]

    def slice(self, start: int, end: int) -> str:
        """The words between two offsets within the sentence."""
        return self.words[start - self.sentence.start : end - self.sentence.start]

    def evidence(self, start: int, end: int) -> Evidence:
        """These words as evidence, cut at 200 characters; a bracket or quotation among them is closed."""
        end = min(end, start + _LONGEST_EVIDENCE, self.sentence.end)
        words, closing = self.slice(start, end), self.slice(end, end + 1)
        opening = _OPENING.get(closing, closing)
        if words.count(opening) > words.count(closing) and end - start < _LONGEST_EVIDENCE:
            end += 1
        return Evidence(text=self.slice(start, end), field=self.sentence.field, start=start, end=end)


@dataclass(frozen=True, slots=True)
class Reading:
    """An article read: passages in reading order, the title first."""

    title: str
    text: str
    language: str
    passages: tuple[Passage, ...]
    # Those in which anything was found: on most pages the fewest.
    telling: tuple[Passage, ...]
    _starts: Mapping[TextField, tuple[list[int], list[Passage]]] = field(repr=False)

    def passage_at(self, where: TextField, offset: int) -> Passage | None:
        """The sentence an offset lies in."""
        starts, passages = self._starts[where]
        at = bisect_right(starts, offset) - 1
        return passages[at] if at >= 0 and offset < passages[at].sentence.end else None


def make_reading(
    title: str, text: str, language: str, cut: Sequence[Sentence], hits: Mapping[TextField, Sequence[Hit]]
) -> Reading:
    """Sort the hits of an article into its sentences."""
    passages = []
    at = {"title": 0, "text": 0}
    for number, sentence in enumerate(cut):
        mine = []
        found = hits[sentence.field]
        index = at[sentence.field]
        while index < len(found) and found[index].start < sentence.end:
            if found[index].start >= sentence.start:
                mine.append(found[index])
            index += 1
        at[sentence.field] = index
        words = (title if sentence.field == "title" else text)[sentence.start : sentence.end]
        passages.append(_passage(sentence, words, number, mine))
    starts = {}
    for where in ("title", "text"):
        own = [each for each in passages if each.sentence.field == where]
        starts[where] = ([each.sentence.start for each in own], own)
    telling = tuple(
        each for each in passages if each.concepts or each.bodies or each.places or each.institutions
    )
    return Reading(title, text, language, tuple(passages), telling, starts)  # type: ignore[arg-type]


def _passage(sentence: Sentence, words: str, number: int, hits: Iterable[Hit]) -> Passage:
    """Longest names win; inside a name or a shadowing phrase no other word counts."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.group, []).append(hit)
    if not groups:
        return Passage(sentence, words, number, {}, (), ())
    bodies = _longest(groups.get("body", ()))
    said, placed = groups.get("concept", []), groups.get("place", [])
    shadows = [hit[4:6] for hit in said if hit.value == "_shadow"]
    # A programme's name says what it is (a fund, a list), so its words count; a body's name does not.
    shadows += [(hit.start, hit.end) for hit in bodies if hit.kind != "programme"]
    # "New Delhi" says nothing new; a site's name says what kind of place it is.
    named = [(hit.start, hit.end) for hit in placed if hit.kind != "site"]
    concepts: dict[str, list[Span]] = {}
    for _, value, _, _, start, end in said:
        if value != "_shadow" and not (
            (shadows and _within(start, end, shadows)) or (named and _begins(start, end, named))
        ):
            concepts.setdefault(value, []).append((start, end))
    places = [hit for hit in placed if not _within(hit.start, hit.end, shadows)]
    for hit in bodies:
        if hit.kind == "committee":
            concepts.setdefault("COMMITTEE", []).append((hit.start, hit.end))
    return Passage(
        sentence,
        words,
        number,
        {concept: tuple(found) for concept, found in concepts.items()},
        tuple(hit for hit in bodies if hit.kind != "not"),
        _places(places),
        tuple(_longest(groups.get("institution", ()))),
    )


def _within(start: int, end: int, spans: Iterable[Span]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _begins(start: int, end: int, spans: Iterable[Span]) -> bool:
    """Whether a word is the beginning of a longer name."""
    return any(first == start and end < last for first, last in spans)


def _places(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The longest names. The town within the name of a site is a place too: "Historic Centre of Kraków"."""
    if all(hit.kind != "site" for hit in hits):
        return tuple(_longest(hits))
    towns = _longest(hit for hit in hits if hit.kind != "site")
    spans = {(hit.start, hit.end) for hit in towns}
    sites = [hit for hit in _longest(hit for hit in hits if hit.kind == "site") if hit[4:6] not in spans]
    return tuple(sorted((*towns, *sites), key=lambda hit: (hit.start, -hit.end)))


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    hits = list(hits)
    if len(hits) < 2:
        return hits
    taken = Taken()
    by_length = sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, hit.kind == "not"))
    kept = [hit for hit in by_length if taken.take(hit.start, hit.end)]
    return sorted(kept, key=lambda hit: hit.start)
