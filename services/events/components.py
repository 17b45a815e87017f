"""Connected components of a relation: the parts that follow from who is related to whom, in whatever order."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Item = TypeVar("Item")


def components(items: Mapping[str, Item], related: Callable[[Item, Item], bool]) -> frozenset[frozenset[str]]:
    """The parts of `items`, by key; `related` must be symmetric.

    Each item is compared only with those no part has taken yet: a part whose members are all related costs one
    comparison per member, not one per pair.
    """
    left = dict(items)
    parts = []
    while left:
        key, item = left.popitem()
        part = {key}
        queue = [item]
        while queue:
            current = queue.pop()
            found = [other for other, candidate in left.items() if related(current, candidate)]
            queue += [left.pop(other) for other in found]
            part.update(found)
        parts.append(frozenset(part))
    return frozenset(parts)
