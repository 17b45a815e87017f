"""Which heritage bodies an article names, and which of them it is about.

Linking says which names are those of our bodies (linking.py); what stands beside each name is read (namings.py); a
learned decision over that says subject or mention (roles.py). A body that is part of one that acts is a mention, and
national administrations and trusts always are.
"""

from collections.abc import Collection, Mapping, Sequence

from services.parser.lexicon import Lexicon
from services.parser.linking import Linker
from services.parser.namings import Naming, NamingReader, OldPlaces
from services.parser.reading import Reading
from services.parser.roles import Features, Verdict, features, scene, verdict
from shared.contracts.article import AllianceTag, Evidence, TextField
from shared.taxonomy.folding import Folded
from shared.taxonomy.schema import Alliance
from shared.taxonomy.taxonomy import Taxonomy

__all__ = ("AllianceReader", "OldPlaces")

_CONFIDENCE = {
    "name": 0.95,
    "committee": 0.95,
    "programme": 0.8,
    "acronym": 0.85,
    "short": 0.8,
    "unnamed": 0.7,
}
# Words of heritage that make a text one of the domain, and how much each says.
_DOMAIN = {"heritage": 1.0, "domain": 1.0, "heritage_places": 0.5, "objects": 0.5, "monument_words": 0.5}
# What confirms an acronym, and what an article about a body that works outside heritage too must have.
_ENOUGH, _LEAST_OF_DOMAIN = 2.0, 1.0
_KIND = {"title": 0, "lead": 1, "body": 2, "caption": 3}
_MOST_EVIDENCE = 3


class AllianceReader:
    """Links and weighs the bodies of an article. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy, roles: Lexicon) -> None:
        self._alliances = taxonomy.alliances
        self._weights = taxonomy.role_weights
        self._linker = Linker(taxonomy)
        self._namings = NamingReader(taxonomy.folder, roles)

    def read(
        self, reading: Reading, folded: Mapping[TextField, Folded], languages: frozenset[str], old: OldPlaces
    ) -> tuple[AllianceTag, ...]:
        """All bodies of an article, subjects first, the weightiest first. `old`: where dates of long ago stand."""
        domain = _domain(reading)
        namings = self._read_namings(reading, folded, languages, old, domain)
        described = dict(self._linker.meant(reading, folded))
        meant = self._meant(described, namings)
        seen = self._features(reading, namings, described, domain)
        verdicts = {body: verdict(found, self._weights) for body, found in seen.items()}
        subjects = {body for body, each in verdicts.items() if each.is_subject}
        subjects -= {body for body in subjects if self._alliances[body].mention_only}
        if domain < _LEAST_OF_DOMAIN:
            subjects -= {body for body in subjects if self._alliances[body].wider}
        subjects -= {self._alliances[body].part_of for body in subjects}
        tags = [
            _tag(self._alliances[body], found, verdicts[body], body in subjects)
            for body, found in namings.items()
        ]
        tags.sort(key=lambda tag: (tag.role != "subject", -verdicts[tag.id].chance, tag.id))
        return (*meant, *tags)

    def seen(
        self, reading: Reading, folded: Mapping[TextField, Folded], languages: frozenset[str], old: OldPlaces
    ) -> Mapping[str, Features]:
        """What the decision sees of each body named: what its weights are learned from."""
        domain = _domain(reading)
        namings = self._read_namings(reading, folded, languages, old, domain)
        return self._features(reading, namings, dict(self._linker.meant(reading, folded)), domain)

    def _read_namings(
        self,
        reading: Reading,
        folded: Mapping[TextField, Folded],
        languages: frozenset[str],
        old: OldPlaces,
        domain: float,
    ) -> dict[str, list[Naming]]:
        if not any(passage.bodies for passage in reading.telling):
            return {}
        named = self._linker.named(reading, folded, domain >= _ENOUGH)
        return {body: self._namings.read(hits, languages, old) for body, hits in named.items()}

    def _features(
        self,
        reading: Reading,
        namings: Mapping[str, Sequence[Naming]],
        described: Collection[str],
        domain: float,
    ) -> dict[str, Features]:
        whole = scene(reading, namings, described, domain, self._alliances)
        return {
            body: features(self._alliances[body], found, whole, reading) for body, found in namings.items()
        }

    def _meant(
        self, described: Mapping[str, tuple[Evidence, ...]], namings: Collection[str]
    ) -> tuple[AllianceTag, ...]:
        """Bodies that are described without being named, where no alliance is."""
        if any(self._alliances[body].kind == "alliance" for body in namings):
            return ()
        return tuple(
            _made(
                self._alliances[body], "subject", _CONFIDENCE["unnamed"], "meant without its name", evidence
            )
            for body, evidence in described.items()
        )


def _domain(reading: Reading) -> float:
    """The words of heritage in an article, by weight."""
    return sum(
        _DOMAIN[concept] * len(spans)
        for passage in reading.telling
        for concept, spans in passage.concepts.items()
        if concept in _DOMAIN
    )


def _tag(alliance: Alliance, namings: Sequence[Naming], said: Verdict, is_subject: bool) -> AllianceTag:
    def order(each: Naming) -> tuple[bool, int, bool, int, int]:
        here = _KIND[each.passage.sentence.kind]
        return each.weak, here, not (each.acts or each.undergoes), each.passage.number, each.hit.start

    best = sorted(namings, key=order)[:_MOST_EVIDENCE]
    kind = max((each.hit.kind for each in namings), key=lambda kind: _CONFIDENCE[kind])
    why = "; ".join(said.spoke)
    if said.is_subject and not is_subject:
        why = (
            "never a subject"
            if alliance.mention_only
            else f"part of what {alliance.part_of or 'another'} says"
        )
    rule = f"{kind}, {'acts or undergoes' if is_subject else 'only named'}: {why}"
    sure = said.chance if said.is_subject else 1 - said.chance
    evidence = tuple(each.passage.evidence(each.hit.start, each.hit.end) for each in best)
    return _made(alliance, "subject" if is_subject else "mention", _CONFIDENCE[kind] * sure, rule, evidence)


def _made(
    alliance: Alliance, role: str, confidence: float, rule: str, evidence: tuple[Evidence, ...]
) -> AllianceTag:
    return AllianceTag(
        id=alliance.id,
        name=alliance.name,
        role="subject" if role == "subject" else "mention",
        confidence=round(confidence, 3),
        rule=rule,
        evidence=evidence,
    )
