"""Learns the weights of event types, headline and phase from labelled articles.

    python -m training.event_types                 # cross-validates, then writes services/parser/weights.json
    python -m training.event_types --check         # says whether the file is what the articles give; writes nothing

The same articles, words and rules give the same bytes where sums run in the same order: with OPENBLAS_NUM_THREADS=1.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from services.cli.quality.learned import Learned, keep_learned
from services.parser.classify import Classifier
from services.parser.event_labels import NOTHING
from services.parser.weights import FILE, Weights, WeightsFile
from shared.taxonomy.taxonomy import load_taxonomy
from training.cross import cross_validated
from training.descent import Array, fit
from training.examples import (
    PAGE,
    PHASES,
    PLAIN,
    SHORT,
    Example,
    answers,
    examples,
    feature_names,
    headlines,
    longer,
    matrix,
    pages,
    phases,
    reports,
    samples,
    worked,
)

# Chosen by cross-validation.
PENALTY, PHASE_PENALTY = 8.0, 8.0
THRESHOLD = 0.3
# Weights below are left out.
_LEAST = 0.02
_SCALE = 1000
# How flat a minimum is, for the file and for trying out.
_EXACT, _ROUGH = 1e-3, 1e-2
_EMPTY = WeightsFile((), (), {}, {})


def learned(
    some: Sequence[Example],
    types: Sequence[str],
    thresholds: Mapping[str, float],
    tolerance: float = _EXACT,
) -> WeightsFile:
    """The weights that these articles give."""
    names = feature_names(some)
    x = matrix(some, names, with_headline=False)
    y, counts = answers(some, types)
    heads = headlines(some, types)
    told = [each for each in some if each.phase]
    once = phases(told)
    often, often_told = (np.array([[each.counts] for each in group]) for group in (some, told))
    parts = [
        fit(x, y, often * counts, PENALTY, "each", tolerance),
        fit(x, heads, often * np.ones_like(heads), PENALTY, "one", tolerance),
        fit(
            matrix(told, names, with_headline=True),
            once,
            often_told * np.ones_like(once),
            PHASE_PENALTY,
            "one",
            tolerance,
        ),
    ]
    columns = [f"type:{name}" for name in types]
    columns += [f"first:{name}" for name in (*types, NOTHING)] + [f"phase:{name}" for name in PHASES]
    return _packed(np.hstack(parts), names, columns, thresholds)


def _packed(
    weights: Array, names: Sequence[str], columns: Sequence[str], thresholds: Mapping[str, float]
) -> WeightsFile:
    """Cut to thousandths, small ones left out."""
    cut = np.where(np.abs(weights) < _LEAST, 0, np.round(weights * _SCALE)).astype(int)
    rows = {
        name: " ".join(f"{column}:{weight}" for column, weight in enumerate(row) if weight)
        for name, row in zip(names, cut[:-1].tolist(), strict=True)
    }
    bias = np.round(weights[-1] * _SCALE).astype(int).tolist()
    return WeightsFile(
        tuple(columns), tuple(bias), dict(thresholds), {n: row for n, row in rows.items() if row}
    )


def as_bytes(data: WeightsFile) -> bytes:
    """The bytes of weights.json: a feature a line."""
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def main(arguments: Sequence[str]) -> int:
    """Learn, and write or compare."""
    parser = argparse.ArgumentParser(
        prog="python -m training.event_types", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="compare with the file; write nothing")
    parser.add_argument("--to", type=Path, default=FILE, metavar="FILE", help="where the weights go")
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    options = parser.parse_args(arguments)
    taxonomy = load_taxonomy()
    classifier = Classifier(taxonomy, weights=Weights(_EMPTY))
    some = [
        *examples((*worked(), *longer()), classifier),
        *examples(samples(), classifier, counts=PLAIN),
        *examples(pages(), classifier, counts=PAGE),
    ]
    short = examples(reports(), classifier, counts=SHORT)
    types = tuple(taxonomy.event_types)
    thresholds = dict.fromkeys(types, THRESHOLD)
    if not (options.check or options.quick):
        figures = cross_validated(
            some, types, lambda part: learned([*part, *short], types, thresholds, _ROUGH)
        )
        for name, found in figures.items():
            print(f"{name}: {', '.join(f'{measure} {value:.3f}' for measure, value in found.items())}")
        keep_learned(
            "types", Learned(articles=len(some), seen=figures["learned from"], unseen=figures["not seen"])
        )
    made = as_bytes(learned([*some, *short], types, thresholds))
    if options.check:
        same = options.to.read_bytes() == made
        print(f"{options.to}: {'as learned' if same else 'differs from what the articles give'}")
        return 0 if same else 1
    options.to.write_bytes(made)
    print(f"{options.to}: {len(made)} bytes from {len(some)} articles and {len(short)} short reports")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
