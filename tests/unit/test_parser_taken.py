"""Stretches that are taken: the quick way agrees with looking at every one."""

from hypothesis import given
from hypothesis import strategies as st

from services.parser.taken import Taken

STRETCHES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=40)


@given(STRETCHES)
def test_what_is_taken_is_what_overlaps_nothing(stretches: list[tuple[int, int]]) -> None:
    taken = Taken()
    naive: list[tuple[int, int]] = []
    for start, length in stretches:
        end = start + length
        free = all(end <= first or start >= last for first, last in naive)
        assert taken.take(start, end) is free
        if free:
            naive.append((start, end))
