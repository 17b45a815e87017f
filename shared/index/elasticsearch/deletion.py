"""Deleting by id, wherever the article lies, such that no rebuild brings it back.

The ids are written down first. A rebuild copies while others delete; at its end it leaves out what was written down and
is not there any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from elasticsearch import ApiError, Elasticsearch

from shared.elastic import Done, Operation, send
from shared.index.elasticsearch.layout import Layout

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Deletions:
    """The ids of deleted articles."""

    client: Elasticsearch
    layout: Layout

    def note(self, ids: Sequence[str]) -> Sequence[Done]:
        """Write ids down; returns what was refused."""
        if not self.client.indices.exists(index=self.layout.deleted):
            self._make()
        operations = [
            Operation({"index": {"_index": self.layout.deleted, "_id": id}}, msgspec.json.encode({}))
            for id in ids
        ]
        return [done for done in send(self.client, operations) if not done.ok]

    def noted(self) -> Sequence[str]:
        """All ids written down."""
        self.client.options(ignore_status=404).indices.refresh(index=self.layout.deleted)
        found: list[str] = []
        after: list[Any] | None = None
        while True:
            answer = self.client.search(
                index=self.layout.deleted,
                ignore_unavailable=True,
                allow_partial_search_results=False,
                sort=[{"_seq_no": "asc"}],
                search_after=after,
                size=AT_ONCE,
                source=False,
            )
            hits = answer["hits"]["hits"]
            found += [hit["_id"] for hit in hits]
            if len(hits) < AT_ONCE:
                return found
            after = hits[-1]["sort"]

    def forget(self, ids: Sequence[str]) -> None:
        """Cross out ids that no rebuild needs to know any more."""
        for _ in send(
            self.client, [Operation({"delete": {"_index": self.layout.deleted, "_id": id}}) for id in ids]
        ):
            pass

    def places(self, ids: Sequence[str], index: str) -> Mapping[str, list[str]]:
        """In which indices behind `index` each article lies, of those that lie anywhere."""
        found: dict[str, list[str]] = {}
        for at in range(0, len(ids), AT_ONCE):
            answer = self.client.search(
                index=index,
                ignore_unavailable=True,
                allow_partial_search_results=False,
                query={"ids": {"values": list(ids[at : at + AT_ONCE])}},
                size=10 * AT_ONCE,
                source=False,
                track_total_hits=False,
            )
            for hit in answer["hits"]["hits"]:
                found.setdefault(hit["_id"], []).append(hit["_index"])
        return found

    def remove(self, places: Mapping[str, Sequence[str]]) -> Sequence[Done]:
        """Delete articles from indices; returns what was refused, but not for being gone already."""
        operations = [
            Operation({"delete": {"_index": index, "_id": id}})
            for id, indices in places.items()
            for index in indices
        ]
        return [done for done in send(self.client, operations) if done.status not in (200, 404)]

    def _make(self) -> None:
        try:
            self.client.indices.create(
                index=self.layout.deleted,
                settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"},
                mappings={"dynamic": False},
            )
        except ApiError as e:
            if e.message != "resource_already_exists_exception":
                raise
