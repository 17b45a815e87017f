"""Cross-validation: how right the weights are about articles that they were not learned from."""

from collections import defaultdict
from collections.abc import Callable, Sequence

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
) -> dict[str, dict[str, float]]:
    """Figures on the articles learned from, on articles not seen, and of these in two languages."""
    whole = Weights(learn(some))
    numbers = folds(some, FOLDS)
    found: dict[str, Answer] = {}
    for fold in range(FOLDS):
        weights = Weights(learn([each for each, at in zip(some, numbers, strict=True) if at != fold]))
        found |= {
            each.id: answer(each, weights) for each, at in zip(some, numbers, strict=True) if at == fold
        }
    made = {"learned from": figures(some, [answer(each, whole) for each in some])}
    for name, start in (("not seen", ""), ("not seen, en", "en"), ("not seen, zh", "zh")):
        own = [each for each in some if each.language.startswith(start)]
        made[name] = figures(own, [found[each.id] for each in own])
    return made


def answer(each: Example, weights: Weights) -> Answer:
    """The types, headline first, and the phase."""
    return decided(each.values, weights.scores(each.values), weights, is_ours=each.is_ours)


def figures(some: Sequence[Example], found: Sequence[Answer]) -> dict[str, float]:
    """Micro and macro F1 of the types, share of right headlines, and macro F1 of phases."""
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    heads, pairs = [], []
    for each, (got, when) in zip(some, found, strict=True):
        right, accepted = set(each.types), set(each.either)
        for name in {*got, *right}:
            counts[name] += compared({name} & set(got), {name} & right, accepted)
        if right:
            heads.append(got[:1] and got[0] in {each.types[0], *each.headlines})
        if each.phase:
            pairs.append((each.phase, each.phase if when in each.phases else when))
    made = {
        "micro F1": sum(counts.values(), Counts()).f1,
        "macro F1": macro_f1(most(counts, _LEAST_OF_A_TYPE).values()),
        "headline": share(sum(map(bool, heads)), len(heads)),
        "phase macro F1": macro_f1(by_class(pairs).values()),
    }
    return {name: round(value, 3) for name, value in made.items()}
