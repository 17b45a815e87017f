"""Which bodies an article names: a full name is enough, an acronym or ambiguous name needs a confirming word.

A confirming word is any one of the body's own, or a word of heritage where the body says so; a word that gives the
name to somebody else outweighs it. A name in brackets after a full name ("… (OWHC)") stands for it from there on. A
body may also be meant without being named at all, by a combination of words.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import regex

from services.parser.lexicon import Hit
from services.parser.reading import Passage, Reading
from shared.contracts.article import Evidence, TextField
from shared.taxonomy.folding import Folded
from shared.taxonomy.taxonomy import Taxonomy, expand

DOMAIN = "HERITAGE"
"""In a body's `context`: any word of the domain confirms it."""
_SURE = frozenset(("name", "committee"))
# "… (OWHC)", "… , kurz ICOMOS," after a name; "ОГВН — …" before it.
_AFTER = regex.compile(r"\s?[(（]\s?[\"«“'‘]?([\p{Lu}\p{Lo}][\p{L}\p{Mn}-]{1,14})[\"»”'’]?\s?[)）,;，；]")
_BEFORE = regex.compile(r"(?<![\p{L}\d])(\p{Lu}{3,10})\s?(?:[—–(（])\s?$")
_CAPITALISED = regex.compile(r"(\p{Lu}[\p{L}'’]*)[ -]$")
_LEADS_TO_NAMES = regex.compile(
    r"the|an?|and|at|but|by|for|from|if|in|of|on|or|our|to|when|while|with|after|as|since|that|this|d(?:ie|er|as|en|em)|"
    r"la|le|les|el|l'",
    regex.IGNORECASE,
)
_OUTWEIGHS = 2
_SHORTEST, _FEWEST_CAPITALS = 2, 3
# In a line of capitals every word looks like an acronym.
_SHOUTING = 0.7

Named = tuple[Hit, Passage]


class Linker:
    """Tells which of the names found are those of our bodies. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._folder = taxonomy.folder
        bodies = taxonomy.alliances.values()
        self._meeting = tuple(a.id for a in bodies if a.kind == "alliance" and a.shorts)
        self._by_domain = frozenset(a.id for a in bodies if DOMAIN in a.context)
        self._context = {a.id: self._cues(word for word in a.context if word != DOMAIN) for a in bodies}
        self._vetoes = {a.id: self._cues(a.vetoes) for a in bodies}
        self._unnamed = {
            a.id: [[self._cues(group) for group in way] for way in a.unnamed] for a in bodies if a.unnamed
        }

    def named(
        self, reading: Reading, folded: Mapping[TextField, Folded], is_of_domain: bool
    ) -> dict[str, list[Named]]:
        """Where each body is named, in reading order. `is_of_domain`: the article has words of heritage."""
        found: defaultdict[str, list[Named]] = defaultdict(list)
        for passage in reading.telling:
            for hit in passage.bodies:
                found[hit.value].append((hit, passage))
        for body in self._meeting:
            found[body] = [each for each in found.get(body, ()) if not _is_part_of_longer(*each)]
        found = defaultdict(list, {body: hits for body, hits in found.items() if hits})
        whole = _whole(folded)
        sure = {body for body, hits in found.items() if any(hit.kind in _SURE for hit, _ in hits)}
        for body in found.keys() - sure:
            others = bool(sure) or is_of_domain
            if not self._is_confirmed(body, found[body], whole, others):
                del found[body]
        for body in sure:
            found[body] = sorted(
                [*found[body], *_introduced(body, found[body], reading)],
                key=lambda named: (named[1].number, named[0].start),
            )
        return dict(found)

    def meant(
        self, reading: Reading, folded: Mapping[TextField, Folded]
    ) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
        """Bodies that are described without being named, with the words that show it."""
        whole = _whole(folded)
        for body, ways in self._unnamed.items():
            for groups in ways:
                if all(cue.search(whole) for group in groups for cue in group):
                    evidence = self._where(reading, groups)
                    if evidence:
                        yield body, evidence
                        break

    def _cues(self, patterns: Iterable[str]) -> tuple[regex.Pattern[str], ...]:
        spellings = {
            regex.escape(self._folder.key(spelling.rstrip("*")))
            + ("" if spelling.endswith("*") else _WORD_ENDS)
            for pattern in patterns
            for spelling in expand(pattern)
        }
        if not spellings:
            return ()
        words = "|".join(sorted(spellings, key=lambda word: (-len(word), word)))
        return (regex.compile(rf"(?<![\p{{Latin}}\p{{Cyrillic}}\p{{Greek}}\d])(?:{words})"),)

    def _is_confirmed(self, body: str, hits: list[Named], whole: str, is_of_domain: bool) -> bool:
        vetoes = _distinct(self._vetoes[body], whole)
        # Who tells two bodies of one name apart names both; then what is told of ours has to outweigh by far.
        if vetoes and _distinct(self._context[body], whole) < vetoes + _OUTWEIGHS:
            return False
        if all(hit.kind == "acronym" and _shouts(passage) for hit, passage in hits):
            return False
        return (
            any(hit.kind == "programme" for hit, _ in hits)
            or (is_of_domain and body in self._by_domain)
            or any(cue.search(whole) for cue in self._context[body])
        )

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


_WORD_ENDS = r"(?![\p{Latin}\p{Cyrillic}\p{Greek}\d])"


def _distinct(cues: Iterable[regex.Pattern[str]], whole: str) -> int:
    return len({found[0] for cue in cues for found in cue.finditer(whole)})


def _is_part_of_longer(hit: Hit, passage: Passage) -> bool:
    """ "Heritage Alliance" in "Canal Heritage Alliance", which is another."""
    before = passage.before(hit.start)
    word = _CAPITALISED.search(before) if hit.kind == "short" else None
    return word is not None and _LEADS_TO_NAMES.fullmatch(word[1]) is None


def _whole(folded: Mapping[TextField, Folded]) -> str:
    return f"{folded['title'].text}\n{folded['text'].text}"


def _shouts(passage: Passage) -> bool:
    letters = [letter for letter in passage.words if letter.isalpha() and letter.isascii()]
    return len(letters) > 12 and sum(letter.isupper() for letter in letters) > _SHOUTING * len(letters)


def _introduced(body: str, hits: Iterable[Named], reading: Reading) -> list[Named]:
    """Further places of an abbreviation that stands in brackets beside a full name of the body."""
    shorts = set()
    for hit, passage in hits:
        if hit.kind not in _SURE:
            continue
        for found in (_AFTER.match(passage.after(hit.end)), _BEFORE.search(passage.before(hit.start))):
            if found and _is_abbreviation(found[1], passage.slice(hit.start, hit.end)):
                shorts.add(found[1])
    known = {(hit.field, hit.start) for hit, _ in hits}
    return [each for short in shorts for each in _places(short, body, reading) if each[0][3:5] not in known]


def _is_abbreviation(short: str, name: str) -> bool:
    capitals = sum(letter.isupper() for letter in short)
    initials = {word[0] for word in regex.findall(r"\p{L}+", name.casefold())}
    if (
        capitals < _FEWEST_CAPITALS
    ):  # no abbreviation in letters, but perhaps what the name is called for short
        return False
    return len(short) >= _SHORTEST and bool(initials & set(short.casefold()))


def _places(short: str, body: str, reading: Reading) -> Iterator[Named]:
    word = regex.compile(rf"(?<![\p{{L}}\d]){regex.escape(short)}(?![\p{{Lu}}\d])")
    for passage in reading.passages:
        for found in word.finditer(passage.words):
            start, end = (passage.sentence.start + each for each in found.span())
            if not any(hit.start < end and start < hit.end for hit in passage.bodies):
                yield Hit("body", body, "acronym", passage.sentence.field, start, end), passage
