"""Logistic regression: one-versus-rest and multinomial, with an L2 penalty, by L-BFGS in numpy.

The sums are convex, so there is one answer; it is found to far more digits than are kept. No randomness.
Liu, Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["each", "one"]
_MEMORY = 10
_LEAST_STEP = 1e-10
_SLOPE = 1e-4


def fit(x: Array, y: Array, weight: Array, penalty: float, kind: Kind, tolerance: float = 1e-6) -> Array:
    """Weights of each column of `y`, a last row for the bias. `weight` counts each answer, 0 leaves it out.

    `each`: every column is a yes or no of its own. `one`: of the columns one is right.
    """
    features, columns = x.shape[1], y.shape[1]

    def loss(flat: Array) -> tuple[float, Array]:
        w = flat.reshape(features + 1, columns)
        z = x @ w[:-1] + w[-1]
        value, slope = _each(z, y, weight) if kind == "each" else _one(z, y, weight)
        gradient = np.empty_like(w)
        gradient[:-1] = x.T @ slope + penalty * w[:-1]
        gradient[-1] = slope.sum(axis=0)
        return value + 0.5 * penalty * float((w[:-1] ** 2).sum()), gradient.ravel()

    return _minimum(loss, np.zeros((features + 1) * columns), tolerance).reshape(features + 1, columns)


def _each(z: Array, y: Array, weight: Array) -> tuple[float, Array]:
    p = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
    return float((weight * (np.logaddexp(0, z) - y * z)).sum()), weight * (p - y)


def _one(z: Array, y: Array, weight: Array) -> tuple[float, Array]:
    z = z - z.max(axis=1, keepdims=True)
    raised = np.exp(z)
    total = raised.sum(axis=1, keepdims=True)
    value = (weight[:, :1] * (np.log(total) - (z * y).sum(axis=1, keepdims=True))).sum()
    return float(value), weight[:, :1] * (raised / total - y)


def _minimum(loss: Callable[[Array], tuple[float, Array]], x: Array, tolerance: float) -> Array:
    value, slope = loss(x)
    steps: list[Array] = []
    turns: list[Array] = []
    for _ in range(2000):
        if np.abs(slope).max() < tolerance:
            break
        direction = -_towards(slope, steps, turns)
        length, down = 1.0, float(slope @ direction)
        while True:
            there = x + length * direction
            new_value, new_slope = loss(there)
            if new_value <= value + _SLOPE * length * down or length < _LEAST_STEP:
                break
            length /= 2
        step, turn = there - x, new_slope - slope
        if float(step @ turn) > 1e-14:
            steps, turns = [*steps, step][-_MEMORY:], [*turns, turn][-_MEMORY:]
        elif length < _LEAST_STEP:
            break
        x, value, slope = there, new_value, new_slope
    return x


def _towards(slope: Array, steps: list[Array], turns: list[Array]) -> Array:
    """The slope seen through the curvature of the last steps."""
    q = slope.copy()
    shares: list[float] = []
    for step, turn in zip(reversed(steps), reversed(turns), strict=True):
        share = float(step @ q) / float(turn @ step)
        shares.append(share)
        q -= share * turn
    if steps:
        q *= float(steps[-1] @ turns[-1]) / float(turns[-1] @ turns[-1])
    else:
        q /= max(1.0, float(np.linalg.norm(q)))
    for step, turn, share in zip(steps, turns, reversed(shares), strict=True):
        q += step * (share - float(turn @ q) / float(turn @ step))
    return q
