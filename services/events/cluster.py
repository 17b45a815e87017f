"""Which articles are about one event: a pure function of their facts, the same in whatever order they come."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.events.components import components
from services.events.keys import Key, event_keys
from services.events.profile import Profile, profile
from services.events.relation import same_event
from shared.contracts.messages import EventFacts


def cluster(facts: Iterable[EventFacts]) -> frozenset[frozenset[str]]:
    """The events among the articles, each as the ids of its articles. An article about no event is in none."""
    profiles = {p.id: p for each in facts if (p := profile(each))}
    posted: defaultdict[Key, list[str]] = defaultdict(list)
    for id, each in profiles.items():
        for key in event_keys(each).posted:
            posted[key].append(id)

    def near(one: Profile) -> Iterator[str]:
        for key in event_keys(one).probed:
            yield from posted.get(key, ())

    parts = components(profiles, same_event, near)
    return frozenset(part for part in parts if any(profiles[id].is_event for id in part))
