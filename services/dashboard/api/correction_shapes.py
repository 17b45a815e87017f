"""What the API takes and gives of corrections: the shapes, with an example of each."""

from typing import Any

from shared.contracts.article import Phase, Role, Struct
from shared.contracts.messages import Correction


class AllianceSent(Struct, frozen=True, kw_only=True):
    """An alliance by its id or a name, and its role in the article."""

    id: str
    role: Role = "subject"


class CorrectionSent(Struct, frozen=True, kw_only=True):
    """What is right; what is absent stays. Lists are whole: what is not in them is taken away.

    Event types come most important first. `event` is the id of an event, or `own` for one of the article's own.
    """

    alliances: tuple[AllianceSent, ...] | None = None
    event_types: tuple[str, ...] | None = None
    phase: Phase | None = None
    event: str | None = None
    note: str = ""


class CorrectionsAnswer(Struct, frozen=True, kw_only=True):
    """Corrections, at most one for each field of an article."""

    results: tuple[Correction, ...]


CORRECTION_SENT: dict[str, Any] = {
    "alliances": [{"id": "acha"}, {"id": "unesco", "role": "mention"}],
    "phase": "preview",
    "note": "The assembly is only announced.",
}
CORRECTION_TOLD: dict[str, Any] = {
    "id": "a4k2m7q9x1b3c5d7.phase",
    "article": "a4k2m7q9x1b3c5d7",
    "field": "phase",
    "was": ["report"],
    "right": ["preview"],
    "note": "The assembly is only announced.",
    "at": "2026-11-22T12:00:00Z",
    "withdrawn": False,
}
CORRECTION_SHAPES: tuple[type, ...] = (CorrectionSent, CorrectionsAnswer)
