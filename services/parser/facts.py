"""Places and organisations an article names: what the grouping into events needs besides dates and labels."""

from collections.abc import Iterable, Mapping, Set

import regex
from babel import Locale

from services.parser.lexicon import Hit
from services.parser.reading import Reading
from services.parser.taken import Taken
from services.parser.towns import TownFinder
from shared.contracts.article import AllianceTag, Evidence, Organisation, Place
from shared.taxonomy.schema import Places, Site

_MOST_PLACES, _MOST_ORGANISATIONS = 12, 24
# Words beside which a place is likely where it happens.
_HAPPENS = (
    "held",
    "assembly",
    "council_meeting",
    "conference",
    "congress_words",
    "sign",
    "launch",
    "session",
)
_STANDS = {"title": 3.0, "lead": 2.0, "body": 0.7, "caption": 0.4}
_SIZE = {"city": 1.5, "town": 1.5, "site": 1.5, "region": 0.8, "country": 1.0}
# CLDR says "Hong Kong SAR China".
_PLAINLY = {"HK": "Hong Kong", "MO": "Macao"}
_HERE, _AGAIN = 1.4, 2.5
_WORD = r"\p{Lu}[\p{L}'’-]+"
_HOUSES = "Museums?|Gallery|Library|Institute|Academy|Foundation"
_MUSEUM = regex.compile(
    rf"(?:{_WORD}\s+){{1,5}}(?:{_HOUSES})(?:\s+of(?:\s+(?:the\s+)?{_WORD}){{1,5}})?"
    rf"|(?:National\s+)?Museum\s+of(?:\s+(?:the\s+|and\s+)?{_WORD}){{1,5}}"
    r"|(?:Musée|Museo|Museu)\s+(?:\p{L}+\s+){0,3}\p{Lu}\p{L}+"
    r"|[\p{Han}]{2,10}(?:博物馆|博物院|研究院|研究中心)"
    r"|[\p{Hangul}]{2,8}박물관"
)
_MUSEUM_WORDS = regex.compile(r"Mus[eé]|Gallery|Library|Institute|Academy|Foundation|博物|研究|박물관")


class PlaceReader:
    """Finds the places of an article. Immutable once built."""

    def __init__(self, gazetteer: Places, sites: Mapping[str, Site], towns: TownFinder) -> None:
        self._gazetteer, self._sites, self._towns = gazetteer, sites, towns
        self._same = self._towns.known_as(gazetteer.cities)
        self._countries = {**Locale.parse("en").territories, **_PLAINLY}

    def read(self, reading: Reading) -> tuple[Place, ...]:
        """Places named, under their English names, the one where it happens first."""
        scores: dict[tuple[str, str | None], float] = {}
        evidence: dict[tuple[str, str | None], Evidence] = {}
        countries = {self._country(hit) for passage in reading.telling for hit in passage.places}
        for passage in reading.telling:
            if not passage.places:
                continue
            here = _HERE if any(passage.has(concept) for concept in _HAPPENS) else 1.0
            for hit in passage.places:
                place = self._place(hit, countries)
                weight = _STANDS[passage.sentence.kind] * _SIZE[hit.kind] * here
                scores[place] = scores.get(place, 0.0) + (weight / _AGAIN if place in scores else weight)
                evidence.setdefault(place, passage.evidence(hit.start, hit.end))
        ranked = sorted(scores, key=lambda place: (-scores[place], place[0]))[:_MOST_PLACES]
        return tuple(Place(name=p[0], country=p[1], evidence=(evidence[p],)) for p in ranked)

    def _place(self, hit: Hit, countries: Set[str]) -> tuple[str, str | None]:
        if hit.kind == "country":
            return self._countries.get(hit.value, hit.value), hit.value
        if hit.kind == "town":
            town = self._towns.of(hit.value, countries)
            return self._same.get((town.name, town.country), town.name), town.country
        return hit.value, self._country(hit) or None

    def _country(self, hit: Hit) -> str:
        """The country that a place gives away; '' for a town, which may be in several, and a site in several."""
        if hit.kind == "country":
            return hit.value
        if hit.kind == "site":
            countries = self._sites[hit.value].countries
            return countries[0] if len(countries) == 1 else ""
        return "" if hit.kind == "town" else self._gazetteer.cities[hit.value].country or ""


def organisations(reading: Reading, tags: Iterable[AllianceTag]) -> tuple[Organisation, ...]:
    """Bodies of the taxonomy, then museums, institutes and the like: by the gazetteer, the others by pattern."""
    found = {tag.name: Organisation(name=tag.name, id=tag.id, evidence=tag.evidence[:1]) for tag in tags}
    taken = {"title": Taken(), "text": Taken()}
    for passage in reading.telling:
        for hit in passage.institutions:
            taken[hit.field].take(hit.start, hit.end)
            if len(found) < _MOST_ORGANISATIONS and hit.value not in found:
                found[hit.value] = Organisation(
                    name=hit.value, evidence=(passage.evidence(hit.start, hit.end),)
                )
    told = _MUSEUM_WORDS.search(reading.title) or _MUSEUM_WORDS.search(reading.text)
    for passage in reading.passages if told else ():
        if not _MUSEUM_WORDS.search(passage.words):
            continue
        for match in _MUSEUM.finditer(passage.words):
            name = " ".join(match[0].split())
            start = passage.sentence.start + match.start()
            end = start + len(match[0])
            free = taken[passage.sentence.field].take(start, end)
            if free and len(found) < _MOST_ORGANISATIONS and name not in found:
                evidence = passage.evidence(start, end)
                found[name] = Organisation(name=name, evidence=(evidence,))
    return tuple(found.values())
