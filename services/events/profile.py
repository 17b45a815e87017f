"""An article's facts, made ready for comparing with those of others."""

from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern

import regex
from babel import Locale

from services.events.kinds import GATHERINGS, NO_EVENT, REACH
from services.events.when import When, when
from shared.contracts.messages import EventFacts

# Reports may lie this far apart whatever they tell of: announced, held, looked back at.
LEAST_REACH = 45
MOST_NAMES = 12
RARE = 100
MOST_TERMS = 24
_TERRITORIES = Locale.parse("en").territories
COUNTRIES = frozenset(name.casefold() for code, name in _TERRITORIES.items() if code.isalpha())
# "Asia", "Southern Europe": no place where anything is held.
PARTS_OF_THE_WORLD = frozenset(name.casefold() for code, name in _TERRITORIES.items() if not code.isalpha())
_BODY_ID = regex.compile(r"[a-z0-9_]+")
Edition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Profile:
    """An article's facts, made ready for comparing.

    `bodies` are those of the taxonomy it names in whatever role, `organisations` all others. `editions` are (organ or
    "", number); `places` are finer than `countries`, `scene` is the one that is told best. `numbers` are decimals.
    `headline` is empty and `types` are none where no kind of event was found. `same_as` is what a reader said of it.
    """

    id: str
    alliances: frozenset[str]
    bodies: frozenset[str]
    headline: str
    types: frozenset[str]
    phase: str
    editions: frozenset[Edition]
    places: frozenset[str]
    scene: str
    countries: frozenset[str]
    organisations: frozenset[str]
    outcomes: frozenset[str]
    numbers: frozenset[str]
    title_terms: frozenset[str]
    when: When
    language: str
    signature: bytes
    same_as: str | None = None

    @property
    def rare_numbers(self) -> frozenset[str]:
        """Those that hardly two events have in common."""
        return frozenset(n for n in self.numbers if float(n) > RARE and not n.endswith("00"))

    @property
    def is_event(self) -> bool:
        """Whether it tells of an event by itself; one that does not can only be put to others."""
        return bool(self.types) or self.same_as not in (None, self.id)

    @property
    def reach(self) -> int:
        """The most days that may lie between this article's event and another's of the same."""
        return max((LEAST_REACH, *(REACH.get(t, 0) for t in self.types)))

    @property
    def is_meeting(self) -> bool:
        """Whether it reports a gathering, by kind or by number."""
        return bool(self.editions or self.types & GATHERINGS)


def profile(facts: EventFacts) -> Profile | None:
    """The facts made ready; None for an article that tells of no event and names no body."""
    types = tuple(intern(t) for t in facts.event_types if t not in NO_EVENT)
    bodies = {intern(o) for o in facts.organisations if _BODY_ID.fullmatch(o)}
    if not types and not facts.alliances and not bodies and facts.same_as in (None, facts.article_id):
        return None
    places = [p for p in facts.places if is_place(p)]
    fine = [p for p in places if not is_country(p)]
    # Where nothing is known of the event, nothing is known of its phase.
    phase = facts.phase if types else "report"
    return Profile(
        id=facts.article_id,
        alliances=frozenset(map(intern, facts.alliances)),
        bodies=frozenset(bodies.union(facts.alliances)),
        headline=types[0] if types else "",
        types=frozenset(types),
        phase=phase,
        editions=_own_editions(facts, types),
        places=_names(fine),
        scene=fine[0].casefold() if fine else "",
        countries=_names(p for p in places if is_country(p)),
        organisations=_names(o for o in facts.organisations if o not in bodies),
        outcomes=_names(facts.outcomes),
        numbers=frozenset(number.partition(" ")[0] for number in facts.numbers),
        title_terms=_terms(facts.title_terms),
        when=when(facts, phase),
        language=facts.language,
        signature=facts.signature,
        same_as=facts.same_as,
    )


def editions(texts: Iterable[str]) -> frozenset[Edition]:
    """Editions from their written form, `general_assembly:2` or `2`; what is neither is passed over."""
    parts = (text.rpartition(":") for text in texts)
    return frozenset((organ, int(number)) for organ, _, number in parts if number.isdecimal())


def _own_editions(facts: EventFacts, types: tuple[str, ...]) -> frozenset[Edition]:
    """The editions that are this event's own, not those of meetings it only mentions.

    Of several editions of an organ a preview is of the last, and so is news that is none of a meeting itself, such as
    an agreement on preparing it. Choosing the next host belongs to the meeting that chooses: of two editions the
    earlier one is its number, a single one is the next.
    """
    gatherings = GATHERINGS.intersection(types)
    organs: dict[str, set[int]] = {}
    for organ, number in editions(facts.editions):
        if not organ or not gatherings or organ in gatherings:
            organs.setdefault(organ, set()).add(number)
    if "host_selection" in types and facts.phase != "preview":
        organs = {organ: {min(numbers)} for organ, numbers in organs.items() if len(numbers) > 1}
    elif facts.phase == "preview" or (types and types[0] not in GATHERINGS):
        organs = {organ: {max(numbers)} for organ, numbers in organs.items()}
    return frozenset((organ, number) for organ, numbers in organs.items() for number in numbers)


def is_country(place: str) -> bool:
    """Whether a place is a country, by its English name (Unicode CLDR)."""
    return place.casefold() in COUNTRIES


def is_place(place: str) -> bool:
    """Whether something can happen there: a part of the world is too wide."""
    return place.casefold() not in PARTS_OF_THE_WORLD


def _names(names: Iterable[str]) -> frozenset[str]:
    # The same few names are held for very many articles.
    unique = dict.fromkeys(intern(name.casefold().strip()) for name in names)
    return frozenset(name for name in list(unique)[:MOST_NAMES] if name)


def _terms(words: Iterable[str]) -> frozenset[str]:
    """The words of a title that say something: no short ones, and of unspaced scripts no single characters."""
    telling = (intern(w.casefold()) for w in words if len(w) > (3 if w[0] < "\u0e00" else 1))
    return frozenset(list(dict.fromkeys(telling))[:MOST_TERMS])
