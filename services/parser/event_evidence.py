"""The words that prove a label, and what is said to the reader about why it was given.

A sentence counts by the weights of what stands in it; the best one or two are the evidence, cut down to the words
that count there.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from services.parser.event_features import Clues, Features
from services.parser.event_types import Found
from services.parser.reading import Passage, Span
from services.parser.weights import Weights
from shared.contracts.article import Evidence

_LONGEST_EVIDENCE = 200
_MOST_PASSAGES, _MOST_WORDS = 3, 3
_SECOND_ENOUGH, _WORD_ENOUGH = 0.3, 0.4
_LONGEST_WORDS = 40


class _Part(NamedTuple):
    passage: Passage
    span: Span
    weight: float


def evidence(column: str, clues: Clues, made: Features, weights: Weights) -> tuple[str, tuple[Evidence, ...]]:
    """Why a type was given, in words, and the words of the article that prove it; none where nothing stands there."""
    type_id = column.partition(":")[2]
    parts = _parts(column, made, weights)
    rules = [each for each in clues.found if each.type.id == type_id]
    by_passage: defaultdict[int, list[_Part]] = defaultdict(list)
    for part in parts:
        by_passage[part.passage.number].append(part)
    sums = {number: sum(part.weight for part in some) for number, some in by_passage.items()}
    order = sorted(sums, key=lambda number: (-sums[number], number))
    best = [n for n in order if sums[n] >= _SECOND_ENOUGH * sums[order[0]]][:_MOST_PASSAGES]
    held = max(rules, key=lambda each: (each.score, -each.passage.number), default=None)
    if held and held.passage.number in sums and held.passage.number not in best:
        best = [*best[:1], held.passage.number]
    spans = [_span(by_passage[number], rules) for number in best]
    found = {(each.field, each.start, each.end): each for each in spans}
    return _why(parts, rules, set(best)), tuple(found.values())


def _parts(column: str, made: Features, weights: Weights) -> list[_Part]:
    parts = []
    for name, places in made.places.items():
        weight = weights.weight(name, column) * made.values[name]
        if weight > 0:
            parts += [_Part(passage, span, weight) for passage, span in places]
    return parts


def _span(parts: Sequence[_Part], rules: Sequence[Found]) -> Evidence:
    """The words of a rule that held in the sentence, else the weightiest words and those beside them."""
    passage = parts[0].passage
    held = [each for each in rules if each.passage.number == passage.number]
    if held:
        best = max(held, key=lambda each: (each.score, -each.start))
        if best.end - best.start <= _LONGEST_EVIDENCE:
            return passage.evidence(best.start, best.end)
    weighed: defaultdict[Span, float] = defaultdict(float)
    for part in parts:
        weighed[part.span] += part.weight
    order = sorted(weighed, key=lambda span: (-weighed[span], span))
    start, end = order[0]
    for span in order[1:]:
        first, last = min(start, span[0]), max(end, span[1])
        if weighed[span] >= _WORD_ENOUGH * weighed[order[0]] and last - first <= _LONGEST_EVIDENCE:
            start, end = first, last
    return passage.evidence(start, end)


def _why(parts: Sequence[_Part], rules: Sequence[Found], best: set[int]) -> str:
    """`learned: opened, museum; rule: reopening`: the weightiest words, and the rule that agrees."""
    words: defaultdict[str, float] = defaultdict(float)
    for part in parts:
        if part.passage.number in best and part.span[1] - part.span[0] <= _LONGEST_WORDS:
            words[" ".join(part.passage.slice(*part.span).split()).lower()] += part.weight
    said = sorted(words, key=lambda word: (-words[word], word))[:_MOST_WORDS]
    why = f"learned: {', '.join(said)}" if said else "learned"
    if rules:
        why += f"; rule: {max(rules, key=lambda each: (each.score, -each.start)).rule.name}"
    return why
