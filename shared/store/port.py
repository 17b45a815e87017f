"""The store: documents by id, in collections, with labels to list them by.

Get, create and compare-and-set by id are real-time; listings may be a second old. Two adapters, `sqlite` and
`elasticsearch`; `tests/contract/test_store.py` holds both to this page.

Errors:
    StoreError
    ├── AlreadyExists       create of an id that is there; carries what is there
    ├── VersionConflict     compare-and-set against a document that has moved on
    └── StoreUnavailable    cannot be reached now; trying again may work
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as kept. `version` grows with every write; 1 is the first."""

    id: str
    body: bytes
    labels: Mapping[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class Write:
    """A document to be kept. `expected`: None writes always, 0 only if absent, N only over version N."""

    collection: str
    id: str
    body: bytes
    labels: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None


class StoreError(Exception):
    """Base of all errors of the store."""


class AlreadyExists(StoreError):
    """The id is taken; `existing` is what it holds."""

    def __init__(self, collection: str, existing: Stored) -> None:
        super().__init__(f"{collection}/{existing.id} exists already (version {existing.version})")
        self.existing = existing


class VersionConflict(StoreError):
    """Somebody wrote in between."""


class StoreUnavailable(StoreError):
    """The store cannot be reached now."""


class Store(Protocol):
    """Documents by id. Safe to share between threads and processes."""

    def get(self, collection: str, id: str) -> Stored | None:
        """The document, or None."""

    def get_many(self, collection: str, ids: Sequence[str]) -> Mapping[str, Stored]:
        """Those that exist, by id."""

    def create(
        self, collection: str, id: str, body: bytes, labels: Mapping[str, str] | None = None
    ) -> Stored:
        """Keep a new document. Raises AlreadyExists."""

    def put(self, write: Write) -> Stored:
        """Keep one document. Raises VersionConflict (also for `expected=0` over an existing one)."""

    def put_many(self, writes: Sequence[Write]) -> None:
        """Keep several, each whole or not at all; a failed expectation raises VersionConflict after the others."""

    def delete(self, collection: str, id: str) -> bool:
        """Remove it; whether it was there."""

    def list(
        self,
        collection: str,
        where: Mapping[str, str] | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> Iterator[Stored]:
        """Documents whose labels hold all of `where`, by id, from after `after` on."""

    def count(self, collection: str, where: Mapping[str, str] | None = None) -> int:
        """How many such documents there are."""

    def count_by(self, collection: str, label: str) -> Mapping[str, int]:
        """How many documents hold each value of a label."""

    def close(self) -> None:
        """Release what it holds. May be called twice."""
