"""Classification of one article: alliances, event types, phase and the facts that tell its event.

Everything here is a pure function of title, text, language, publication date and the taxonomy. Every label comes
with its rule, a confidence and the exact words that prove it.
"""

from collections.abc import Iterable
from datetime import date

from services.parser.alliances import AllianceReader
from services.parser.editions import EditionReader
from services.parser.event_choice import verdicts
from services.parser.event_dates import event_start, read_dates, spans
from services.parser.event_features import Clues
from services.parser.event_labels import label
from services.parser.event_types import EventTypeReader, Found, old_places
from services.parser.facts import PlaceReader, organisations
from services.parser.lexicon import Hit, main_lexicon, role_lexicon
from services.parser.outcomes import outcomes
from services.parser.passages import sentences
from services.parser.people import PeopleReader
from services.parser.phase import phase_of
from services.parser.reading import Reading, make_reading
from services.parser.told_dates import DateFinder
from services.parser.towns import TownFinder
from services.parser.weights import Weights, load_weights
from shared.contracts.article import (
    AllianceTag,
    DateSpan,
    EventTypeTag,
    Organisation,
    Outcome,
    Person,
    Phase,
    Place,
    Struct,
    TextField,
)
from shared.taxonomy.folding import Folded
from shared.taxonomy.taxonomy import Taxonomy
from shared.taxonomy.towns import load_towns

# Raised whenever the same article may get other labels than before.
CLASSIFY_VERSION = 8
# Longer texts are classified by their beginning; news is told there.
MOST_CHARACTERS = 60_000
# Words of the domain an article must have, at least, and one more for so many characters of text.
_HERITAGE_ENOUGH, _HERITAGE_EVERY = 1.5, 1500
_HERITAGE_WORDS = (("heritage", 1.0), ("heritage_places", 0.5), ("objects", 0.5))
_HERITAGE_TYPES = frozenset(
    (
        "restitution",
        "inscription_nomination",
        "watchlist_publication",
        "discovery_excavation",
        "protection_designation",
    )
)


# Whose words help a language of their script that has none of its own: Bulgarian, Pashto.
_NEIGHBOURS = ("ru", "uk", "ar", "fa", "ur")


class Classification(Struct, frozen=True, kw_only=True):
    """What an article is about. `dates` holds days of no year as `--11-27`."""

    alliances: tuple[AllianceTag, ...]
    event_types: tuple[EventTypeTag, ...]
    phase: Phase
    places: tuple[Place, ...]
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    dates: tuple[DateSpan, ...]
    outcomes: tuple[Outcome, ...]
    editions: tuple[str, ...]


class Classifier:
    """Classifies articles. Built once (in some two seconds), then safe to share: it never changes."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        alliances: AllianceReader | None = None,
        weights: Weights | None = None,
    ) -> None:
        self._taxonomy = taxonomy
        self._weights = weights or load_weights()
        self._spoken = frozenset(each for words in taxonomy.concepts.values() for each in words)
        self._lexicon = main_lexicon(taxonomy)
        self._alliances = alliances or AllianceReader(taxonomy, role_lexicon(taxonomy))
        self._event_types = EventTypeReader(taxonomy)
        self._dates = DateFinder(taxonomy.day_words, taxonomy.folder)
        self._towns = TownFinder(
            load_towns(taxonomy.towns, taxonomy.folder), taxonomy.place_words, taxonomy.folder
        )
        self._places = PlaceReader(taxonomy.places, taxonomy.sites, self._towns)
        self._editions = EditionReader(taxonomy)
        self._people = PeopleReader(taxonomy.offices)

    def _languages(self, language: str) -> frozenset[str]:
        """Whose words count: the article's and English; all where its language is not known."""
        own = language.partition("-")[0].lower()
        if own == "und":
            return self._spoken
        return frozenset(("en", own)) if own in self._spoken else frozenset(("en", own, *_NEIGHBOURS))

    def classify(self, title: str, text: str, *, language: str, published: date | None) -> Classification:
        """Labels and facts of an article. `language` is a BCP 47 tag or `und`; `published` its day, if known."""
        clues = self.clues(title, text, language=language, published=published)
        reading, alliances = clues.reading, tuple(clues.tags)
        event_types, phase = label(clues, self._weights)
        return Classification(
            alliances=alliances,
            event_types=event_types,
            phase=phase,
            places=self._places.read(reading),
            organisations=organisations(reading, alliances),
            people=self._people.read(reading),
            dates=spans(clues.dated),
            outcomes=outcomes(reading),
            editions=self._editions.read(reading, {tag.id for tag in event_types}),
        )

    def clues(self, title: str, text: str, *, language: str, published: date | None) -> Clues:
        """What is found in an article before its event types are chosen; arguments as in `classify`."""
        text = text[:MOST_CHARACTERS]
        folder = self._taxonomy.folder
        languages = self._languages(language)
        folded: dict[TextField, Folded] = {"title": folder.fold(title), "text": folder.fold(text)}
        hits: dict[TextField, list[Hit]] = {
            name: self._lexicon.find(name, each, languages) for name, each in folded.items()
        }
        for name, towns in self._towns.find(folded, hits, language).items():
            hits[name] = sorted([*hits[name], *towns], key=lambda hit: (hit.start, -hit.end))
        reading = make_reading(
            title, text, language, sentences(folded["title"], folded["text"], _captions(hits["text"])), hits
        )
        told = [
            each
            for name, fold in folded.items()
            for each in self._dates.find(name, fold, language, published)
        ]
        dated = read_dates(reading, told, published)
        old = old_places(dated, event_start(dated) or published)
        alliances = self._alliances.read(reading, folded, languages, old)
        found = self._event_types.find(reading, alliances, old)
        types = self._taxonomy.event_types
        heads = verdicts(found, "report", types)
        phase = phase_of(reading, found, dated, published, heads[0] if heads else None)
        return Clues(
            reading=reading,
            tags=alliances,
            found=found,
            verdicts=verdicts(found, phase, types),
            phase=phase,
            dated=dated,
            published=published,
            is_ours=_is_about_heritage(reading, alliances, found),
        )


def _is_about_heritage(reading: Reading, alliances: Iterable[AllianceTag], found: Iterable[Found]) -> bool:
    """A subject body, an event only heritage has, or enough words of the domain; the title counts twice."""
    if any(tag.role == "subject" for tag in alliances):
        return True
    if any(each.in_title and each.type.id in _HERITAGE_TYPES for each in found):
        return True
    score = 0.0
    for passage in reading.telling:
        here = sum(weight * len(passage.concepts.get(concept, ())) for concept, weight in _HERITAGE_WORDS)
        here += sum(place.kind == "site" for place in passage.places)
        score += here * (2 if passage.sentence.kind == "title" else 1)
    return score >= max(_HERITAGE_ENOUGH, len(reading.text) / _HERITAGE_EVERY)


def _captions(hits: Iterable[Hit]) -> list[int]:
    return [hit.start for hit in hits if hit.value == "caption"]
