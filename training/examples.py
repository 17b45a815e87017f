"""The labelled articles that weights are learned from, with their features, and which of them belong together."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import yaml

from services.cli.quality.found import published_on
from services.cli.quality.labelled import Accepted, Labelled, read_labelled
from services.parser.classify import Classifier
from services.parser.event_features import features
from services.parser.event_labels import NOTHING, headline_feature
from tests.quality.gold.marked import as_lines, written
from training.descent import Array

_TESTS = Path(__file__).parent.parent / "tests"
WORKED = _TESTS / "quality" / "worked" / "sources"
SAMPLES = _TESTS / "unit" / "classify_samples.yaml"
REPORTS = Path(__file__).parent / "reports"
LONGER = Path(__file__).parent / "articles"
PAGES = Path(__file__).parent / "pages"
PHASES = ("preview", "report", "followup", "background")
# A feature of fewer articles says more about them than about the language.
LEAST_ARTICLES = 3
# What the plain samples of the unit tests count for, and short reports, which show wordings alone, and the pages,
# which were written to tell of foundings.
PLAIN, SHORT, PAGE = 3.0, 0.5, 0.3


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The labels of an article and what the program sees of it: no word of its text.

    `either` are types, and `headlines` and `phases` what is right too, that count neither way. Examples of one
    `group` tell of one event or are near-duplicates. `counts` is how much an example is to weigh in learning.
    """

    id: str
    language: str
    types: tuple[str, ...]
    phase: str | None
    either: tuple[str, ...]
    headlines: tuple[str, ...]
    phases: tuple[str, ...]
    groups: tuple[str, ...]
    is_ours: bool
    counts: float
    values: dict[str, float]


def worked() -> tuple[Labelled, ...]:
    """The development articles, in the order of their files."""
    return _marked(WORKED)


def longer() -> tuple[Labelled, ...]:
    """The longer articles, in the order of their files."""
    return _marked(LONGER)


def pages() -> tuple[Labelled, ...]:
    """The longest articles, in the order of their files."""
    return _marked(PAGES)


def _marked(folder: Path) -> tuple[Labelled, ...]:
    with TemporaryDirectory() as place:
        path = Path(place) / "articles.jsonl"
        path.write_bytes(as_lines(written(folder)))
        return read_labelled(path).articles


def samples(path: Path = SAMPLES) -> tuple[Labelled, ...]:
    """The short reports of a file, as labelled articles."""
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(_sample(each) for each in loaded)


def reports(folder: Path = REPORTS) -> tuple[Labelled, ...]:
    """The short reports of every language, in the order of their files."""
    return tuple(each for path in sorted(folder.glob("*.yaml")) for each in samples(path))


def _sample(row: Mapping[str, Any]) -> Labelled:
    types = row["types"]
    return Labelled(
        id=row["id"],
        language=row["lang"],
        title=row["title"],
        text=row["text"],
        published=row["published"].isoformat() if row["published"] else None,
        event_types=tuple(types),
        phase=row.get("phase", "report") if types else None,
        hard_negative=row.get("none", False),
        accept=Accepted(event_types=frozenset(row.get("may", ()))),
    )


def examples(articles: Iterable[Labelled], classifier: Classifier, *, counts: float = 1.0) -> list[Example]:
    """What is learned from each article."""
    return [_example(each, classifier, counts) for each in articles]


def _example(each: Labelled, classifier: Classifier, counts: float) -> Example:
    clues = classifier.clues(
        each.title or "", each.text, language=each.language, published=published_on(each)
    )
    groups = (each.event_instance and f"event {each.event_instance}", each.near_dup_group)
    return Example(
        id=each.id,
        language=each.language,
        types=each.event_types,
        phase=each.phase,
        either=tuple(sorted(each.accept.event_types - set(each.event_types))),
        headlines=tuple(sorted(each.accept.headline)),
        phases=tuple(sorted(each.accept.phase)),
        groups=tuple(group for group in groups if group),
        is_ours=clues.is_ours,
        counts=counts,
        values={name: round(value, 4) for name, value in features(clues).values.items() if value},
    )


def feature_names(some: Sequence[Example]) -> list[str]:
    """The features worth a weight, and one for each type that may be the headline's."""
    seen: dict[str, int] = {}
    for each in some:
        for name, value in _values(each).items():
            if value:
                seen[name] = seen.get(name, 0) + 1
    return sorted(name for name, count in seen.items() if count >= LEAST_ARTICLES)


def _values(each: Example) -> Mapping[str, float]:
    return {**each.values, **(headline_feature(each.types[0]) if each.types else {})}


def matrix(some: Sequence[Example], names: Sequence[str], *, with_headline: bool) -> Array:
    """A row for each article. Which type the headline is, is known to the question of the phase alone."""
    column = {name: number for number, name in enumerate(names)}
    x = np.zeros((len(some), len(names)))
    for row, each in enumerate(some):
        for name, value in (_values(each) if with_headline else each.values).items():
            if name in column:
                x[row, column[name]] = value
    return x


def answers(some: Sequence[Example], types: Sequence[str]) -> tuple[Array, Array]:
    """Which types each article reports, and which answers count: what may be either counts not."""
    y = np.array([[name in each.types for name in types] for each in some], float)
    either = np.array([[name in each.either for name in types] for each in some], float)
    return y, 1 - either


def headlines(some: Sequence[Example], types: Sequence[str]) -> Array:
    """Which type is each article's headline; the last column: none."""
    heads = [each.types[0] if each.types else NOTHING for each in some]
    return np.array([[name == head for name in (*types, NOTHING)] for head in heads], float)


def phases(some: Sequence[Example]) -> Array:
    """Which phase each article is in."""
    return np.array([[name == each.phase for name in PHASES] for each in some], float)


def folds(some: Sequence[Example], count: int) -> Array:
    """A number below `count` for each article; articles of one event or one near-duplicate group share it."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for each in some:
        for group in each.groups:
            parent[root(f"article {each.id}")] = root(f"group {group}")
    roots = [root(f"article {each.id}") for each in some]
    order = sorted(set(roots))
    np.random.default_rng(7).shuffle(order)
    number = {name: at % count for at, name in enumerate(order)}
    return np.array([number[name] for name in roots])
