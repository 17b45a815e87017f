"""Retention and compaction of one topic, in small steps, so that readers and writers get their turn."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from shared.bus.local.topic_log import TopicLog

TOMBSTONES_KEPT = timedelta(days=1)
"""How long an empty value, which says that its key is gone, stays for readers that were away."""

_ROWS = 1000
_PAGES = 2000
_WORTH_GIVING_BACK = 5000
"""Empty pages (of 4 KiB) that may stay in the file for the records to come."""


def tidy(log: TopicLog, now: int) -> None:
    """Remove what the topic's settings no longer keep at `now`, in milliseconds."""
    if log.settings.retention is not None:
        _expire(log, now - _milliseconds(log.settings.retention))
    if log.settings.compacted:
        _compact(log, now - _milliseconds(TOMBSTONES_KEPT))
    _shrink(log)
    log.fold_journal()


def _expire(log: TopicLog, before: int) -> None:
    for number in range(log.partitions):
        end = log.offset_at(number, before)
        while True:
            with _in_turn():
                gone = log.delete_before(number, end, _ROWS)
            if gone == 0:
                break


def _compact(log: TopicLog, tombstones_before: int) -> None:
    # A row once superseded stays so; hence the list holds while others write.
    rows = log.superseded(tombstones_before)
    for start in range(0, len(rows), _ROWS):
        with _in_turn():
            log.delete_rows(rows[start : start + _ROWS])


def _shrink(log: TopicLog) -> None:
    for _ in range(_WORTH_GIVING_BACK, log.empty_pages(), _PAGES):
        with _in_turn():
            log.give_back(_PAGES)


@contextmanager
def _in_turn() -> Iterator[None]:
    """Do one step, then leave the write lock to others for as long as it took."""
    began = time.monotonic()
    yield
    time.sleep(time.monotonic() - began)


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
