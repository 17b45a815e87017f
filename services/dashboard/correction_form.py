"""A correction as its form has it: one choice for each label there is, labels to add, the phase, the event, a note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from starlette.datastructures import FormData

from shared.contracts.article import Article, Role
from shared.corrections.asked import MOST_LABELS, Asked

KEEP, OTHER = "keep", "other"
MAIN, ALSO, NOT = "main", "also", "not"
# Empty rows for labels to add.
ROWS = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what is chosen for it: a role, for a kind of event `main` or `also`, or `not`."""

    id: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """What stands in the fields. `extra` is the kind of label that one more row is asked for."""

    alliances: tuple[Row, ...]
    types: tuple[Row, ...]
    phase: str
    added_alliances: tuple[Row, ...] = ()
    added_types: tuple[Row, ...] = ()
    event: str = KEEP
    other_event: str = ""
    note: str = ""
    extra: str = ""

    @classmethod
    def of(cls, article: Article) -> "CorrectionForm":
        """As the article stands."""
        return cls(
            alliances=tuple(Row(tag.id, tag.role) for tag in article.alliances),
            types=tuple(Row(tag.id, ALSO if n else MAIN) for n, tag in enumerate(article.event_types)),
            phase=article.phase,
        )

    @classmethod
    def sent(cls, form: FormData, article: Article) -> "CorrectionForm":
        """As a browser sent it. A label that its page did not show yet stays as it is."""
        now = cls.of(article)

        def text(name: str, default: str = "") -> str:
            return str(form.get(name, default))

        def added(kind: str) -> tuple[Row, ...]:
            ids, choices = form.getlist(f"add-{kind}"), form.getlist(f"add-{kind}-as")
            rows = zip(map(str, ids), map(str, choices), strict=False)
            return tuple(Row(id, choice) for id, choice in rows if id)[:MOST_LABELS]

        return cls(
            alliances=tuple(Row(row.id, text(f"alliance:{row.id}", row.choice)) for row in now.alliances),
            types=tuple(Row(row.id, text(f"type:{row.id}", row.choice)) for row in now.types),
            phase=text("phase", now.phase),
            added_alliances=added("alliance"),
            added_types=added("type"),
            event=text("event", KEEP),
            other_event=text("other_event").strip(),
            note=text("note"),
            extra=text("more"),
        )

    @property
    def alliance_rows(self) -> tuple[Row, ...]:
        """The rows for bodies to add: those filled, and empty ones."""
        return self._rows(self.added_alliances, "alliance")

    @property
    def type_rows(self) -> tuple[Row, ...]:
        """The same for kinds of events."""
        return self._rows(self.added_types, "type")

    def _rows(self, filled: Sequence[Row], kind: str) -> tuple[Row, ...]:
        empty = ROWS if not filled or self.extra == kind else 0
        return (*filled, *[Row()] * empty)

    def asked(self) -> Asked:
        """What it asks to be put right; what stands as it stood is no change."""
        return Asked(
            alliances=list(self._alliances()),
            event_types=list(self._event_types()),
            phase=self.phase,
            event=self._event(),
            note=self.note,
        )

    def _alliances(self) -> Iterator[tuple[str, Role]]:
        for row in (*self.alliances, *self.added_alliances):
            if row.choice != NOT:
                yield row.id, "mention" if row.choice == "mention" else "subject"

    def _event_types(self) -> Iterator[str]:
        """Those chosen as the main one first; one that is added as the main one goes before those there were."""
        rows = (*self.added_types, *self.types)
        yield from (row.id for row in rows if row.choice == MAIN)
        yield from (row.id for row in (*self.types, *self.added_types) if row.choice not in (MAIN, NOT))

    def _event(self) -> str | None:
        if self.event == OTHER or (self.event == KEEP and self.other_event):
            return _id_of_event(self.other_event)
        return None if self.event == KEEP else self.event


def _id_of_event(given: str) -> str:
    """The id in the address of an event's page; what is none is taken for an id."""
    try:
        path = urlsplit(given).path
    except ValueError:
        return given
    _, found, id = path.partition("/events/")
    return unquote(id.strip("/")) if found else given
