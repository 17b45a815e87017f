"""Parts kept up to date: what `components` gives over everything, found again from what one arrival touches."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from services.events.components import components
from services.events.keys import Keys

Item = TypeVar("Item")
Part = frozenset[str]


class Partition(Generic[Item]):
    """Items by id, in parts. `related` is symmetric; items it relates share an index key.

    An arrival can split only the part it was in, and join only parts it is related to: all others stay.
    """

    def __init__(self, related: Callable[[Item, Item], bool], keys: Callable[[Item], Keys]) -> None:
        self._related = related
        self._keys = keys
        self._items: dict[str, Item] = {}
        self._parts: dict[str, Part] = {}
        # By hash, and a single id as it is: keys and sets would be most of what is held. Where two keys have one hash
        # there is a candidate too many, and the relation is asked.
        self._index: dict[int, str | set[str]] = {}

    def __len__(self) -> int:
        return len(self._items)

    def parts(self) -> frozenset[Part]:
        """All parts."""
        return frozenset(self._parts.values())

    def part(self, id: str) -> Part:
        """The part of an item; empty for one that is in none."""
        return self._parts.get(id, frozenset())

    def after(self, id: str, item: Item | None) -> tuple[Part, ...]:
        """The parts there will be in place of those touched once `id` is `item` (None: gone). Changes nothing."""
        rest = self._without(id, item)
        if item is None:
            return tuple(rest)
        joined = {part for part in rest if self._touches(item, part)}
        own = self.part(id)
        tried: dict[Part, bool] = {}
        for other in self._candidates(item):
            part = self._parts[other]
            if part is own or tried.get(part):
                continue
            tried[part] = self._related(item, self._items[other])
        joined.update(part for part, related in tried.items() if related)
        left = [part for part in rest if part not in joined]
        return (frozenset({id}).union(*joined), *left)

    def apply(self, id: str, item: Item | None, parts: Iterable[Part]) -> None:
        """Keep what `after` said."""
        old = self._items.pop(id, None)
        self._parts.pop(id, None)
        if old is not None:
            self._unpost(id, old)
        if item is not None:
            self._items[id] = item
            for key in self._keys(item).posted:
                self._post(hash(key), id)
        for part in parts:
            self._parts.update(dict.fromkeys(part, part))

    def restore(self, items: Mapping[str, Item], groups: Iterable[Iterable[str]]) -> None:
        """Begin with parts that were kept. Each is looked through, for it may have been kept half."""
        for id, item in items.items():
            self.apply(id, item, ())
        for group in groups:
            for part in components({id: items[id] for id in group}, self._related):
                self._parts.update(dict.fromkeys(part, part))

    def _without(self, id: str, item: Item | None) -> list[Part]:
        """What is left of the item's part without it; undivided where the item says the same as before."""
        rest = self.part(id) - {id}
        if not rest:
            return []
        if item is not None and item == self._items[id]:
            return [rest]
        return list(components({other: self._items[other] for other in rest}, self._related))

    def _touches(self, item: Item, part: Part) -> bool:
        return any(self._related(item, self._items[other]) for other in part)

    def _candidates(self, item: Item) -> Iterable[str]:
        found: set[str] = set()
        for key in self._keys(item).probed:
            posted = self._index.get(hash(key), ())
            if isinstance(posted, str):
                found.add(posted)
            else:
                found.update(posted)
        return found

    def _post(self, key: int, id: str) -> None:
        posted = self._index.setdefault(key, id)
        if isinstance(posted, set):
            posted.add(id)
        elif posted != id:
            self._index[key] = {posted, id}

    def _unpost(self, id: str, item: Item) -> None:
        for key in {hash(key) for key in self._keys(item).posted}:
            posted = self._index[key]
            if isinstance(posted, set) and len(posted) > 1:
                posted.discard(id)
            else:
                del self._index[key]
