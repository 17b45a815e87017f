"""What would change, counted as it is found, with a few examples of each: as large for a million articles as for ten."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.cli.reclassify.grouping import EventChange
from services.cli.reclassify.labels import LabelChange
from shared.contracts.article import Article, Struct

# Examples of one label got or lost, of one kind of change to events, of one subscription.
EXAMPLES = 3
MOST_FAULTS = 20


class Counted(Struct, frozen=True, kw_only=True):
    """How many articles would get a label, and how many would lose it."""

    added: int = 0
    removed: int = 0


class Example(Struct, frozen=True, kw_only=True):
    """One article whose labels would change; `changes` are all of its."""

    article: str
    url: str
    title: str
    changes: tuple[LabelChange, ...]


class AlertChange(Struct, frozen=True, kw_only=True):
    """A subscription that articles would newly match, or match no longer; examples are titles."""

    subscription: str
    name: str
    query: str
    gained: int
    lost: int
    examples: tuple[str, ...] = ()


class Diff(Struct, frozen=True, kw_only=True):
    """What would change. `relabelled` articles get or lose a label; `refined` ones only other words, facts or figures.

    `labels` counts by field and label; `moved` are articles that would be in another event, or in one at all.
    """

    articles: int
    relabelled: int
    refined: int
    labels: Mapping[str, Mapping[str, Counted]]
    events: Mapping[str, int]
    moved: int
    alerts: tuple[AlertChange, ...]
    examples: tuple[Example, ...]
    event_examples: tuple[EventChange, ...]
    failed: int
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Subscribed:
    name: str
    query: str
    gained: int = 0
    lost: int = 0
    examples: list[str] = field(default_factory=list)


class Tally:
    """Counts."""

    def __init__(self) -> None:
        self._articles = self._relabelled = self._refined = self._failed = self._moved = 0
        self._labels: dict[str, Counter[tuple[str, str]]] = {}
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._examples: list[Example] = []
        self._events: Counter[str] = Counter()
        self._event_examples: list[EventChange] = []
        self._alerts: dict[str, _Subscribed] = {}
        self._faults: list[str] = []

    def compared(
        self, before: Article, after: Article, changes: Sequence[LabelChange], *, differs: bool
    ) -> None:
        """One article was looked at."""
        self._articles += 1
        if not changes:
            self._refined += differs
            return
        self._relabelled += 1
        telling = False
        for change in changes:
            self._labels.setdefault(change.field, Counter())[change.label, change.change] += 1
            key = (change.field, change.label, change.change)
            self._seen[key] += 1
            telling |= self._seen[key] <= EXAMPLES
        if telling:
            ordered = tuple(sorted(changes, key=lambda c: (c.field, c.change, c.label)))
            self._examples.append(
                Example(article=before.id, url=before.url, title=after.title, changes=ordered)
            )

    def failed(self, article: Article, reason: str) -> None:
        """One article could not be classified and stays as it is."""
        self._articles += 1
        self._failed += 1
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(f"{article.url}: {reason}")

    def event(self, change: EventChange) -> None:
        """One event would change."""
        self._events[change.kind] += 1
        if self._events[change.kind] <= EXAMPLES:
            self._event_examples.append(change)

    def moves(self) -> None:
        """One article would be in another event."""
        self._moved += 1

    def alert(self, subscription: str, name: str, query: str, title: str, *, gained: bool) -> None:
        """A subscription would match an article, or would no longer."""
        told = self._alerts.setdefault(subscription, _Subscribed(name, query))
        told.gained += gained
        told.lost += not gained
        if len(told.examples) < EXAMPLES:
            told.examples.append(f"{'+' if gained else '-'} {title}")

    def diff(self) -> Diff:
        """What was counted."""
        return Diff(
            articles=self._articles,
            relabelled=self._relabelled,
            refined=self._refined,
            labels={name: _counted(counts) for name, counts in sorted(self._labels.items())},
            events=dict(sorted(self._events.items())),
            moved=self._moved,
            alerts=tuple(
                AlertChange(
                    subscription=id,
                    name=told.name,
                    query=told.query,
                    gained=told.gained,
                    lost=told.lost,
                    examples=tuple(told.examples),
                )
                for id, told in sorted(self._alerts.items(), key=lambda item: (-item[1].gained, item[0]))
            ),
            examples=tuple(self._examples),
            event_examples=tuple(self._event_examples),
            failed=self._failed,
            faults=tuple(self._faults),
        )


def _counted(counts: Counter[tuple[str, str]]) -> dict[str, Counted]:
    labels = sorted({label for label, _ in counts}, key=lambda label: (-_all(counts, label), label))
    return {
        label: Counted(added=counts[label, "added"], removed=counts[label, "removed"]) for label in labels
    }


def _all(counts: Counter[tuple[str, str]], label: str) -> int:
    return counts[label, "added"] + counts[label, "removed"]
