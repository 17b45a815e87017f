"""The learned weights: how they are made, read and used."""

from pathlib import Path

import numpy as np
import pytest

from services.parser.event_labels import choose
from services.parser.weights import Weights, WeightsFile, load_weights, probability, shares
from training.descent import fit
from training.event_types import as_bytes, learned
from training.examples import Example, folds

TYPES = ("award", "exhibition")
THRESHOLDS = {"award": 0.3, "exhibition": 0.3}


def example(number: int, *types: str, groups: tuple[str, ...] = (), **values: float) -> Example:
    return Example(
        id=f"a{number}",
        language="en",
        types=types,
        phase="report" if types else None,
        either=(),
        headlines=(),
        phases=(),
        groups=groups,
        is_ours=True,
        counts=20.0,
        values={"common": 1.0, **values},
    )


SOME = [
    *(example(n, "award", prize=1.0) for n in range(8)),
    *(example(n + 8, "exhibition", show=1.0) for n in range(8)),
    *(example(n + 16) for n in range(4)),
]


def test_a_minimum_is_flat_and_the_right_one() -> None:
    x = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    y = np.array([[1.0], [1.0], [0.0], [0.0]])
    weight = fit(x, y, np.ones_like(y), 1.0, "each")
    slope = 4 * (probability(float(weight[0, 0])) - 1) + float(weight[0, 0])
    assert abs(slope) < 1e-4
    assert abs(weight[1, 0]) < 1e-6


def test_what_is_learned_is_used() -> None:
    weights = Weights(learned(SOME, TYPES, THRESHOLDS))
    prize = weights.scores({"common": 1.0, "prize": 1.0})
    assert choose(prize, weights.thresholds, 0.3) == ("award",)
    assert weights.weight("prize", "type:award") > 0 > weights.weight("prize", "type:exhibition")


def test_the_same_examples_give_the_same_bytes() -> None:
    assert as_bytes(learned(SOME, TYPES, THRESHOLDS)) == as_bytes(learned(SOME, TYPES, THRESHOLDS))


def test_articles_of_one_event_are_in_one_fold() -> None:
    some = [example(n, "award", groups=(f"event {n // 3}",)) for n in range(30)]
    numbers = folds(some, 5)
    assert len(set(numbers.tolist())) == 5
    assert all(len({int(numbers[n + k]) for k in range(3)}) == 1 for n in range(0, 30, 3))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "weights.json"
    broken.write_text("{}")
    with pytest.raises(ValueError, match=r"weights\.json"):
        load_weights(broken)


def test_shares_add_up_and_far_scores_do_no_harm() -> None:
    assert sum(shares({"a": 1000.0, "b": -1000.0, "c": 999.0}).values()) == pytest.approx(1)
    assert probability(-1e6) < 1e-9
    assert Weights(WeightsFile(("x",), (500,), {}, {})).scores({"unknown": 1.0}) == {"x": 0.5}


def test_the_weights_that_ship_know_every_type() -> None:
    weights = load_weights()
    assert {f"type:{name}" for name in weights.thresholds} <= set(weights.columns)
