"""Who of a group gets which partition: a plain function that every member computes alike."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from shared.bus.port import Partition

_BACKFILL = "-backfill"  # as in shared/contracts/topics.py, which is above this layer


def share(members: Mapping[str, Mapping[str, int]]) -> dict[Partition, str]:
    """Give every partition to one of the members that take part in its topic.

    `members` says for each member its topics and how many partitions each has. Shares within a topic differ by one at
    most, and what is left over goes to whoever has least. Partition n of a topic and of its backfill lane go to the
    same member when the same members take part in both: a key's owner is one, whatever the lane. When a member comes
    or goes, few partitions move that need not (highest random weight hashing, Thaler and Ravishankar 1998, with
    a bound on the load).
    """
    load: Counter[str] = Counter()
    shared: dict[Partition, str] = {}
    for (name, count, takers), lanes in sorted(_units(members).items()):
        for number, owner in enumerate(list(_owners(name, count, takers, load))):
            shared.update({Partition(lane, number): owner for lane in lanes})
            load[owner] += len(lanes)
    return shared


def _units(members: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, int, tuple[str, ...]], list[str]]:
    """Topics that are shared out together: name without lane, partitions, takers → lanes."""
    takers: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for member in sorted(members):
        for topic, count in members[member].items():
            takers[topic, count].append(member)
    units: defaultdict[tuple[str, int, tuple[str, ...]], list[str]] = defaultdict(list)
    for (topic, count), ids in takers.items():
        units[topic.removesuffix(_BACKFILL), count, tuple(ids)].append(topic)
    return units


def _owners(name: str, count: int, takers: Sequence[str], load: Mapping[str, int]) -> Iterator[str]:
    """The owner of each partition in turn: the taker that draws it, of those whose share is not full yet."""
    quota = count // len(takers)
    given: Counter[str] = Counter()
    for number in range(count):

        def weight(member: str, number: int = number) -> bytes:
            return blake2b(f"{name}/{number}/{member}".encode(), digest_size=8).digest()

        short = [member for member in takers if given[member] < quota]
        even = [member for member in takers if given[member] == quota]
        owner = (
            max(short, key=weight)
            if short
            else min(even, key=lambda member: (load.get(member, 0), weight(member)))
        )
        given[owner] += 1
        yield owner
