"""What the signs of one event weigh, learned from labelled articles: a logistic regression over pairs of articles.

    python -m tests.quality.learn_events          learn, and say how well it does on articles it has not seen
    python -m tests.quality.learn_events --write  and write services/events/weights.yaml

Learned from the worked articles, once with the labels the program finds and once with the right
ones, so that the weights hold now and when classification gets better. Neither the gold set nor the development articles are read. A sign for one event
never weighs against it, nor the other way about: such a weight would be an accident of few articles.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import yaml

from services.cli.quality.found import Found, rightly_labelled
from services.cli.quality.learned import Learned, keep_learned
from services.cli.quality.measures import b_cubed
from services.events.components import components
from services.events.profile import Profile, profile
from services.events.relation import BIAS, MARGIN, may_meet, score
from services.events.signs import Signs, signs
from tests.quality.labelled_sets import found_in

WEIGHTS = Path(__file__).parents[2] / "services" / "events" / "weights.yaml"
STEPS = 25
# How much a weight must earn: the variance expected of weights is its reciprocal.
PENALTY = 1.0
AGAINST = frozenset(
    (
        "subject other", "kind other", "place other", "country other", "days to 90", "days more", "published to 90",
        "published to 200", "published to 400", "published more", "nothing else",
    )
)  # fmt: skip
# May weigh either way: they say that little is known, or something in between.
OPEN = frozenset(
    (BIAS, "kind unknown", "kind of a meeting", "kind alike", "days to 10", "days to 30", "published to 30", "place seat",
     "window only")
)  # fmt: skip
# What is known beforehand and hardly seen in so few articles: the number of an edition is the strongest sign, and
# a body does more in a day than the labelled articles tell.
EXPECTED = {"edition": 3.0, "nothing else": -4.0, "place": 0.7, "text": 1.0, "title": 3.0, "days to 3": 1.5}
SURE = 10.0
MEASURES = ("precision", "recall", "F1")
HEAD = """# What each sign of one event weighs, for or against, in natural logarithms of odds; see MARGIN in relation.py.
# Learned: python -m tests.quality.learn_events --write
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, what speaks for and against, and what is right."""

    ids: tuple[str, str]
    found: Signs
    is_one: bool


Told = Mapping[str, tuple[Profile, str | None]]
"""By article id, what is found and the event that is right."""


def told(found: Iterable[Found], *, right: bool) -> Told:
    """The articles as the program reads them, or with the right labels."""
    made = {}
    for one in found:
        if one.parsed and (p := profile(rightly_labelled(one) if right else one.parsed.facts)):
            made[p.id] = (p, one.labelled.event_instance)
    return made


def pairs(articles: Told) -> Iterator[Pair]:
    """The pairs that are compared at all.

    Those of different writers too: a few tell of one event under two labels, but without the others a body would seem
    to do far less than it does, and its events to be told apart by little.
    """
    for one, other in combinations(sorted(articles), 2):
        (a, here), (b, there) = articles[one], articles[other]
        if may_meet(a, b):
            yield Pair((one, other), signs(a, b), here is not None and here == there)


def writer(id: str) -> str:
    """Who wrote an article, by the beginning of its id."""
    return id.partition("-")[0]


def learned(seen: Sequence[Pair]) -> dict[str, float]:
    """The weights. A sign whose weight comes out the wrong way is left out, and the rest learned anew."""
    names = {name for pair in seen for name in pair.found} | {BIAS}
    while True:
        weights = _fitted(seen, sorted(names))
        wrong = {n for n, w in weights.items() if n not in OPEN and (w > 0) == (n in AGAINST)}
        if not wrong:
            return weights
        names -= wrong


def _fitted(seen: Sequence[Pair], names: Sequence[str]) -> dict[str, float]:
    """Newton's method for logistic regression with a quadratic penalty, not on the bias."""
    place = {name: number for number, name in enumerate(names)}
    x = np.zeros((len(seen), len(names)))
    for row, pair in enumerate(seen):
        for name, value in (*pair.found.items(), (BIAS, 1.0)):
            if name in place:
                x[row, place[name]] = value
    y = np.array([float(pair.is_one) for pair in seen])
    penalty = np.array([0.0 if n == BIAS else SURE if n in EXPECTED else PENALTY for n in names])
    expected = np.array([EXPECTED.get(name, 0.0) for name in names])
    weights = expected
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
        slope = penalty * (weights - expected) + x.T @ (likely - y)
        curve = np.diag(penalty) + x.T @ (x * (likely * (1 - likely))[:, None])
        weights = weights - np.linalg.solve(curve, slope)
    return dict(zip(names, weights.tolist(), strict=True))


def figures(articles: Told, weights: Mapping[str, float]) -> dict[str, float]:
    """B-cubed precision, recall and F1 of these articles with these weights."""
    profiles = {id: p for id, (p, _) in articles.items()}
    truth = {id: event for id, (_, event) in articles.items() if event}

    def related(a: Profile, b: Profile) -> bool:
        return may_meet(a, b) and score(signs(a, b), weights) > MARGIN

    parts = components(profiles, related)
    events = [part for part in parts if any(profiles[id].is_event for id in part)]
    return dict(zip(MEASURES, b_cubed(events, truth), strict=True))


def unseen(articles: Told, every: Sequence[Pair]) -> dict[str, float]:
    """The figures of each writer's articles with weights learned from the others', by number of articles."""
    sums = dict.fromkeys(MEASURES, 0.0)
    for left_out in sorted({writer(id) for id in articles}):
        weights = learned([pair for pair in every if left_out not in map(writer, pair.ids)])
        mine = {id: each for id, each in articles.items() if writer(id) == left_out}
        for measure, value in figures(mine, weights).items():
            sums[measure] += value * len(mine) / len(articles)
    return sums


def main() -> None:
    """Learn and tell."""
    found, right = (told(found_in("worked"), right=right) for right in (False, True))
    every = [*pairs(found), *pairs(right)]
    weights = learned(every)
    made = {"learned from": figures(found, weights), "not seen": unseen(found, every)}
    for name, measured in made.items():
        print(f"{name}: {', '.join(f'{measure} {value:.3f}' for measure, value in measured.items())}")
    if "--write" in sys.argv[1:]:
        rounded = {name: round(weight, 2) for name, weight in sorted(weights.items())}
        WEIGHTS.write_text(HEAD + yaml.safe_dump(rounded), encoding="utf-8")
        kept = [{name: round(value, 3) for name, value in each.items()} for each in made.values()]
        keep_learned("events", Learned(len(found), *kept))


if __name__ == "__main__":
    main()
