"""Cross-validation: how right the weights are about articles that they were not learned from."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from services.cli.quality.measures import Counts, by_class, compared, macro_f1, most, share
from services.parser.event_labels import decided
from services.parser.weights import Weights, WeightsFile
from shared.contracts.article import Phase
from training.examples import Example, folds

FOLDS = 5
_LEAST_OF_A_TYPE = 3

Answer = tuple[tuple[str, ...], Phase]


def cross_validated(
    some: Sequence[Example], types: Sequence[str], learn: Callable[[Sequence[Example]], WeightsFile]
) -> Iterator[str]:
    """Figures in and out of sample, a line each."""
    whole = Weights(learn(some))
    yield f"in sample:       {figures(some, [answer(each, whole) for each in some])}"
    numbers = folds(some, FOLDS)
    found: dict[str, Answer] = {}
    for fold in range(FOLDS):
        weights = Weights(learn([each for each, at in zip(some, numbers, strict=True) if at != fold]))
        found |= {
            each.id: answer(each, weights) for each, at in zip(some, numbers, strict=True) if at == fold
        }
    yield f"cross-validated: {figures(some, [found[each.id] for each in some])}"
    for language in ("en", "zh"):
        own = [each for each in some if each.language.startswith(language)]
        yield f"  of these, {language}:  {figures(own, [found[each.id] for each in own])}"


def answer(each: Example, weights: Weights) -> Answer:
    """The types, headline first, and the phase."""
    return decided(each.values, weights.scores(each.values), weights, is_ours=each.is_ours)


def figures(some: Sequence[Example], found: Sequence[Answer]) -> str:
    """Micro and macro F1 of the types, share of right headlines, macro F1 of phases, and false alarms."""
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    heads, pairs, alarms = [], [], 0
    for each, (got, when) in zip(some, found, strict=True):
        right, accepted = set(each.types), set(each.either)
        for name in {*got, *right}:
            counts[name] += compared({name} & set(got), {name} & right, accepted)
        alarms += bool(set(got) - accepted) and each.is_foreign
        if right:
            heads.append(got[:1] and got[0] in {each.types[0], *each.headlines})
        if each.phase:
            pairs.append((each.phase, each.phase if when in each.phases else when))
    micro = sum(counts.values(), Counts()).f1
    macro = macro_f1(most(counts, _LEAST_OF_A_TYPE).values())
    head = share(sum(map(bool, heads)), len(heads))
    told = macro_f1(by_class(pairs).values())
    return f"micro {micro:.3f} macro {macro:.3f} headline {head:.3f} phase {told:.3f} alarms {alarms}"
