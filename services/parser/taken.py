"""Stretches of a text that are taken, none overlapping another: quick also where a text holds tens of thousands."""

from bisect import bisect_left


class Taken:
    """The stretches taken so far, half-open."""

    def __init__(self) -> None:
        self._in_order: list[tuple[int, int]] = []

    def take(self, start: int, end: int) -> bool:
        """Take a stretch (of at least one character) if nothing of it is taken; says whether it was."""
        at = bisect_left(self._in_order, (start, end))
        if at and self._in_order[at - 1][1] > start:
            return False
        if at < len(self._in_order) and self._in_order[at][0] < end:
            return False
        self._in_order.insert(at, (start, end))
        return True
