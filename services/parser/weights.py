"""The learned weights: read once from weights.json, then sums over the features of an article.

Columns are questions: `type:award` (does the article report one?), `first:award` (is it the headline?), `phase:preview`.
Only `python -m training.event_types` writes the file; docs/decisions/0019-learned-weights.md says how and why.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

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
        self._bias = [each / _SCALE for each in data.bias]
        self._rows = {name: _row(row) for name, row in data.features.items()}
        self._by_column: dict[str, dict[str, float]] = {name: {} for name in data.columns}
        for name, row in self._rows.items():
            for column, weight in row:
                self._by_column[data.columns[column]][name] = weight

    def scores(self, values: Mapping[str, float]) -> dict[str, float]:
        """The sum of each column, before it is made a probability."""
        sums = list(self._bias)
        rows = self._rows
        for name, value in values.items():
            if value and name in rows:
                for column, weight in rows[name]:
                    sums[column] += weight * value
        return dict(zip(self.columns, sums, strict=True))

    def weight(self, feature: str, column: str) -> float:
        """What one feature adds to a column, for each unit of its value."""
        return self._by_column[column].get(feature, 0.0)


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
