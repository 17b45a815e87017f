"""Connected components of a relation: the parts that follow from who is related to whom, in whatever order."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Item = TypeVar("Item")


def components(
    items: Mapping[str, Item],
    related: Callable[[Item, Item], bool],
    near: Callable[[Item], Iterable[str]] | None = None,
) -> frozenset[frozenset[str]]:
    """The parts of `items`, by key; `related` must be symmetric. `near` gives the keys of all that may be related to one.

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
            candidates = left.keys() if near is None else left.keys() & near(current)
            found = [other for other in candidates if related(current, left[other])]
            queue += [left.pop(other) for other in found]
            part.update(found)
        parts.append(frozenset(part))
    return frozenset(parts)
