"""The backing indices: which there are, which are in service, and how one is made or taken out.

The aliases in the cluster's state are the one truth about that, and every change to them is made in one step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from shared.index.elasticsearch.layout import FIELDS, Layout, month_and_generation
from shared.index.port import IndexUnavailable

Aliases = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Indices:
    """The backing indices of one layout."""

    client: Elasticsearch
    layout: Layout

    def all(self) -> Aliases:
        """Every backing index, in service or not, with its aliases."""
        told = self.client.indices.get_alias(index=self.layout.every, allow_no_indices=True).body
        return {
            index: frozenset(has["aliases"])
            for index, has in sorted(told.items())
            if month_and_generation(index) is not None
        }

    def in_service(self) -> Sequence[str]:
        """Those that are searched now, oldest month first."""
        return [index for index, aliases in self.all().items() if self.layout.all in aliases]

    def make_month(self, month: str) -> None:
        """Make the index that takes a month's articles, unless another writer was faster.

        Raises IndexUnavailable when the articles there are have fields of another version.
        """
        known = self.all()
        if any(self.layout.write(month) in aliases for aliases in known.values()):
            return
        for index, aliases in known.items():
            if self.layout.all in aliases and self.layout.ours not in aliases:
                raise IndexUnavailable(
                    f"{index} was indexed by another version of this program, not v{FIELDS}; rebuild the index first"
                )
        self.make(month, self.serving(month), known)

    def make(self, month: str, aliases: Sequence[str], known: Aliases) -> str | None:
        """Make the next generation of a month's index; None when somebody else just did.

        `known` is what the decision to make it rests on: of two who saw the same, the name lets one through.
        """
        name = self.layout.backing(month, _next_generation(month, known))
        self.client.indices.put_index_template(**self.layout.template())
        try:
            self.client.indices.create(index=name, aliases={alias: {} for alias in aliases})
        except ApiError as e:
            if e.message == "resource_already_exists_exception":
                return None
            raise
        return name

    def serving(self, month: str) -> tuple[str, str, str]:
        """The aliases of an index in service."""
        return (self.layout.all, self.layout.ours, self.layout.write(month))

    def remove(self, indices: Sequence[str]) -> None:
        """Delete indices; those that are gone are passed over."""
        for index in indices:
            self.client.options(ignore_status=404).indices.delete(index=index)

    def take_next(self, indices: Sequence[str]) -> bool:
        """Take indices that a rebuild is filling away from it; False when it was faster and they are in service."""
        actions = [{"remove": {"index": i, "alias": self.layout.next, "must_exist": True}} for i in indices]
        return self.change(actions)

    def change(self, actions: Sequence[Mapping[str, Any]]) -> bool:
        """Change aliases, all in one step; False when one that must exist did not, and nothing was changed."""
        try:
            self.client.indices.update_aliases(actions=actions)
        except NotFoundError:
            return False
        return True

    def stop_writes(self, indices: Sequence[str]) -> None:
        """Refuse writes from now on; returns when those under way have ended."""
        for index in indices:
            self.client.indices.add_block(index=index, block="write")

    def allow_writes(self, indices: Sequence[str]) -> None:
        """Take writes again; indices that are gone are passed over."""
        for index in indices:
            self.client.options(ignore_status=404).indices.put_settings(
                index=index, settings={"index.blocks.write": None}
            )


def _next_generation(month: str, known: Aliases) -> int:
    names = [month_and_generation(index) for index in known]
    return 1 + max((found[1] for found in names if found and found[0] == month), default=0)
