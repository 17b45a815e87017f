"""An article as its page shows it: every label tied to the words that prove it, every word tied to its labels."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from markupsafe import Markup

from services.dashboard.marking import Marked, anchor, annotated
from services.dashboard.wording import Names, country, days
from shared.contracts.article import Article, Evidence
from shared.contracts.messages import CorrectedField
from shared.corrections.applying import RULE
from shared.rights import shown

# Characters of a text that a page shows; the API gives it whole.
LONGEST_TEXT = 200_000
# The weightiest first: words that prove several things are drawn as the first of them.
KINDS = ("alliance", "type", "outcome", "date", "place", "organisation", "person")


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence: its words, and where on the page they are."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Label:
    """Something the article says or is about. `key` ties it to its words; `note` says how it was found."""

    key: str
    kind: str
    name: str
    query: str
    note: str = ""
    role: str = ""
    confidence: float | None = None
    rule: str = ""
    by_reader: bool = False
    id: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def proofs(self) -> list[Proof]:
        """Its evidence as links."""
        return [Proof(e.text, anchor(e.field, e.start, e.end)) for e in self.evidence]


@dataclass(frozen=True)
class Reading:
    """An article as it may be shown, with its labels in the order of `KINDS`."""

    article: Article
    labels: tuple[Label, ...]
    by: Mapping[CorrectedField, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Label]:
        """The labels of one kind."""
        return [label for label in self.labels if label.kind == kind]

    @cached_property
    def title(self) -> Markup:
        """The title with its evidence marked."""
        return annotated(self.article.title, "title", self._marks("title"))

    @cached_property
    def paragraphs(self) -> list[Markup]:
        """The text, paragraph by paragraph, with its evidence marked; of a very long one the beginning."""
        text, marks = self.article.text, deque(self._marks("text"))
        shown, near = [], list[Marked]()
        for start, end in paragraphs(text[:LONGEST_TEXT]):
            near = [mark for mark in near if mark.end > start]
            while marks and marks[0].start < end:
                near.append(marks.popleft())
            shown.append(annotated(text, "text", near, start, end))
        return shown

    @property
    def is_cut(self) -> bool:
        """Whether the text is longer than a page shows."""
        return len(self.article.text) > LONGEST_TEXT

    def _marks(self, field: str) -> list[Marked]:
        """Each stretch once, with all the labels it proves."""
        proved: dict[tuple[int, int], list[Label]] = {}
        for label in self.labels:
            for e in label.evidence:
                if e.field == field:
                    proved.setdefault((e.start, e.end), []).append(label)
        length = len(self.article.title if field == "title" else self.article.text)
        return [
            Marked(
                start,
                end,
                min((label.kind for label in labels), key=KINDS.index),
                tuple(dict.fromkeys(label.key for label in labels)),
                "; ".join(dict.fromkeys(label.name for label in labels)),
            )
            for (start, end), labels in sorted(proved.items())
            if 0 <= start < end <= length
        ]


def reading(
    article: Article, names: Names, by: Mapping[CorrectedField, str] = MappingProxyType({})
) -> Reading:
    """The article as it may be shown; `by` says of corrected fields who put them right, and when."""
    article = shown(article)
    return Reading(article, tuple(_labels(article, names, by)), by)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where each paragraph of a text begins and ends, without the white space around it."""
    found, at = [], 0
    for line in text.split("\n"):
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        if start < end:
            found.append((start, end))
        at += len(line) + 1
    return found


def _labels(article: Article, names: Names, by: Mapping[CorrectedField, str]) -> Iterable[Label]:
    for tag in article.alliances:
        field = "alliance" if tag.role == "subject" else "mention"
        yield Label(
            f"alliance-{tag.id}",
            "alliance",
            tag.name,
            f"{field}:{tag.id}",
            role=tag.role,
            confidence=tag.confidence,
            rule=_told_rule(tag.rule, by.get("alliances")),
            by_reader=tag.rule == RULE,
            id=tag.id,
            evidence=tag.evidence,
        )
    for kind in article.event_types:
        yield Label(
            f"type-{kind.id}",
            "type",
            names.event_type(kind.id),
            f"type:{kind.id}",
            confidence=kind.confidence,
            rule=_told_rule(kind.rule, by.get("event_types")),
            by_reader=kind.rule == RULE,
            id=kind.id,
            evidence=kind.evidence,
        )
    yield from _facts(article)


def _facts(article: Article) -> Iterable[Label]:
    told = {tag.id for tag in article.alliances}
    for number, outcome in enumerate(article.outcomes):
        yield Label(
            f"outcome-{number}",
            "outcome",
            outcome.name,
            "",
            note=_spoken(outcome.kind),
            evidence=outcome.evidence,
        )
    for number, date in enumerate(sorted(article.dates, key=lambda d: d.role != "event")):
        note = "of the event" if date.role == "event" else ""
        yield Label(
            f"date-{number}",
            "date",
            days(date.start, date.end, date.precision),
            "",
            note=note,
            evidence=date.evidence,
        )
    for number, place in enumerate(article.places):
        land = country(place.country) if place.country else ""
        note = land if land != place.name else ""
        yield Label(
            f"place-{number}",
            "place",
            place.name,
            f'place:"{place.name}"',
            note=note,
            evidence=place.evidence,
        )
    for number, body in enumerate(article.organisations):
        if body.id not in told:
            yield Label(
                f"organisation-{number}",
                "organisation",
                body.name,
                "",
                id=body.id or "",
                evidence=body.evidence,
            )
    for number, person in enumerate(article.people):
        yield Label(f"person-{number}", "person", person.name, "", note=person.role, evidence=person.evidence)


def _told_rule(rule: str, by: str | None) -> str:
    """How a label was found; one that a reader gave says so."""
    return (by or "by a reader") if rule == RULE else rule


def _spoken(id: str) -> str:
    return id.replace("_", " ")
