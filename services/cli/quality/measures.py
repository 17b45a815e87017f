"""Precision, recall and the like."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits, false alarms and misses. Where nothing could be found or missed, all shares are 1."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of what was found that is right."""
        return share(self.hits, self.hits + self.false)

    @property
    def recall(self) -> float:
        """The share of what is right that was found."""
        return share(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return share(2 * self.hits, 2 * self.hits + self.false + self.missed)


def share(part: float, whole: float) -> float:
    """A part of a whole; of nothing, all."""
    return part / whole if whole else 1.0


def compared(found: Collection[Label], right: Collection[Label], accepted: Collection[Label] = ()) -> Counts:
    """What was found against what is right; what is `accepted` may be found or not."""
    got, wanted, free = set(found), set(right), set(accepted)
    return Counts(len(got & (wanted - free)), len(got - wanted - free), len(wanted - got - free))


def macro_f1(counts: Iterable[Counts]) -> float:
    """The mean F1 of classes, each as weighty as the other."""
    all_counts = list(counts)
    return share(sum(each.f1 for each in all_counts), len(all_counts))


def by_class(pairs: Iterable[tuple[str, str]]) -> dict[str, Counts]:
    """Counts for each class that is right somewhere, of pairs (right, found)."""
    seen = list(pairs)
    return {
        name: sum((compared({found} & {name}, {right} & {name}) for right, found in seen), Counts())
        for name in sorted({right for right, _ in seen})
    }


def b_cubed(parts: Iterable[frozenset[str]], truth: Mapping[str, str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of a partition against the group each article belongs to.

    Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model", 1998. Only articles
    in `truth` are counted, but others beside them cost precision; one in no part stands alone.
    """
    mine = {id: part for part in parts for id in part}
    of: dict[str, set[str]] = {}
    for id, group in truth.items():
        of.setdefault(group, set()).add(id)
    both = [(mine.get(id, frozenset((id,))), of[group]) for id, group in truth.items()]
    precision = share(sum(len(part & same) / len(part) for part, same in both), len(both))
    recall = share(sum(len(part & same) / len(same) for part, same in both), len(both))
    return precision, recall, share(2 * precision * recall, precision + recall)


def pairs_of(groups: Iterable[Collection[str]]) -> set[frozenset[str]]:
    """Every two members of one group."""
    return {frozenset(pair) for group in groups for pair in combinations(sorted(group), 2)}


def grouped(labels: Mapping[str, str | None]) -> list[set[str]]:
    """The ids that share a label."""
    found: dict[str, set[str]] = {}
    for id, label in labels.items():
        if label:
            found.setdefault(label, set()).add(id)
    return list(found.values())


def most(counts: Mapping[str, Counts], least: int) -> dict[str, Counts]:
    """The classes that are right at least so often."""
    return {name: each for name, each in counts.items() if each.hits + each.missed >= least}
