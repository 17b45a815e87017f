"""Each place where a body is named, with what stands beside the name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from services.parser.lexicon import Hit, Lexicon
from services.parser.linking import Named
from services.parser.passages import weight
from services.parser.reading import Passage
from shared.taxonomy.folding import Folder

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
    r"\s?\)?\s?(?:,|、|،|，|و|和|与|及|&|and|et|y|e|und|и|en|dan|,\s?and)?\s?(?:the|la|le|les|el|der|die|das|il|lo|l['’])?\s?\(?"
)
# Nothing but an article, quotes or a dateline's dash before the name: it is what the sentence speaks of.
_OPENING = regex.compile(
    r"(?:.{0,60}[-–—:)]\s)?[\s\p{P}]*(?:the|la|le|les|el|los|las|der|die|das|il|lo|i|gli|o|a|os|as|l['’]|ال)?\s*",
    regex.IGNORECASE,
)
_ACRONYM = regex.compile(r"\s?[(（]\p{Lu}[\p{L}-]{1,11}[)）]|[)）]")
_OWNS = regex.compile(r"\s?|['’]s?\s|的|の|-")
_BEFORE, _AFTER, _OLD_GAP = 60, 48, 6
_BESIDE, _MOST_NAMINGS, _LITTLE = 6, 12, 4

# By sentence, where dates stand and whether they are of long before the event.
OldPlaces = Mapping[int, Sequence[tuple[tuple[int, int], bool]]]


@dataclass(frozen=True, slots=True)
class Naming:
    """One place where a body is named. `cues`: what stands beside it, as `group beside` or `group near`."""

    hit: Hit
    passage: Passage
    opens: bool
    acts: bool
    undergoes: frozenset[str]
    is_label: bool
    is_organs: bool
    is_voice: bool
    is_old: bool
    old_beside: bool
    signs: bool
    introduces: bool
    row: int
    cues: frozenset[str]

    @property
    def weak(self) -> bool:
        """Whether the name is only part of another, of long ago, or that of a voice or partner."""
        return self.is_label or self.is_organs or self.is_voice or self.is_old


class NamingReader:
    """Looks at what stands beside names. Immutable once built."""

    def __init__(self, folder: Folder, roles: Lexicon) -> None:
        self._folder = folder
        self._roles = roles

    def read(self, hits: Iterable[Named], languages: frozenset[str], old: OldPlaces) -> list[Naming]:
        """A body's namings, in reading order; those far on say nothing more."""
        found: list[Naming] = []
        for hit, passage in hits:
            if found and found[-1].passage is passage and 0 <= hit.start - found[-1].hit.end <= 3:
                continue  # the acronym in brackets after the name
            found.append(self._naming(hit, passage, languages, old))
            if len(found) == _MOST_NAMINGS:
                break
        return found

    def _naming(self, hit: Hit, passage: Passage, languages: frozenset[str], old: OldPlaces) -> Naming:
        first, last, row = _row(hit, passage)
        introduces = False
        if acronym := _ACRONYM.match(passage.after(last)):
            last += acronym.end()
            introduces = acronym.end() > 1
        before = passage.before(first)[-_BEFORE:]
        after = passage.after(last)[:_AFTER]
        window = f"{before}{passage.slice(first, last)}{after}"
        roles = self._roles.find("text", self._folder.fold(window), languages)
        start, end = len(before), len(window) - len(after)
        clause = max((match.end() for match in _CLAUSE_END.finditer(before)), default=0)
        opens = bool(_OPENING.fullmatch(passage.before(first)))
        return Naming(
            hit,
            passage,
            opens=opens,
            acts=_acts(start, end, roles),
            undergoes=frozenset(_undergoes(hit, passage)),
            is_label=bool(_WORLD_HERITAGE.match(after) or _OF_UNESCO.search(before)),
            is_organs=any(
                _belongs(hit, other, passage) for other in passage.bodies if other.value != hit.value
            ),
            is_voice=any(
                each.value == "attribution" and clause <= each.start and each.end <= start for each in roles
            ),
            is_old=any(
                is_old and 0 <= begin - hit.end <= _OLD_GAP
                for (begin, _), is_old in old.get(passage.number, ())
            ),
            old_beside=any(is_old for _, is_old in old.get(passage.number, ())),
            signs=_is_signature(passage),
            introduces=introduces,
            row=row,
            cues=frozenset(_cues(window, start, end, clause, roles)),
        )


def _cues(window: str, start: int, end: int, clause: int, roles: Iterable[Hit]) -> Iterable[str]:
    """What the words before and after the name say, and whether they stand right beside it."""
    stop = next((end + m.start() for m in (_CLAUSE_END.search(window[end:]),) if m), len(window))
    for each in roles:
        if each.kind == "before" and clause <= each.start and each.end <= start:
            gap = weight(window[each.end : start])
        elif each.kind == "after" and end <= each.start < stop:
            gap = weight(window[end : each.start])
        else:
            continue
        yield f"{each.value} beside" if gap <= _BESIDE else f"{each.value} near"


def _row(hit: Hit, passage: Passage) -> tuple[int, int, int]:
    """From the first to the last of bodies named in a row ("ICCROM and the Getty Foundation"), and how many."""
    first, last, count = hit.start, hit.end, 1
    for other in reversed(passage.bodies):
        if other.end <= first and _AND.fullmatch(passage.slice(other.end, first)):
            first, count = other.start, count + 1
    for other in passage.bodies:
        if other.start >= last and _AND.fullmatch(passage.slice(last, other.start)):
            last, count = other.end, count + 1
    return first, last, count


def _is_signature(passage: Passage) -> bool:
    """A line of nothing but bodies."""
    named = sum(hit.end - hit.start for hit in passage.bodies)
    return len(passage.words) - named <= _LITTLE + 4 * len(passage.bodies)


def _undergoes(hit: Hit, passage: Passage) -> Iterator[str]:
    """The concepts that stand beside the name."""
    for concept in _UNDERGOES:
        if any(
            -2 <= hit.start - end <= 14 or -2 <= start - hit.end <= 14 or (start < hit.start < end)
            for start, end in passage.concepts.get(concept, ())
        ):
            yield concept


def _belongs(hit: Hit, other: Hit, passage: Passage) -> bool:
    """UNESCO in "UNESCO World Heritage Committee", "UNESCO's World Heritage Centre", "World Heritage Committee of UNESCO"."""
    if hit.end - hit.start > other.end - other.start:
        return False
    if other.kind == "committee" and 0 <= hit.start - other.end <= 8:
        return True
    return (
        0 <= other.start - hit.end <= 3 and _OWNS.fullmatch(passage.slice(hit.end, other.start)) is not None
    )


def _acts(start: int, end: int, roles: Iterable[Hit]) -> bool:
    """Whether a verb or organ stands beside the name, which lies between `start` and `end` of the window."""
    for each in roles:
        if each.value == "act_before" and 0 <= start - each.end <= 6:
            return True
        if each.value == "act_after" and 0 <= each.start - end <= 14:
            return True
    return False
