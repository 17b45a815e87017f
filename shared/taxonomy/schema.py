"""The shape of the taxonomy's files. Every entry is checked against these; an unknown key is an error."""

from typing import Annotated, Literal

import msgspec

Family = Literal["meeting", "outcome", "topic", "plain"]
Words = dict[str, tuple[str, ...]]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every entry: immutable, and a key that is not named here is a fault."""


Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A day, month or year as ISO 8601 writes it."""
Period = Annotated[str, msgspec.Meta(pattern=r"^\d{4}(-\d{2}){0,2}/(\.\.|\d{4}(-\d{2}){0,2})$")]
"""From and until, `..` where it still holds."""


class About(Entry, frozen=True, kw_only=True):
    """Where a body sits, from when until when it is there, and how sure that is."""

    seat: str | None = None
    founded: Day | None = None
    ended: Day | None = None
    sure: Literal["seen", "recalled"] = "recalled"


class Joined(Entry, frozen=True, kw_only=True):
    """Who came to belong to a body on a day, and as what."""

    since: Day
    who: tuple[str, ...]
    role: Literal["member", "observer", "partner"] = "member"
    until: Day | None = None


class Alliance(Entry, frozen=True, kw_only=True):
    """A heritage body. The head of alliances.yaml says what each key means."""

    id: str
    name: str
    kind: Literal["alliance", "organisation", "committee"]
    about: About = About()
    names: Words = {}
    historic: tuple[str, ...] = ()
    periods: dict[str, Period] = {}
    committees: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    shorts: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    unnamed: tuple[tuple[tuple[str, ...], ...], ...] = ()
    members: tuple[Joined, ...] = ()
    organs: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    mention_only: bool = False
    often_in_passing: bool = False
    wider: bool = False
    part_of: str | None = None


class Roles(Entry, frozen=True, kw_only=True):
    """Groups of words, by language, that stand before or after a body's name, or anywhere in an article about it."""

    before: dict[str, Words]
    after: dict[str, Words]
    anywhere: dict[str, Words]


class Weights(Entry, frozen=True, kw_only=True):
    """A learned linear decision: yes where the chance is at least `cut`."""

    bias: float
    cut: float
    weights: dict[str, float]


class Rule(Entry, frozen=True, kw_only=True):
    """What in one sentence shows an event type: all concepts within so many characters, in any order."""

    name: str
    all: tuple[str, ...]
    weight: float
    within: int = 200
    tight: bool = False
    title: bool = False
    promised: bool = False
    unless: tuple[str, ...] = msgspec.field(name="not", default=())
    never: tuple[str, ...] = ()
    family: Family | None = None


class EventType(Entry, frozen=True, kw_only=True):
    """A kind of event and the rules that find it."""

    id: str
    name: str
    definition: str
    family: Family
    rules: tuple[Rule, ...]
    phases: tuple[Literal["preview"], ...] = ()


class City(Entry, frozen=True, kw_only=True):
    """A city or region: its country (ISO 3166-1 alpha-2) and its names elsewhere."""

    country: str | None
    names: tuple[str, ...] = ()
    region: bool = False


Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Site(Entry, frozen=True, kw_only=True):
    """A place known for its heritage: the countries it lies in, its year on the World Heritage List, its names elsewhere."""

    countries: tuple[Country, ...]
    inscribed: Annotated[int, msgspec.Meta(ge=1978, le=2100)] | None = None
    names: tuple[str, ...] = ()


class Institution(Entry, frozen=True, kw_only=True):
    """A museum, archive, office or school of heritage that is no alliance: its country and its names elsewhere."""

    country: Country
    kind: Literal[
        "museum", "library", "archive", "university", "institute", "agency", "ministry", "foundation"
    ]
    names: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()


class Places(Entry, frozen=True, kw_only=True):
    """The gazetteer's own part; country names come from Unicode CLDR."""

    countries: dict[str, tuple[str, ...]]
    cities: dict[str, City]


class Pairs(Entry, frozen=True, kw_only=True):
    """Pairs of characters, the first folding to the second, apart by white space."""

    pairs: str


class DayWords(Entry, frozen=True, kw_only=True):
    """Words of one language that tell days by the day of publication. The head of days.yaml says what each is."""

    shift: dict[str, int] = {}
    last: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    stretch: dict[str, int] = {}
    ends: tuple[str, ...] = ()


class PlaceWords(Entry, frozen=True, kw_only=True):
    """Words of one language beside the name of a place. The head of locatives.yaml says what each is."""

    before: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


class Office(Entry, frozen=True, kw_only=True):
    """Offices and titles in one language. The head of offices.yaml says what each key means."""

    heads: tuple[str, ...]
    of: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    families: str = ""


class Offices(Entry, frozen=True, kw_only=True):
    """Those of the languages that write names with a capital, and of three that do not."""

    cased: dict[str, Office]
    zh: Office
    ko: Office
    ja: Office


class Ordinals(Entry, frozen=True, kw_only=True):
    """Words that number a meeting, by number."""

    words: dict[int, tuple[str, ...]]
