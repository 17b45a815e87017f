"""What the signs of a subject weigh, learned from labelled articles: a logistic regression over bodies in articles.

    python -m tests.quality.learn_roles          learn, and say how well it does on events it has not seen
    python -m tests.quality.learn_roles --write  and write shared/taxonomy/role_weights.yaml

Learned from the worked articles, the longer ones of `training/articles` and the short samples of the unit tests; neither the gold set nor the development
articles beside the checkout are read. Cross-validated in ten parts: the articles about one event are never both learned from and
scored, so what is said of unseen events holds for every set.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import exp
from pathlib import Path

import yaml

from services.cli.quality.found import published_on
from services.cli.quality.labelled import Labelled
from services.cli.quality.learned import Learned, keep_learned
from services.cli.quality.measures import Counts
from services.parser.alliances import AllianceReader
from services.parser.classify import Classifier
from services.parser.lexicon import role_lexicon
from services.parser.namings import OldPlaces
from services.parser.reading import Reading
from services.parser.roles import Features
from shared.contracts.article import AllianceTag, TextField
from shared.taxonomy.folding import Folded
from shared.taxonomy.taxonomy import FOLDER, Taxonomy, load_taxonomy
from tests.quality.labelled_sets import labelled_set
from training.examples import longer

WEIGHTS = FOLDER / "role_weights.yaml"
# Plain samples count more than what was made to be hard. The longer articles count less: each names many bodies, and
# several that act, or every name would be a subject.
WEIGHTS_OF_SETS = {"worked": 1.0, "longer": 0.3, "samples": 3.0}
SAMPLES = Path(__file__).parents[1] / "unit" / "classify_samples.yaml"
PARTS, PASSES, CUT = 10, 60, 0.45
# How much a weight must earn: the variance expected of weights is its reciprocal.
PENALTY, PENALTY_OF_BIAS = 60.0, 0.001
BIAS = "bias"
LEAST = 0.01
HEAD = """# What each sign weighs that an article is about a body it names, in natural logarithms of odds.
# Learned: python -m tests.quality.learn_roles --write
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A body in an article: what is seen of it, and whether the article is about it."""

    article: Labelled
    body: str
    seen: Features
    is_subject: bool
    weight: float = 1.0

    @property
    def is_open(self) -> bool:
        """Whether either answer is right."""
        return self.body in self.article.accept.alliances and not self.is_subject


class Watched(AllianceReader):
    """A reader that keeps what the decision saw last."""

    last: Mapping[str, Features] = {}

    def read(
        self, reading: Reading, folded: Mapping[TextField, Folded], languages: frozenset[str], old: OldPlaces
    ) -> tuple[AllianceTag, ...]:
        """As ever, and keep what is seen."""
        self.last = self.seen(reading, folded, languages, old)
        return super().read(reading, folded, languages, old)


def samples() -> tuple[Labelled, ...]:
    """The short samples as labelled articles."""
    rows = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))
    return tuple(
        Labelled(
            id=row["id"],
            language=row["lang"],
            title=row["title"],
            text=row["text"],
            published=str(row["published"]),
            alliances=frozenset(row["alliances"]),
        )
        for row in rows
    )


def cases(taxonomy: Taxonomy, articles: Iterable[Labelled], weight: float) -> Iterator[Case]:
    """Every body named in an article, but for those that are never a subject."""
    watched = Watched(taxonomy, role_lexicon(taxonomy))
    classifier = Classifier(taxonomy, watched)
    for one in articles:
        classifier.classify(one.title or "", one.text, language=one.language, published=published_on(one))
        for body, seen in watched.last.items():
            if not taxonomy.alliances[body].mention_only:
                yield Case(one, body, seen, body in one.alliances, weight)


def learned(given: Sequence[Case]) -> dict[str, float]:
    """The weights: one at a time, each by Newton's step, in a fixed order, as often as it takes."""
    columns: dict[str, list[tuple[int, float]]] = {BIAS: [(row, 1.0) for row in range(len(given))]}
    for row, case in enumerate(given):
        for name, value in case.seen.items():
            columns.setdefault(name, []).append((row, value))
    weights = dict.fromkeys(sorted(columns), 0.0)
    totals = [0.0] * len(given)
    for _ in range(PASSES):
        for name in weights:
            penalty = PENALTY_OF_BIAS if name == BIAS else PENALTY
            slope, curve = penalty * weights[name], penalty
            for row, value in columns[name]:
                likely = chance(totals[row])
                slope += given[row].weight * (likely - given[row].is_subject) * value
                curve += given[row].weight * likely * (1 - likely) * value * value
            step = slope / curve
            weights[name] -= step
            for row, value in columns[name]:
                totals[row] -= step * value
    return weights


def chance(total: float) -> float:
    """Odds in natural logarithms as a chance."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def decided(weights: Mapping[str, float], case: Case) -> bool:
    """What the weights say of a case."""
    total = weights[BIAS] + sum(weights.get(name, 0.0) * value for name, value in case.seen.items())
    return chance(total) >= CUT


def part(case: Case) -> int:
    """In which part of the cross-validation a case is: by event, else by article."""
    about = case.article.event_instance or case.article.near_dup_group or case.article.id
    return int(sha256(about.encode()).hexdigest(), 16) % PARTS


def scored(taxonomy: Taxonomy, articles: Iterable[Labelled], right: Iterable[tuple[Case, bool]]) -> Counts:
    """Hits, false alarms and misses over whole articles: a subject that was not even named is missed too."""
    found: dict[str, set[str]] = {}
    for case, is_subject in right:
        if is_subject:
            found.setdefault(case.article.id, set()).add(case.body)
    total = Counts()
    for one in articles:
        got = found.get(one.id, set())
        got = got - {taxonomy.alliances[body].part_of or "" for body in got}
        total += Counts(
            len(got & one.alliances),
            len(got - one.alliances - one.accept.alliances),
            len(one.alliances - got),
        )
    return total


def cross_validated(given: Sequence[Case]) -> Iterator[tuple[Case, bool]]:
    """Each case as decided by weights that were learned without the events of its part."""
    for held_out in range(PARTS):
        weights = learned([case for case in given if part(case) != held_out and not case.is_open])
        yield from ((case, decided(weights, case)) for case in given if part(case) == held_out)


def told(name: str, counts: Counts) -> str:
    """A line of figures."""
    return (
        f"{name}: precision {counts.precision:.3f}, recall {counts.recall:.3f}, F1 {counts.f1:.3f} ({counts})"
    )


def main(arguments: Sequence[str]) -> None:
    """Learn, tell how well, and write where asked."""
    taxonomy = load_taxonomy()
    sets = {"worked": labelled_set("worked").articles, "longer": longer(), "samples": samples()}
    given = {name: list(cases(taxonomy, articles, WEIGHTS_OF_SETS[name])) for name, articles in sets.items()}
    everything = [case for some in given.values() for case in some]
    weights = {
        name: round(weight, 2)
        for name, weight in learned([case for case in everything if not case.is_open]).items()
        if abs(weight) >= LEAST
    }
    articles = [one for some in sets.values() for one in some]
    unseen = scored(taxonomy, articles, cross_validated(everything))
    seen = scored(taxonomy, articles, ((case, decided(weights, case)) for case in everything))
    print(told("learned from", seen), told("unseen events", unseen), sep="\n")
    if "--write" in arguments:
        data = {"bias": weights.pop(BIAS), "cut": CUT, "weights": weights}
        WEIGHTS.write_text(HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
        keep_learned("subjects", Learned(len(articles), shares(seen), shares(unseen)))


def shares(counts: Counts) -> dict[str, float]:
    """Precision and recall as they are kept."""
    return {"precision": round(counts.precision, 3), "recall": round(counts.recall, 3)}


if __name__ == "__main__":
    main(sys.argv[1:])
