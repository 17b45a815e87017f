"""Whether two articles are about the same event: a symmetric, pure relation on what they tell of it.

What counts is added up. An edition ("2nd General Assembly") is the strongest sign, then a common day, then the kind
of event, the place, outcomes and the words of the title. Articles that contradict each other on alliance, edition
or time are never about one event, whatever else they share. The article that tells little is joined only to what
it names: two vague articles must not chain two editions of a meeting together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import regex
from babel import Locale

from services.events.duplicates import is_duplicate
from services.events.when import Days, When, when
from shared.contracts.messages import EventFacts

ENOUGH = 3
MEETING_DAYS = 3
EDITION_DAYS = 400
MOST_NAMES = 12
MOST_TERMS = 24
COUNTRIES = frozenset(name.casefold() for name in Locale.parse("en").territories.values())
_SOME_DAY = 730_000
_BODY_ID = regex.compile(r"[a-z0-9_]+")

GATHERINGS = frozenset(
    ("general_assembly", "council_meeting", "conference_forum", "founding_launch", "declaration_consensus")
)
# What comes of a meeting, or goes with it.
OUTCOMES = frozenset(
    [
        "agreement_mou",
        "funding_grant",
        "inscription_nomination",
        "protection_designation",
        "appointment_election",
        "official_visit_meeting",
        "membership_change",
        "governance_change",
        "merger_affiliation",
        "headquarters_secretariat",
        "host_selection",
        "statement_message",
    ]
)
# An alliance brings out one of these at a time: within days of each other they are the same, wherever the sites
# and winners are. Later news of it must say so.
LISTS = frozenset(("award", "watchlist_publication"))
LIST_DAYS = 14
WITHOUT_ONE_PLACE = LISTS | {"funding_grant", "funding_call"}
# Days over which one such event stays in the news, where it is the headline.
REACH = {
    "agreement_mou": 7,
    "anniversary_commemoration": 7,
    "appointment_election": 14,
    "award": 200,
    "conservation_completion": 30,
    "conservation_works": 45,
    "damage_threat": 21,
    "discovery_excavation": 30,
    "exhibition": 60,
    "funding_call": 120,
    "funding_grant": 120,
    "headquarters_secretariat": 14,
    "host_selection": 7,
    "illicit_trafficking": 21,
    "legislation_policy": 550,
    "membership_change": 14,
    "merger_affiliation": 60,
    "project_launch": 30,
    "protection_designation": 21,
    "publication_report": 45,
    "restitution": 365,
    "training_workshop": 14,
    "watchlist_publication": 200,
}
NO_EVENT = frozenset(("background_profile",))
Edition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Profile:
    """An article's facts, made ready for comparing.

    `editions` are (organ or "", number); `places` are finer than `countries`. `organisations` are those outside the
    taxonomy: the bodies it knows are named in too many articles to tell one event from another. `same_as` is what a
    reader said of it.
    """

    id: str
    alliances: frozenset[str]
    headline: str
    types: frozenset[str]
    editions: frozenset[Edition]
    places: frozenset[str]
    countries: frozenset[str]
    organisations: frozenset[str]
    outcomes: frozenset[str]
    title_terms: frozenset[str]
    when: When
    language: str
    signature: bytes
    same_as: str | None = None

    @property
    def reach(self) -> int:
        """The most days that may lie between this article's event and another's of the same."""
        return max((MEETING_DAYS, *(REACH.get(t, 0) for t in self.types)))

    @property
    def is_meeting(self) -> bool:
        """Whether it reports a gathering, by kind or by number."""
        return bool(self.editions or self.types & GATHERINGS)


def profile(facts: EventFacts) -> Profile | None:
    """The facts made ready; None for an article that is about no event."""
    types = tuple(t for t in facts.event_types if t not in NO_EVENT)
    if not types and facts.same_as in (None, facts.article_id):
        return None
    return Profile(
        id=facts.article_id,
        alliances=frozenset(facts.alliances),
        headline=types[0] if types else "",
        types=frozenset(types),
        editions=_own_editions(facts, types),
        places=_names(p for p in facts.places if not is_country(p)),
        countries=_names(p for p in facts.places if is_country(p)),
        organisations=_names(o for o in facts.organisations if not _BODY_ID.fullmatch(o)),
        outcomes=_names(facts.outcomes),
        title_terms=_terms(facts.title_terms),
        when=when(facts),
        language=facts.language,
        signature=facts.signature,
        same_as=facts.same_as,
    )


def editions(texts: Iterable[str]) -> frozenset[Edition]:
    """Editions from their written form, `general_assembly:2` or `2`; what is neither is passed over."""
    parts = (text.rpartition(":") for text in texts)
    return frozenset((organ, int(number)) for organ, _, number in parts if number.isdecimal())


def same_event(a: Profile, b: Profile) -> bool:
    """Whether the two are about one event. Symmetric; reads nothing but its arguments."""
    if a.same_as or b.same_as:
        return _told_same(a, b)
    if not _kinds_agree(a, b):
        return False
    with_alliance = bool(a.alliances & b.alliances)
    if not with_alliance and not _strangers_may_meet(a, b):
        return False
    edition = _edition(a, b)
    if edition < 0:
        return False
    time = _time(a, b, edition if with_alliance else 0)
    if time is None:
        return _is_copy(a, b)
    place = _place(a, b)
    if not with_alliance and not a.places & b.places:
        place = min(place, 0)  # a country is too wide
    if (a.when.is_open or b.when.is_open) and not (place > 0 or (edition and with_alliance)):
        return False
    score = edition + time + _kind(a, b)
    if place > 0 or time < 0 or not (edition or (a.types & b.types & WITHOUT_ONE_PLACE)):
        score += place
    # Without a time, or without a common alliance, one thing more must agree.
    enough = ENOUGH + (not with_alliance or not (time or edition))
    return score >= enough or score + _story(a, b) >= enough


def _told_same(a: Profile, b: Profile) -> bool:
    """What readers said goes over every sign: such an article is with the one it was put to, and with no other."""
    return a.same_as == b.id or b.same_as == a.id or a.same_as == b.same_as


def _strangers_may_meet(a: Profile, b: Profile) -> bool:
    """Two alliances are two events; where one is unknown, a place, country or organisation must be common."""
    if a.alliances and b.alliances:
        return False
    return bool(_where(a) & _where(b) or a.organisations & b.organisations)


def _where(of: Profile) -> frozenset[str]:
    return of.places | of.countries


def _kinds_agree(a: Profile, b: Profile) -> bool:
    if a.types & b.types:
        return True
    return (a.is_meeting and bool(b.is_meeting or b.types & OUTCOMES)) or (
        b.is_meeting and bool(a.types & OUTCOMES)
    )


def _kind(a: Profile, b: Profile) -> int:
    common = a.types & b.types
    if "general_assembly" in common:
        return 2
    if a.headline == b.headline:
        return 2 if a.headline in LISTS and _gap(a.when.told, b.when.told) <= LIST_DAYS else 1
    return int(bool(common & GATHERINGS))


def _edition(a: Profile, b: Profile) -> int:
    """3 for a common number, 0 for none, -1 where the numbers of one organ differ."""
    agreed = False
    for organ, numbers in _numbers(a).items():
        others = _numbers(b)
        against = others.get(organ, set())
        if numbers & against:
            agreed = True
        elif against and organ[0]:
            return -1
    bare = {n for organ, n in a.editions if not organ}, {n for organ, n in b.editions if not organ}
    every = {n for _, n in a.editions}, {n for _, n in b.editions}
    return 3 if agreed or bare[0] & every[1] or bare[1] & every[0] else 0


def _numbers(of: Profile) -> dict[tuple[str, bool], set[int]]:
    """Numbers by organ; years ("2025 General Assembly") are counted apart from ordinals."""
    found: dict[tuple[str, bool], set[int]] = {}
    for organ, number in of.editions:
        found.setdefault((organ, number > 1000), set()).add(number)
    return found


def _time(a: Profile, b: Profile, edition: int) -> int | None:
    """2 for a common day, 1 for a time that fits, 0 for unknown, None for a contradiction.

    A numbered edition may be told of long before and after, on days of other things: -1.
    """
    fits = _days_fit(a, b, edition)
    if fits is None and edition and _only_edition(a) and _only_edition(b):
        return -1 if _gap(a.when.told, b.when.told) <= EDITION_DAYS else None
    return fits


def _days_fit(a: Profile, b: Profile, edition: int) -> int | None:
    if a.when.is_open or b.when.is_open:
        return _open_fit(a.when, b.when)
    if a.when.exact and b.when.exact and _gap(a.when.exact, b.when.exact) <= MEETING_DAYS:
        return 2
    if _gap(a.when.told, b.when.told) <= _reach(a, b):
        return 1
    if edition and _gap(a.when.named, b.when.named) <= MEETING_DAYS:
        return 1
    return None


def _is_copy(a: Profile, b: Profile) -> bool:
    """One text of these days is one event, whatever dates were read from what stands around it."""
    windows = a.when.window, b.when.window
    return bool(windows[0] and windows[1] and windows[0].gap(windows[1]) == 0 and is_duplicate(a, b))


def _open_fit(a: When, b: When) -> int | None:
    """1 where days of no year agree with the other's, 0 where there is nothing to compare."""
    one, other = (a, b) if a.yearless else (b, a)
    if not one.yearless or not (other.told or other.yearless):
        return 0
    days = other.told or tuple(d for y in other.yearless for d in y.near(_SOME_DAY))
    edges = [(d, at) for d in days for at in d]
    fits = any(y.gap(d) <= MEETING_DAYS for d, at in edges for each in one.yearless for y in each.near(at))
    return 1 if fits else None


def _reach(a: Profile, b: Profile) -> int:
    days = [REACH.get(p.headline, 0) for p, q in ((a, b), (b, a)) if p.headline in q.types]
    if a.types & b.types & GATHERINGS:
        return MEETING_DAYS
    return max(MEETING_DAYS, *days, 0)


def _gap(a: tuple[Days, ...], b: tuple[Days, ...]) -> int:
    return min((x.gap(y) for x in a for y in b), default=EDITION_DAYS * 10)


def _only_edition(of: Profile) -> bool:
    """Whether all its editions are of named organs, one number each."""
    return all(organ and len(numbers) == 1 for (organ, _), numbers in _numbers(of).items())


def _place(a: Profile, b: Profile) -> int:
    """Cities and sites are compared with one another; a country tells something only where nothing finer is told."""
    if a.places and b.places:
        return 1 if a.places & b.places else -1
    if a.countries and b.countries:
        return 1 if a.countries & b.countries else -1
    return 0


def _story(a: Profile, b: Profile) -> int:
    """What the reports themselves have in common: outcomes, bodies, the title, or the whole text."""
    common = a.title_terms & b.title_terms
    shortest = min(len(a.title_terms), len(b.title_terms))
    alike = int(len(common) >= 3 and len(common) >= 0.4 * shortest)
    score = alike + bool(a.outcomes & b.outcomes) + bool(a.organisations & b.organisations)
    return min(2, score + 2 * is_duplicate(a, b))


def _own_editions(facts: EventFacts, types: tuple[str, ...]) -> frozenset[Edition]:
    """The editions that are this event's own, not those of meetings it only mentions.

    Of several editions of an organ a preview is of the last. Choosing the next host belongs to the meeting that
    chooses: of two editions the earlier one is its number, a single one is the next.
    """
    gatherings = GATHERINGS.intersection(types)
    organs: dict[str, set[int]] = {}
    for organ, number in editions(facts.editions):
        if not organ or not gatherings or organ in gatherings:
            organs.setdefault(organ, set()).add(number)
    if facts.phase == "preview":
        organs = {organ: {max(numbers)} for organ, numbers in organs.items()}
    elif "host_selection" in types:
        organs = {organ: {min(numbers)} for organ, numbers in organs.items() if len(numbers) > 1}
    return frozenset((organ, number) for organ, numbers in organs.items() for number in numbers)


def is_country(place: str) -> bool:
    """Whether a place is a country, by its English name (Unicode CLDR), or a part of the world."""
    return place.casefold() in COUNTRIES


def _names(names: Iterable[str]) -> frozenset[str]:
    unique = dict.fromkeys(name.casefold().strip() for name in names)
    return frozenset(name for name in list(unique)[:MOST_NAMES] if name)


def _terms(words: Iterable[str]) -> frozenset[str]:
    """The words of a title that say something: no short ones, and of unspaced scripts no single characters."""
    telling = (w.casefold() for w in words if len(w) > (3 if w[0] < "\u0e00" else 1))
    return frozenset(list(dict.fromkeys(telling))[:MOST_TERMS])
