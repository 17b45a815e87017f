"""Which articles there are, and which event and which copy each belongs to: the events service's memory.

Built from the store on start, so that a standby takes over where another was killed. `plan` says what an arrival
changes and changes nothing; `apply` makes it so. What the plans lead to is what `cluster` and `duplicate_groups`
give over all articles at once, whatever the order they came in.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from msgspec.structs import replace

from services.events.compose import compose
from services.events.documents import ARTICLES, ArticleHead, decode_entry
from services.events.duplicates import is_duplicate, rank
from services.events.keys import duplicate_keys, event_keys
from services.events.partition import Part, Partition
from services.events.profile import Profile, profile
from services.events.redirects import Redirects
from services.events.relation import same_event
from services.events.when import When
from shared.contracts.article import Article, Carrier, EventRef
from shared.contracts.events import EVENTS, EventDocument, decode_event
from shared.contracts.messages import EventFacts
from shared.store.port import Store


@dataclass(frozen=True, slots=True)
class Member:
    """An article as far as grouping and composing need it; `profile` is None for one that is about no event."""

    facts: EventFacts
    profile: Profile | None
    title: str
    names: Mapping[str, str]
    first_seen_at: datetime
    carrier: Carrier

    @property
    def when(self) -> When:
        """When it says its event was."""
        return self.profile.when if self.profile else When()

    @property
    def source(self) -> str:
        """The name of its source."""
        return self.carrier.source

    @property
    def language(self) -> str:
        """The language it is written in."""
        return self.facts.language

    @property
    def signature(self) -> bytes:
        """Its MinHash."""
        return self.facts.signature


@dataclass(frozen=True, slots=True)
class Placement:
    """What grouping says of one article."""

    event: EventRef | None = None
    duplicate_of: str | None = None
    carried_by: tuple[Carrier, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an arrival changes. `placements` and `events` hold only what differs from before."""

    id: str
    member: Member | None
    placements: Mapping[str, Placement]
    events: Mapping[str, EventDocument]
    parts: tuple[Part, ...]
    copies: tuple[Part, ...]


def member(article: Article | ArticleHead, facts: EventFacts) -> Member:
    """The part of an article the registry remembers."""
    # What only the profile is made from is not held twice: every article there is is held.
    return Member(
        facts=replace(facts, dates=(), title_terms=(), organisations=()),
        profile=profile(facts),
        title=article.title,
        names={tag.id: tag.name for tag in article.alliances if tag.role == "subject"},
        first_seen_at=article.first_seen_at,
        carrier=Carrier(source=article.source.name, url=article.url),
    )


class Registry:
    """The state of grouping."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._placements: dict[str, Placement] = {}
        self._events: dict[str, EventDocument] = {}
        self._redirects = Redirects()
        self._parts: Partition[Profile] = Partition(same_event, event_keys)
        self._copies: Partition[Member] = Partition(is_duplicate, duplicate_keys)

    @classmethod
    def load(cls, store: Store) -> "Registry":
        """What the store holds. Raises StoreUnavailable."""
        registry = cls()
        for stored in store.list(ARTICLES):
            entry = decode_entry(stored.body)
            article = entry.article
            registry._members[article.id] = member(article, entry.facts)
            registry._placements[article.id] = Placement(
                article.event, article.duplicate_of, article.carried_by
            )
        registry._restore({e.id: decode_event(e.body) for e in store.list(EVENTS, {"state": "live"})})
        for stored in store.list(EVENTS, {"state": "redirect"}):
            # One that articles still name was kept by half: it is live until the merge comes again.
            if stored.id not in registry._events:
                registry._redirects.note(decode_event(stored.body))
        return registry

    def __len__(self) -> int:
        return len(self._members)

    def events(self) -> frozenset[Part]:
        """The events, as the ids of their articles."""
        parts = self._parts.parts()
        return frozenset(part for part in parts if any(_is_event(self._members[m]) for m in part))

    def placement(self, id: str) -> Placement:
        """Where an article stands."""
        return self._placements.get(id, Placement())

    def merged(self, event: EventRef | None) -> tuple[str, ...]:
        """The ids that now stand for this event, by redirects, in order; none for no event."""
        return self._redirects.to(event.id) if event else ()

    def plan(self, id: str, arrived: Member | None) -> Plan:
        """What changes once the article `id` is as it arrived; with None, once it is gone."""
        parts = self._parts.after(id, arrived.profile if arrived else None)
        copies = self._copies.after(id, arrived)
        members = {m: self._members[m] for part in (*parts, *copies) for m in part if m != id}
        if arrived:
            members[id] = arrived
        events, refs = self._events_of(id, parts, members)
        touched = set[str]().union(*parts, {id} if arrived else ())
        placements = self._placed(id, touched, refs, copies, members)
        return Plan(id, arrived, placements, events, parts, copies)

    def apply(self, plan: Plan) -> None:
        """Make a plan so. Plans are made for the state as it is: apply each before making the next."""
        if plan.member:
            self._members[plan.id] = plan.member
        else:
            self._members.pop(plan.id, None)
            self._placements.pop(plan.id, None)
        self._parts.apply(plan.id, plan.member.profile if plan.member else None, plan.parts)
        self._copies.apply(plan.id, plan.member, plan.copies)
        self._placements.update(plan.placements)
        for event in plan.events.values():
            self._redirects.note(event)
            if event.articles:
                self._events[event.id] = event
            else:
                self._events.pop(event.id, None)

    # Events.

    def _events_of(
        self, id: str, parts: tuple[Part, ...], members: Mapping[str, Member]
    ) -> tuple[dict[str, EventDocument], dict[str, EventRef]]:
        """The events that change, and for every article of the parts its event, if any."""
        before = self._before(id, parts)
        parts = tuple(part for part in parts if any(_is_event(members[m]) for m in part))
        heirs = {e: _heir(were, parts, members) for e, were in before.items()}
        changed = {e: _ended(self._events[e]) for e, heir in heirs.items() if heir is None}
        refs: dict[str, EventRef] = {}
        taken = set(before)
        for part in sorted(parts, key=lambda p: _oldest(p, members)):
            mine = [self._events[e] for e, heir in heirs.items() if heir == part]
            event = min(mine, key=lambda e: e.age) if mine else self._mint(part, members, taken)
            taken.add(event.id)
            facts = compose(members[m] for m in part)
            changed[event.id] = replace(event, facts=facts, articles=tuple(sorted(part)))
            changed.update((e.id, _ended(e, event.id)) for e in mine if e.id != event.id)
            refs.update(dict.fromkeys(part, EventRef(id=event.id, title=facts.title)))
        return {e: doc for e, doc in changed.items() if doc != self._events.get(e)}, refs

    def _before(self, id: str, parts: Iterable[Part]) -> dict[str, list[str]]:
        """The events articles of these parts were in until now, each with those articles."""
        found: dict[str, list[str]] = {}
        for each in sorted({id}.union(*parts)):
            if event := self.placement(each).event:
                found.setdefault(event.id, []).append(each)
        return found

    def _mint(self, part: Part, members: Mapping[str, Member], taken: set[str]) -> EventDocument:
        """A new event, named for its oldest article; numbered where an event that left it behind has the name."""
        founded_at, founder = _oldest(part, members)
        names = chain((f"ev-{founder}",), (f"ev-{founder}-{n}" for n in count(2)))
        free = next(name for name in names if name not in taken and name not in self._events)
        return EventDocument(id=free, founded_at=founded_at, founder=founder)

    # Articles.

    def _placed(
        self,
        id: str,
        touched: Collection[str],
        refs: Mapping[str, EventRef],
        copies: tuple[Part, ...],
        members: Mapping[str, Member],
    ) -> dict[str, Placement]:
        """Placements that differ from before."""
        placed: dict[str, Placement] = {}
        for group in copies:
            ranked = sorted(group, key=lambda m: rank(members[m].facts))
            carriers = tuple(
                sorted((members[m].carrier for m in ranked[1:]), key=lambda c: (c.source, c.url))
            )
            placed[ranked[0]] = Placement(carried_by=carriers)
            placed.update((m, Placement(duplicate_of=ranked[0])) for m in ranked[1:])
        for m in touched:
            placed.setdefault(m, self.placement(m))
        result = {}
        for m, p in placed.items():
            event = refs.get(m) if m in touched else self.placement(m).event
            result[m] = Placement(event, p.duplicate_of, p.carried_by)
        return {m: p for m, p in result.items() if m == id or p != self.placement(m)}

    # Restoring.

    def _restore(self, events: Mapping[str, EventDocument]) -> None:
        """Take up what was kept, whole or half: what does not fit together is put right at its next arrival."""
        groups: dict[str, list[str]] = {}
        copies: dict[str, list[str]] = {}
        for id, placement in self._placements.items():
            copies.setdefault(placement.duplicate_of or id, []).append(id)
            if self._members[id].profile:
                groups.setdefault(placement.event.id if placement.event else f"none {id}", []).append(id)
        profiles = {id: m.profile for id, m in self._members.items() if m.profile}
        self._parts.restore(profiles, groups.values())
        self._copies.restore(self._members, copies.values())
        for part in sorted(self._parts.parts(), key=lambda p: _oldest(p, self._members)):
            founded_at, founder = _oldest(part, self._members)
            ref = self.placement(founder).event
            if ref is None or ref.id in self._events:
                for id in part:
                    held = self.placement(id)
                    self._placements[id] = Placement(None, held.duplicate_of, held.carried_by)
            else:
                found = EventDocument(id=ref.id, founded_at=founded_at, founder=founder)
                self._events[ref.id] = events.get(ref.id, found)


def _is_event(of: Member) -> bool:
    return of.profile is not None and of.profile.is_event


def _heir(were: Iterable[str], parts: Iterable[Part], members: Mapping[str, Member]) -> Part | None:
    """An event's id stays with the part that has the oldest of its articles."""
    part_of = {m: part for part in parts for m in part}
    left = [m for m in were if m in part_of]
    return part_of[min(left, key=lambda m: _age(m, members))] if left else None


def _age(id: str, members: Mapping[str, Member]) -> tuple[datetime, str]:
    return members[id].first_seen_at, id


def _oldest(part: Part, members: Mapping[str, Member]) -> tuple[datetime, str]:
    return min(_age(m, members) for m in part)


def _ended(event: EventDocument, merged_into: str | None = None) -> EventDocument:
    return replace(event, facts=None, articles=(), redirect=merged_into)
