"""Making all indices anew while others write and search.

Each index in service gets a successor, which is filled from the articles it keeps, in the order of its sequence numbers,
so that catching up is the same as copying. When little is left, writes are refused for a moment (writers wait), the rest
is copied, what was deleted meanwhile is left out, and all aliases move in one step, so that a search sees either all old
indices or all new ones. A rebuild that is killed leaves the old ones in service; the next one removes what it left.

The alias `next` decides who may put successors in service: moving the aliases fails unless it is still there, and
whoever gives a rebuild up takes it away first.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from elasticsearch import ApiError, Elasticsearch, TransportError

from shared.contracts.article import Article
from shared.elastic import refusal, send
from shared.index.elasticsearch.deletion import Deletions
from shared.index.elasticsearch.document import operation
from shared.index.elasticsearch.indices import Indices
from shared.index.elasticsearch.layout import Layout, month_and_generation
from shared.index.port import IndexUnavailable

PAGE = 200  # articles copied at once
ENDED_WITHIN = 10.0  # seconds in which all copies of an index must have what was written
LITTLE = 500  # changes left that are copied while writes wait


def end_abandoned_rebuild(indices: Indices) -> bool:
    """Give up a rebuild that stopped writes and then died; whether there was one."""
    left = [index for index, aliases in indices.all().items() if indices.layout.next in aliases]
    if not left or not indices.take_next(left):
        return False
    indices.allow_writes(indices.in_service())
    indices.remove(left)
    return True


class Rebuild:
    """One rebuild, of whatever is in service."""

    def __init__(self, client: Elasticsearch, layout: Layout) -> None:
        self._client = client
        self._layout = layout
        self._indices = Indices(client, layout)
        self._deletions = Deletions(client, layout)
        self._successors: dict[str, str] = {}
        # The last sequence number copied, of each index and shard.
        self._copied: dict[tuple[str, str], int] = {}
        self._stopped: Sequence[str] = ()

    def run(self) -> Iterator[int]:
        """Do it, telling how many articles and changes have been copied so far. Raises IndexUnavailable."""
        self._remove_what_others_left()
        done, left = 0, LITTLE + 1
        try:
            while left > LITTLE:
                left = 0
                for count in self._copy(self._indices.in_service()):
                    left, done = left + count, done + count
                    yield done
            self._change_places()
        except BaseException:
            with suppress(ApiError, TransportError):  # what went wrong first is what is to be told
                self._give_up()
            raise

    def _remove_what_others_left(self) -> None:
        end_abandoned_rebuild(self._indices)
        self._indices.remove([index for index, aliases in self._indices.all().items() if not aliases])

    def _copy(self, indices: Sequence[str]) -> Iterator[int]:
        """Copy what has been written since the last time, telling how many articles each step copied."""
        for index in indices:
            successor = self._successor(index)
            for shard, (last, _) in self._written(index).items():
                since = self._copied.get((index, shard), -1)
                for articles, reached in self._changes(index, shard, since, last):
                    self._keep(index, articles, successor)
                    self._copied[index, shard] = reached
                    if articles:
                        yield len(articles)

    def _written(self, index: str) -> Mapping[str, tuple[int, int]]:
        """Of each shard the number up to which every write has ended and can be searched, and the last one given."""
        told = self._client.indices.stats(index=index, level="shards")["indices"][index]["shards"]
        numbers = {
            shard: next(copy["seq_no"] for copy in copies if copy["routing"]["primary"])
            for shard, copies in told.items()
        }
        self._client.indices.refresh(index=index)
        return {shard: (no["global_checkpoint"], no["max_seq_no"]) for shard, no in numbers.items()}

    def _changes(
        self, index: str, shard: str, since: int, last: int
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
        """The articles of a shard that were written after `since` and up to `last`, a page at a time."""
        while since < last:
            answer = self._client.search(
                index=index,
                preference=f"_shards:{shard}",
                allow_partial_search_results=False,
                query={"range": {"_seq_no": {"gt": since, "lte": last}}},
                sort=[{"_seq_no": "asc"}],
                size=PAGE,
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            since = hits[-1]["sort"][0] if len(hits) == PAGE else last
            yield [hit["_source"] for hit in hits], since

    def _keep(self, index: str, articles: Sequence[Mapping[str, Any]], successor: str) -> None:
        operations = [operation(self._layout, msgspec.convert(a, Article), successor) for a in articles]
        for done in send(self._client, operations):
            if not done.ok and done.status != 409:
                said = refusal(done.status, done.kind, done.reason)
                raise IndexUnavailable(f"{index}/{done.id} cannot be copied: it {said}")

    def _successor(self, index: str) -> str:
        if index not in self._successors:
            month, _ = month_and_generation(index) or ("", 0)
            made = self._indices.make(month, [self._layout.next], self._indices.all())
            if made is None:
                raise IndexUnavailable(f"{index}: somebody else is rebuilding it; wait until that is done")
            self._successors[index] = made
        return self._successors[index]

    def _change_places(self) -> None:
        """Copy the rest while writes wait, and put the successors in service."""
        old = self._stopped = self._indices.in_service()
        self._indices.stop_writes(old)
        self._copy_the_rest(old)
        noted = self._leave_out_deleted()
        actions: list[Mapping[str, Any]] = [
            {"remove": {"index": successor, "alias": self._layout.next, "must_exist": True}}
            for successor in self._successors.values()
        ]
        for index in old:
            month, _ = month_and_generation(index) or ("", 0)
            actions.append({"remove": {"index": index, "alias": "*"}})
            actions += [
                {"add": {"index": self._successors[index], "alias": alias}}
                for alias in self._indices.serving(month)
            ]
        if actions and not self._indices.change(actions):
            raise IndexUnavailable(
                f"{self._layout.all}: this rebuild was given up by a writer that waited too long or by another "
                "rebuild; start it again"
            )
        self._stopped = ()
        # Also what succeeds a month that was dropped meanwhile.
        self._indices.remove([*old, *(new for was, new in self._successors.items() if was not in old)])
        self._deletions.forget(noted)

    def _copy_the_rest(self, old: Sequence[str]) -> None:
        deadline = time.monotonic() + ENDED_WITHIN
        while True:
            for _ in self._copy(old):
                pass
            if all(ended == given for i in old for ended, given in self._written(i).values()):
                return
            if time.monotonic() > deadline:
                raise IndexUnavailable(
                    f"{self._layout.all}: its copies do not agree; see the cluster's health"
                )

    def _leave_out_deleted(self) -> Sequence[str]:
        """Delete from the successors what was deleted meanwhile; the ids that were looked at."""
        noted = self._deletions.noted()
        if self._successors:
            self._client.indices.refresh(index=self._layout.next)
        there = self._deletions.places(noted, self._layout.all)
        gone = self._deletions.places([id for id in noted if id not in there], self._layout.next)
        for done in self._deletions.remove(gone):
            raise IndexUnavailable(
                f"{done.index}/{done.id} cannot be left out: it {refusal(done.status, done.kind, done.reason)}"
            )
        if gone:
            self._client.indices.refresh(index=self._layout.next)
        return noted

    def _give_up(self) -> None:
        successors = list(self._successors.values())
        if successors and self._indices.take_next(successors):
            self._indices.remove(successors)
        self._indices.allow_writes(self._stopped)
