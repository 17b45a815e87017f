"""Groups: who is a member, and which partitions each member holds."""

import json
import os
import re
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import uuid4

from shared.bus.local.database import telling
from shared.bus.local.locks import FileLock, is_held, remove
from shared.bus.local.sharing import share
from shared.bus.port import BusError, Partition

_JOINING = ".joining-"


def group_folder(root: Path, group: str) -> Path:
    """Where the group is kept. Raises BusError for a name that cannot be a folder's."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", group):
        raise BusError(
            f"{group!r} is no name for a group: use up to 200 of A-Z a-z 0-9 . _ - and no dot in front"
        )
    return root / "groups" / group


def partition_lock(group: Path, place: Partition) -> FileLock | None:
    """The lock that makes its holder the one reader of the partition, or None while another has it."""
    with telling(group):
        folder = group / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock.take(folder / f"{place.topic}.{place.number}")


def live_members(group: Path) -> set[str]:
    """The ids of the members whose processes live. What dead ones left behind is removed."""
    with telling(group):
        try:
            names = [name for name in os.listdir(group / "members") if not name.startswith(".")]
        except FileNotFoundError:
            return set()
        alive = {name for name in names if is_held(group / "members" / name)}
        for name in set(names) - alive:
            remove(group / "members" / name)
        return alive


class Membership:
    """One member of a group: it is known to the others and holds partitions. One thread at a time."""

    def __init__(self, group: Path, topics: Mapping[str, int]) -> None:
        """Join. `topics` says how many partitions each topic has that the member takes part in."""
        self._group = group
        self._peers: dict[str, Mapping[str, int]] = {}
        self._target: frozenset[Partition] = frozenset()
        self._held: dict[Partition, FileLock] = {}
        self._lock, self.id = self._join(topics)
        me = weakref.ref(self)
        # A forked child has copies of the locks, which would outlive this process.
        os.register_at_fork(after_in_child=lambda: _forget(me()))

    def target(self) -> frozenset[Partition]:
        """The partitions that should be this member's, as the living members stand now."""
        alive = live_members(self._group)
        if alive != self._peers.keys():
            known = {id: self._peers.get(id) or self._topics_of(id) for id in alive}
            self._peers = {id: topics for id, topics in known.items() if topics is not None}
            shares = share(self._peers)
            self._target = frozenset(place for place, owner in shares.items() if owner == self.id)
        return self._target

    def held(self) -> frozenset[Partition]:
        """The partitions that are this member's."""
        return frozenset(self._held)

    def take(self, wanted: Iterable[Partition]) -> frozenset[Partition]:
        """Take those that nobody holds; returns what was got."""
        got = {place: lock for place in wanted if (lock := partition_lock(self._group, place))}
        self._held |= got
        return frozenset(got)

    def release(self, places: Iterable[Partition]) -> None:
        """Leave them to others."""
        for place in places:
            self._held.pop(place).release()

    def leave(self) -> None:
        """Give up everything and be no member any more. May be called twice."""
        self.release(self.held())
        with telling(self._group):
            remove(self._lock.path)
        self._lock.release()

    def _join(self, topics: Mapping[str, int]) -> tuple[FileLock, str]:
        id = f"{os.getpid()}-{uuid4().hex}"
        with telling(self._group):
            folder = self._group / "members"
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock.take(folder / f"{_JOINING}{id}")
            if lock is None:
                raise BusError(f"{folder / id} is held by another process: that name should be ours alone")
            lock.write(json.dumps(dict(topics)).encode())
            # Under its final name it is complete and locked from the first moment: nobody takes it for dead.
            lock.move(folder / id)
        return lock, id

    def _topics_of(self, id: str) -> Mapping[str, int] | None:
        try:
            topics: dict[str, int] = json.loads((self._group / "members" / id).read_bytes())
        except FileNotFoundError:  # it has just left
            return None
        return topics


def _forget(membership: Membership | None) -> None:
    if membership is not None:
        for lock in (membership._lock, *membership._held.values()):
            lock.release()
