"""Which heritage bodies an article names, and which of them it is about.

Linking: a full name is enough; an acronym or ambiguous name needs the full name or a confirming word somewhere,
and no word that gives it to somebody else; a body may also be meant without being named at all.
Roles: a body is the subject when it acts or undergoes the event (title, verbs and organs next to its name,
frequency over the whole text); a voice, guest, partner or "UNESCO World Heritage site" is a mention.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import regex

from services.parser.lexicon import Hit, Lexicon
from services.parser.reading import Passage, Reading
from shared.contracts.article import AllianceTag, Evidence, TextField
from shared.taxonomy.folding import Folded
from shared.taxonomy.schema import Alliance
from shared.taxonomy.taxonomy import Taxonomy, expand

_SURE = frozenset(("name", "committee"))
_CONFIDENCE = {
    "name": 0.95,
    "committee": 0.95,
    "programme": 0.8,
    "acronym": 0.85,
    "short": 0.8,
    "unnamed": 0.7,
}
# What a body undergoes, or an organ of it, beside its name.
_UNDERGOES = (
    "assembly",
    "council_meeting",
    "council",
    "session",
    "congress_words",
    "launch",
    "join",
    "headquarters",
    "govern",
    "funded_projects",
    "held",
    "inscribe",
    "adopt",
    "train",
    "letter",
    "sign",
    "award",
    "merge",
    "appoint",
)
_WORLD_HERITAGE = regex.compile(
    r"^(?:'s|’s)?[\s-]*(?:world (?:cultural |natural )?heritage (?:site|list|propert|status|area|cit|sites|tentative|in danger)|"
    r"world heritage\b|listed\b|-listed|tentative list|heritage (?:site|list|status)|list\b|recogni|"
    r"세계유산|세계문화유산|世界遗产|世界文化遗产|《?世界|世界遺產|非物质|intangible|"
    r"global geopark|convention|culture convention|creative cit|chair\b)",
    regex.IGNORECASE,
)
_OF_UNESCO = regex.compile(
    r"(?:world heritage (?:site|list|committee|centre|center|property)s?(?: list)? (?:of|by)(?: the)?|site du patrimoine mondial de l'|"
    r"patrimoine mondial de l[’']|patrimonio (?:mundial|de la humanidad) (?:de|por) la|patrimonio (?:mondiale |dell['’]umanità )?(?:dell['’])?|"
    r"listed by|inscribed by|recogni[sz]ed by|headquarters of|conventions? of|welterbe der|"
    r"(?:au|le) siège de l[’']|(?:en|a|na) la sede de la|nella sede dell['’])\s*$",
    regex.IGNORECASE,
)
_CLAUSE_END = regex.compile(r"[.;:]\s|[。;:；：]")
_AND = regex.compile(
    r"\s?\)?\s?(?:,|、|，|و|和|与|及|&|and|et|y|e|und|и|en|dan|,\s?and)?\s?(?:the|la|le|les|el|der|die|das|il|lo|l['’])?\s?\(?"
)
# Nothing but an article, quotes or a dateline's dash before the name: it is what the sentence speaks of.
_OPENING = regex.compile(
    r"(?:.{0,60}[-–—:)]\s)?[\s\p{P}]*(?:the|la|le|les|el|los|las|der|die|das|il|lo|i|gli|o|a|os|as|l['’]|ال)?\s*",
    regex.IGNORECASE,
)
_ACRONYM = regex.compile(r"\s?[(（]\p{Lu}[\p{L}-]{1,11}[)）]|[)）]")
_BEFORE, _AFTER, _OLD_GAP = 48, 40, 6
_ORGAN = 0.3
_PLACE = {"title": 2.5, "lead": 0.9, "body": 0.4, "caption": 0.2}
_SUBJECT, _LEAST_ALLIANCE = 2.0, 0.85
_SHARE_OF_TOP, _SHARE_IN_BODY = 0.25, 0.6


# By sentence, where dates stand and whether they are of long before the event.
OldPlaces = Mapping[int, Sequence[tuple[tuple[int, int], bool]]]


@dataclass(frozen=True, slots=True)
class Naming:
    """One place where a body is named, with what its neighbourhood says of its part."""

    hit: Hit
    passage: Passage
    score: float
    acts: bool
    weak: bool


class AllianceReader:
    """Links and weighs the bodies of an article. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy, roles: Lexicon) -> None:
        self._alliances = taxonomy.alliances
        self._folder = taxonomy.folder
        self._roles = roles
        self._context = {a.id: self._cues(a.context) for a in taxonomy.alliances.values()}
        self._vetoes = {a.id: self._cues(a.vetoes) for a in taxonomy.alliances.values()}
        self._unnamed = {
            a.id: [[self._cues(group) for group in way] for way in a.unnamed]
            for a in taxonomy.alliances.values()
            if a.unnamed
        }

    def read(
        self, reading: Reading, folded: Mapping[TextField, Folded], languages: frozenset[str], old: OldPlaces
    ) -> tuple[AllianceTag, ...]:
        """All bodies of an article, subjects first, the weightiest first. `old`: where dates of long ago stand."""
        whole = f"{folded['title'].text}\n{folded['text'].text}"
        by_body = self._confirmed(reading, whole)
        namings = {body: self._weigh(hits, languages, old) for body, hits in by_body.items()}
        scores = {body: _total(found, self._alliances[body]) for body, found in namings.items()}
        subjects = self._subjects(namings, scores)
        tags = [_tag(self._alliances[body], found, body in subjects) for body, found in namings.items()]
        tags.sort(key=lambda tag: (tag.role != "subject", -scores[tag.id], tag.id))
        if any(self._alliances[body].kind == "alliance" for body in scores):
            return tuple(tags)
        return (*self._meant(reading, whole), *tags)

    def _subjects(self, namings: Mapping[str, list[Naming]], scores: Mapping[str, float]) -> set[str]:
        top = max(scores.values(), default=0.0)
        subjects = set()
        for body, found in namings.items():
            prominent = any(each.passage.sentence.kind in ("title", "lead") for each in found)
            share = _SHARE_OF_TOP if prominent else _SHARE_IN_BODY
            # An alliance is rarely named up front without being meant.
            least = _LEAST_ALLIANCE if prominent and self._alliances[body].kind == "alliance" else _SUBJECT
            if not self._alliances[body].mention_only and scores[body] >= max(least, top * share):
                subjects.add(body)
        return subjects - {self._alliances[body].part_of for body in subjects}

    def _cues(self, patterns: Iterable[str]) -> tuple[regex.Pattern[str], ...]:
        spellings = [self._folder.key(spelling) for pattern in patterns for spelling in expand(pattern)]
        if not spellings:
            return ()
        words = "|".join(regex.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True))
        return (regex.compile(rf"(?<![\p{{Latin}}\d])(?:{words})(?![\p{{Latin}}\d])"),)

    def _confirmed(self, reading: Reading, whole: str) -> dict[str, list[tuple[Hit, Passage]]]:
        found: defaultdict[str, list[tuple[Hit, Passage]]] = defaultdict(list)
        for passage in reading.passages:
            for hit in passage.bodies:
                found[hit.value].append((hit, passage))
        named = {body for body, hits in found.items() if any(hit.kind in _SURE for hit, _ in hits)}
        confirmed = {}
        for body, hits in found.items():
            if body not in named and not self._is_confirmed(body, hits, whole):
                continue
            confirmed[body] = hits
        return confirmed

    def _is_confirmed(self, body: str, hits: list[tuple[Hit, Passage]], whole: str) -> bool:
        if any(cue.search(whole) for cue in self._vetoes[body]):
            return False
        return any(hit.kind == "programme" for hit, _ in hits) or any(
            cue.search(whole) for cue in self._context[body]
        )

    def _weigh(
        self, hits: list[tuple[Hit, Passage]], languages: frozenset[str], old: OldPlaces
    ) -> list[Naming]:
        found: list[Naming] = []
        for hit, passage in hits:
            if found and found[-1].passage is passage and 0 <= hit.start - found[-1].hit.end <= 3:
                continue  # the acronym in brackets after the name
            found.append(self._naming(hit, passage, languages, old))
        return found

    def _naming(self, hit: Hit, passage: Passage, languages: frozenset[str], old: OldPlaces) -> Naming:
        first, last = _row(hit, passage)
        if acronym := _ACRONYM.match(passage.after(last)):
            last += acronym.end()
        before = passage.before(first)[-_BEFORE:]
        after = passage.after(last)[:_AFTER]
        window = f"{before}{passage.slice(first, last)}{after}"
        roles = self._roles.find("text", self._folder.fold(window), languages)
        weak = _is_weak(hit, passage, before, after, roles) or _is_of_old(hit, old.get(passage.number, ()))
        near = any(
            -2 <= hit.start - end <= 14 or -2 <= start - hit.end <= 14 or (start < hit.start < end)
            for concept in _UNDERGOES
            for start, end in passage.concepts.get(concept, ())
        )
        kind = passage.sentence.kind
        opens = kind in ("title", "lead") and bool(_OPENING.fullmatch(passage.before(first)))
        acts = not weak and (opens or _acts(len(before), len(window) - len(after), roles))
        score = _PLACE[kind] + (_ORGAN if hit.kind == "committee" else 0.0)
        if weak:
            score *= 0.15
        else:
            score += 1.5 * near + 1.2 * acts if kind != "caption" else 0.3 * near
        return Naming(hit, passage, score, acts or near, weak)

    def _meant(self, reading: Reading, whole: str) -> tuple[AllianceTag, ...]:
        tags = []
        for body, ways in self._unnamed.items():
            for groups in ways:
                found = [cue.search(whole) for group in groups for cue in group]
                if not all(found):
                    continue
                evidence = self._where(reading, groups)
                if evidence:
                    alliance = self._alliances[body]
                    tags.append(
                        _made(alliance, "subject", _CONFIDENCE["unnamed"], "meant without its name", evidence)
                    )
                    break
        return tuple(tags)

    def _where(
        self, reading: Reading, groups: Iterable[tuple[regex.Pattern[str], ...]]
    ) -> tuple[Evidence, ...]:
        found = []
        for group in groups:
            for passage in reading.passages:
                folded = self._folder.fold(passage.words)
                match = next((m for cue in group if (m := cue.search(folded.text))), None)
                if match:
                    start, end = folded.span(*match.span())
                    offset = passage.sentence.start
                    found.append(passage.evidence(offset + start, offset + end))
                    break
        return tuple(found)


def _row(hit: Hit, passage: Passage) -> tuple[int, int]:
    """From the first to the last of bodies named in a row ("ICCROM and the Getty Foundation"): they act together."""
    first, last = hit.start, hit.end
    for other in reversed(passage.bodies):
        if other.end <= first and _AND.fullmatch(passage.slice(other.end, first)):
            first = other.start
    for other in passage.bodies:
        if other.start >= last and _AND.fullmatch(passage.slice(last, other.start)):
            last = other.end
    return first, last


def _is_of_old(hit: Hit, places: Iterable[tuple[tuple[int, int], bool]]) -> bool:
    """Whether the next date after the name, close by, is one of long ago ("launched by UNESCO in 2008")."""
    return any(is_old and 0 <= start - hit.end <= _OLD_GAP for (start, _), is_old in places)


def _is_weak(hit: Hit, passage: Passage, before: str, after: str, roles: Iterable[Hit]) -> bool:
    """Whether the name is only part of "UNESCO World Heritage site", of another name, or a voice or partner."""
    if _WORLD_HERITAGE.match(after) or _OF_UNESCO.search(before):
        return True
    if any(
        _belongs(hit, other) for other in passage.bodies if other.kind == "committee" and other is not hit
    ):
        return True
    clause = max((match.end() for match in _CLAUSE_END.finditer(before)), default=0)
    return any(
        each.value == "attribution" and clause <= each.start and each.end <= len(before) for each in roles
    )


def _belongs(hit: Hit, organ: Hit) -> bool:
    """UNESCO in "UNESCO World Heritage Committee" or "World Heritage Committee of UNESCO"."""
    return 0 <= organ.start - hit.end <= 2 or 0 <= hit.start - organ.end <= 8


def _acts(start: int, end: int, roles: Iterable[Hit]) -> bool:
    """Whether a verb or organ stands beside the name, which lies between `start` and `end` of the window."""
    for each in roles:
        if each.value == "act_before" and 0 <= start - each.end <= 6:
            return True
        if each.value == "act_after" and 0 <= each.start - end <= 14:
            return True
    return False


def _total(namings: list[Naming], alliance: Alliance) -> float:
    """Repeating a name adds less and less; an alliance is rarely named without being meant."""
    strong = sorted((each.score for each in namings if not each.weak), reverse=True)
    total = sum(score / (1 + 0.35 * place) for place, score in enumerate(strong))
    total += sum(each.score for each in namings if each.weak)
    if alliance.kind == "alliance" and any(each.acts for each in namings):
        total += 0.6
    return total


def _tag(alliance: Alliance, namings: list[Naming], is_subject: bool) -> AllianceTag:
    best = sorted(namings, key=lambda each: (-each.score, each.passage.number, each.hit.start))[:3]
    kind = max((each.hit.kind for each in namings), key=lambda kind: _CONFIDENCE[kind])
    where = "title" if any(each.passage.sentence.kind == "title" for each in best) else "text"
    part = (
        ("acts or undergoes" if any(each.acts for each in best) else "named") if is_subject else "only named"
    )
    evidence = tuple(each.passage.evidence(each.hit.start, each.hit.end) for each in best)
    rule = f"{kind} in the {where}, {part}" + (", never a subject" if alliance.mention_only else "")
    return _made(alliance, "subject" if is_subject else "mention", _CONFIDENCE[kind], rule, evidence)


def _made(
    alliance: Alliance, role: str, confidence: float, rule: str, evidence: tuple[Evidence, ...]
) -> AllianceTag:
    return AllianceTag(
        id=alliance.id,
        name=alliance.name,
        role="subject" if role == "subject" else "mention",
        confidence=confidence,
        rule=rule,
        evidence=evidence,
    )
