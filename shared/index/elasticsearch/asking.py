"""Asking the articles' indices: one place for the alias, the errors, and the moments in which indices are swapped."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from shared.elastic import explained, shown
from shared.index.elasticsearch.layout import FIELDS, Layout
from shared.index.port import IndexUnavailable, TooBroad

MOST_WORDS = 1000  # words a prefix may stand for
COUNTED_WORDS = 10_000  # words counted to say how many they are
COUNTED_WITHIN = "10s"
SWAPPED_WITHIN = 5.0  # seconds in which an index may vanish under a search because a rebuild has replaced it

Answer = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Articles:
    """The articles behind one alias."""

    client: Elasticsearch
    address: str
    layout: Layout

    def search(self, **body: Any) -> Answer | None:
        """What Elasticsearch finds, of everything or not at all; None where there is no index yet.

        Raises IndexUnavailable, TooBroad.
        """

        def ask() -> Answer:
            answer = self.client.search(
                index=self.layout.ours,
                ignore_unavailable=True,
                allow_partial_search_results=False,
                **body,
            )
            return dict(answer.body)

        answer = self._asked(ask)
        if answer["_shards"]["total"]:
            return answer
        self._check_version()
        return None

    def count(self) -> int:
        """How many articles there are. Raises IndexUnavailable."""
        answer = self._asked(lambda: self.client.count(index=self.layout.ours, ignore_unavailable=True).body)
        if not answer["_shards"]["total"]:
            self._check_version()
        return int(answer["count"])

    def check_narrow(self, field: str, prefix: str) -> None:
        """Raises TooBroad when more than MOST_WORDS words of the field begin so."""

        def ask() -> Answer:
            answer = self.client.terms_enum(
                index=self.layout.ours,
                field=field,
                string=prefix,
                size=COUNTED_WORDS + 1,
                timeout=COUNTED_WITHIN,
            )
            return dict(answer.body)

        if self._asked(self._is_absent):
            return
        answer = self._asked(ask)
        count = len(answer["terms"])
        if count > COUNTED_WORDS:
            raise TooBroad(f"{prefix}* stands for more than {COUNTED_WORDS} words; write more of its letters")
        if count > MOST_WORDS:
            raise TooBroad(
                f"{prefix}* stands for {count} words, more than {MOST_WORDS}; write more of its letters"
            )
        if not answer["complete"]:
            raise IndexUnavailable(
                f"{shown(self.address)}: did not count the words that begin with {prefix} "
                f"within {COUNTED_WITHIN}; try again"
            )

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return self._answered(ask)
        except (ApiError, TransportError) as e:
            raise self._fault(e) from e

    def _answered(self, ask: Callable[[], T]) -> T:
        """The answer, asked for again while a rebuild takes the place of an index that is being searched."""
        deadline = time.monotonic() + SWAPPED_WITHIN
        while True:
            try:
                return ask()
            except NotFoundError:
                if time.monotonic() > deadline or self._is_absent():
                    raise
            time.sleep(0.05)

    def _is_absent(self) -> bool:
        return not self.client.indices.exists_alias(name=self.layout.ours)

    def _check_version(self) -> None:
        """Raises IndexUnavailable when there are articles, but in fields of another version."""
        if self._asked(lambda: bool(self.client.indices.exists_alias(name=self.layout.all))):
            raise IndexUnavailable(
                f"{shown(self.address)}: the articles of {self.layout.all} are indexed by another version of "
                f"this program, not v{FIELDS}; rebuild the index, or run the version that made it"
            )

    def _fault(self, error: ApiError | TransportError) -> Exception:
        said = f"{shown(self.address)}: {explained(error)}"
        told = str(error.body) if isinstance(error, ApiError) else ""
        if "too many nested clauses" in told or "too_many_clauses" in told or "nested depth" in told:
            return TooBroad(f"the query is too large or too deep for Elasticsearch; ask for less ({said})")
        return IndexUnavailable(said)
