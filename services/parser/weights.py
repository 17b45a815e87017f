"""The learned weights: read once from weights.json, then sums over the features of an article.

Columns are questions: `type:award` (does the article report one?), `first:award` (is it the headline?), `phase:preview`.
Only `python -m training.event_types` writes the file; docs/decisions/0019-learned-weights.md says how and why.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

FILE = Path(__file__).parent / "weights.json"
_SCALE = 1000


class WeightsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """weights.json. A row of `features` is `column:weight` pairs in thousandths, as is each bias."""

    columns: tuple[str, ...]
    bias: tuple[int, ...]
    thresholds: dict[str, float]
    features: dict[str, str]


class Weights:
    """The weights, ready to use. Immutable once built."""

    def __init__(self, data: WeightsFile) -> None:
        self.columns = data.columns
        self.thresholds: Mapping[str, float] = data.thresholds
        self._bias = np.array(data.bias, float) / _SCALE
        self._row = {name: number for number, name in enumerate(data.features)}
        self._column = {name: number for number, name in enumerate(data.columns)}
        self._weights = np.zeros((len(self._row), len(self._column)))
        for number, row in enumerate(data.features.values()):
            for column, weight in _row(row):
                self._weights[number, column] = weight

    def scores(self, values: Mapping[str, float]) -> dict[str, float]:
        """The sum of each column, before it is made a probability."""
        known = [(row, value) for name, value in values.items() if (row := self._row.get(name)) is not None]
        rows = np.array([row for row, _ in known], int)
        weighed = self._weights[rows] * np.array([[value] for _, value in known]).reshape(-1, 1)
        return dict(zip(self.columns, (self._bias + weighed.sum(axis=0)).tolist(), strict=True))

    def weight(self, feature: str, column: str) -> float:
        """What one feature adds to a column, for each unit of its value."""
        row = self._row.get(feature)
        return 0.0 if row is None else float(self._weights[row, self._column[column]])


def load_weights(path: Path = FILE) -> Weights:
    """The weights that ship with the program. Raises ValueError naming the file and what is wrong with it."""
    try:
        return Weights(msgspec.json.decode(path.read_bytes(), type=WeightsFile))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}; make it with `python -m training.event_types`") from error


def _row(packed: str) -> tuple[tuple[int, float], ...]:
    pairs = (pair.split(":") for pair in packed.split())
    return tuple((int(column), int(weight) / _SCALE) for column, weight in pairs)


def probability(score: float) -> float:
    """Of a yes, by its score (the logistic function)."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def shares(scores: Mapping[str, float]) -> dict[str, float]:
    """Of one among several, by their scores (softmax)."""
    highest = max(scores.values())
    raised = {name: math.exp(score - highest) for name, score in scores.items()}
    total = sum(raised.values())
    return {name: each / total for name, each in raised.items()}
