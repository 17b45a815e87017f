"""Finds every name and cue of the taxonomy in an article, in one pass over the folded text.

One Aho-Corasick automaton (ahocorasick_rs) holds all patterns. It knows no word boundaries, so every hit is
checked by script: alphabets need one on both sides, Arabic script allows the particles that are written on to a
word, scripts without spaces need none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, product
from typing import Literal, NamedTuple

import regex
from ahocorasick_rs import AhoCorasick, MatchKind
from babel import Locale

from shared.contracts.article import TextField
from shared.taxonomy.folding import Folded, Folder
from shared.taxonomy.inflection import inflected
from shared.taxonomy.taxonomy import Taxonomy, expand
from shared.text.scripts import SPACELESS

NameKind = Literal["name", "committee", "programme", "acronym", "short", "not"]
Group = Literal["concept", "body", "place", "institution"]
# Languages of country names; the gazetteer's own names count in every language.
_LANGUAGES = (
    "en",
    "fr",
    "es",
    "zh",
    "ar",
    "de",
    "it",
    "pt",
    "ru",
    "ja",
    "ko",
    "fa",
    "id",
    "tr",
    "ur",
    "vi",
    "el",
    "nl",
)
_NO_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"))
_ARABIC_PARTICLES = regex.compile(r"(?<![\p{L}\d])(?:[وف]?(?:[بكل]?(?:ال)?|لل))$")
_SHARED_SCRIPT = regex.compile(r"[\p{Latin}\p{Arabic}\p{Cyrillic}]|^\p{Han}+$")
_SPACELESS = regex.compile(rf"[{SPACELESS}\u3000-\u303f\uff00-\uffef]")
_ENDING = regex.compile(r"\p{Ll}{1,4}(?![\p{L}\p{M}\d])")
_BY_SCRIPT = (
    (regex.compile(r"\p{Cyrillic}"), "ru"),
    (regex.compile(r"\p{Greek}"), "el"),
    (regex.compile(r"\p{Armenian}"), "hy"),
    (regex.compile(r"\p{Georgian}"), "ka"),
    (regex.compile(r"\p{Hangul}"), "ko"),
    (regex.compile(r"\p{Latin}"), "de"),
)
_LONG_NAME = 20
_MOST_SPACES = 4
ROLE_CONCEPTS = ("act_after", "act_before", "attribution")


class Meaning(NamedTuple):
    """What a pattern stands for and how it must stand in the text."""

    group: Group
    value: str
    kind: str = ""
    open_start: bool = False
    open_end: bool = False
    exact: str = ""
    capital: bool = False
    # What follows a first word whose end is open ("культурн* наследи*"), over folded text.
    tail: str = ""
    # Written in capitals, it may take a short ending in small letters ("UNESCOs", "ICOMOSu").
    ending: bool = False
    # The language a name is inflected in.
    inflects: str = ""


class Hit(NamedTuple):
    """A pattern found, as a half-open span of the original title or text."""

    group: Group
    value: str
    kind: str
    field: TextField
    start: int
    end: int


class Lexicon:
    """Some patterns of a taxonomy, ready to search. Immutable once built."""

    def __init__(self, folder: Folder, patterns: Iterable[tuple[str, Meaning, str]]) -> None:
        meanings: defaultdict[str, list[tuple[Meaning, str]]] = defaultdict(list)
        tails: defaultdict[tuple[str, Meaning, str], set[str]] = defaultdict(set)
        for pattern, meaning, language in patterns:
            folded = folder.key(pattern)
            plain = meaning._replace(inflects="", tail="") if meaning.inflects or meaning.tail else meaning
            if meaning.tail:
                tails[folded, plain, language].add(meaning.tail)
            elif meaning.inflects and (form := inflected(pattern, folded, meaning.inflects)):
                tails[form[0], plain._replace(open_end=True), ""].add(form[1])
            else:
                for spelling in _spellings(folded, plain):
                    meanings[spelling].append((plain, language))
        for (head, plain, language), forms in tails.items():
            # The longest first: the first that follows is taken.
            longest = "|".join(sorted(forms, key=lambda form: (-len(form), form)))
            meanings[head].append((plain._replace(tail=longest), language))
        meanings.pop("", None)
        # Of each word what it means, and in which language; none: in all.
        self._meanings = list(meanings.values())
        # By the languages that count: what each word means in these.
        self._meant: dict[frozenset[str], list[tuple[Meaning, ...]]] = {}
        self._automaton = AhoCorasick(list(meanings), matchkind=MatchKind.Standard)

    def find(self, field: TextField, folded: Folded, languages: frozenset[str]) -> list[Hit]:
        """Every hit of a title or text by start, longer ones first. Words of other languages do not count."""
        hits = []
        text, original = folded.text, folded.original
        meanings, length = self._in(languages), len(folded.text)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            some = meanings[number]
            if not some:
                continue
            before = start == 0 or not (_joins(text[start - 1]) and _joins(text[start]))
            after = end == length or not (_joins(text[end]) and _joins(text[end - 1]))
            for meaning in some:
                if not (after or meaning.open_end or (meaning.ending and _has_ending(folded, start, end))):
                    continue
                stop = _with_tail(meaning, text, end)
                if stop is None:
                    continue
                if not (before or meaning.open_start or _written_on(folded, start, stop, meaning)):
                    continue
                first, last = folded.span(start, stop)
                if meaning.exact and original[first:last] != meaning.exact:
                    continue
                if meaning.capital and original[first].islower():
                    continue
                hits.append(Hit(meaning.group, meaning.value, meaning.kind, field, first, last))
        hits.sort(key=_order)
        return hits

    def _in(self, languages: frozenset[str]) -> list[tuple[Meaning, ...]]:
        """What each word means in these languages; the few sets of languages there are, are kept."""
        meant = self._meant.get(languages)
        if meant is None:
            meant = [_spoken(some, languages) for some in self._meanings]
            self._meant[languages] = meant
        return meant


def _spoken(some: Sequence[tuple[Meaning, str]], languages: frozenset[str]) -> tuple[Meaning, ...]:
    if len(some) == 1:  # nearly always
        meaning, language = some[0]
        return (meaning,) if not language or language in languages else ()
    return tuple(dict.fromkeys(m for m, language in some if not language or language in languages))


def _with_tail(meaning: Meaning, text: str, end: int) -> int | None:
    """Where a pattern of several words ends, or None when its further words do not follow."""
    if not meaning.tail:
        return end
    rest = _compiled(meaning.tail).match(text, end)
    return rest.end() if rest else None


@cache
def _compiled(tail: str) -> regex.Pattern[str]:
    """Compiled when its first word is first met: most never are, and each takes a millisecond."""
    return regex.compile(tail)


def main_lexicon(taxonomy: Taxonomy) -> Lexicon:
    """Names, places and the words of the event rules: searched in every article."""
    return Lexicon(taxonomy.folder, _patterns(taxonomy))


def role_lexicon(taxonomy: Taxonomy) -> Lexicon:
    """What stands before and after a body's name: searched around names alone."""
    patterns = chain(_concept_patterns(taxonomy, ROLE_CONCEPTS), _role_patterns(taxonomy))
    return Lexicon(taxonomy.folder, patterns)


def _order(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


@lru_cache(maxsize=8192)
def _joins(character: str) -> bool:
    """Whether letters on both sides of a place make it the inside of a word."""
    if character < "\u0e00":
        return character.isalnum()
    return character.isalnum() and _SPACELESS.match(character) is None


def _written_on(folded: Folded, start: int, end: int, meaning: Meaning) -> bool:
    """A word that begins after particles of Arabic script, or a long name glued to the word before it."""
    text = folded.text
    if "\u0600" <= text[start] <= "\u06ff":
        return _ARABIC_PARTICLES.search(text, max(0, start - 5), start) is not None
    if meaning.group != "body" or end - start < _LONG_NAME:
        return False
    return folded.original[folded.origin(start)].isupper() and text[start - 1].isalpha()


def _has_ending(folded: Folded, start: int, end: int) -> bool:
    """Whether a name in capitals goes on with a few small letters, as an acronym does that is declined."""
    first, last = folded.span(start, end)
    ending = _ENDING.match(folded.original, last)
    return ending is not None and folded.original[first:last].isupper()


def _spellings(folded: str, meaning: Meaning) -> Iterator[str]:
    yield folded
    if meaning.group != "body" or not folded or not "\u0600" <= folded[0] <= "\u06ff":
        return
    if folded.startswith("ال"):
        yield "لل" + folded[2:]
    words = folded.split(" ")
    if 1 < len(words) <= _MOST_SPACES + 1:
        for gaps in product((" ", ""), repeat=len(words) - 1):
            yield "".join(word + gap for word, gap in zip(words, (*gaps, ""), strict=True))


def _concept_patterns(taxonomy: Taxonomy, only: Collection[str]) -> Iterator[tuple[str, Meaning, str]]:
    for concept, words in taxonomy.concepts.items():
        if concept in only:
            yield from _word_patterns(taxonomy.folder, concept, "", words)


def _role_patterns(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning, str]]:
    for kind, groups in (("before", taxonomy.roles.before), ("after", taxonomy.roles.after)):
        for name, words in groups.items():
            yield from _word_patterns(taxonomy.folder, name, kind, words)


def _word_patterns(
    folder: Folder, concept: str, kind: str, words: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, Meaning, str]]:
    for language, patterns in words.items():
        for word in patterns:
            head, *rest = word.strip("*").split("*")
            tail = _tail([folder.fold(part).text for part in rest], word.endswith("*")) if rest else ""
            is_open = bool(rest) or word.endswith("*")
            meaning = Meaning("concept", concept, kind, word.startswith("*"), is_open, tail=tail)
            yield head, meaning, _gate(language, word)


def _tail(parts: Iterable[str], is_open: bool) -> str:
    words = "".join(r"\p{L}*+" + regex.escape(part) for part in parts)
    return words + (r"\p{L}*" if is_open else r"(?!\p{L})")


def _gate(language: str, word: str) -> str:
    """The language a word counts in; none for scripts that hardly two languages share."""
    return language if _SHARED_SCRIPT.search(word) else ""


def _patterns(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning, str]]:
    yield from _concept_patterns(taxonomy, taxonomy.concepts.keys() - set(ROLE_CONCEPTS))
    for name, words in taxonomy.roles.anywhere.items():
        yield from _word_patterns(taxonomy.folder, name, "", words)
    for alliance in taxonomy.alliances.values():
        for language, names in alliance.names.items():
            yield from _named(names, alliance.id, "name", language)
        yield from _named((alliance.name, *alliance.historic), alliance.id, "name")
        yield from _named(alliance.committees, alliance.id, "committee")
        yield from _named(alliance.programmes, alliance.id, "programme")
        yield from _named(alliance.not_names, alliance.id, "not")
        for acronym in _expanded(alliance.acronyms):
            yield acronym, Meaning("body", alliance.id, "acronym", exact=acronym, ending=True), ""
        for short in _expanded(alliance.shorts):
            yield short, Meaning("body", alliance.id, "short", capital=True), ""
    yield from _place_patterns(taxonomy)
    yield from _institution_patterns(taxonomy)


def _expanded(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from expand(pattern)


def _named(
    patterns: Iterable[str], identifier: str, kind: NameKind, language: str = ""
) -> Iterator[tuple[str, Meaning, str]]:
    for spelling in _expanded(patterns):
        # A single Latin word that is written in capitals (ICOMOS, Unesco) is one only with a capital.
        capital = " " not in spelling and spelling[0].isupper()
        meaning = Meaning("body", identifier, kind, capital=capital, ending=capital, inflects=language)
        yield spelling, meaning, ""
        if kind == "committee" and (own := _script_language(spelling)):
            yield spelling, meaning._replace(inflects=own), ""


def _script_language(spelling: str) -> str:
    """A language that inflects as those of this script do, for names that tell no language."""
    return next((language for script, language in _BY_SCRIPT if script.search(spelling)), "")


def _place_patterns(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning, str]]:
    for language in _LANGUAGES:
        for code, country in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                yield country, Meaning("place", code, "country", capital=True), _gate(language, country)
    for code, names in taxonomy.places.countries.items():
        for country in _expanded(names):
            yield country, Meaning("place", code, "country", capital=True), ""
    for city, entry in taxonomy.places.cities.items():
        yield from _gazetted("place", city, "region" if entry.region else "city", entry.names)
    for name, site in taxonomy.sites.items():
        yield from _gazetted("place", name, "site", site.names)


def _institution_patterns(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning, str]]:
    for name, entry in taxonomy.institutions.items():
        yield from _gazetted("institution", name, entry.kind, entry.names)
        for acronym in entry.acronyms:
            yield acronym, Meaning("institution", name, entry.kind, exact=acronym), ""


def _gazetted(
    group: Group, value: str, kind: str, names: Iterable[str]
) -> Iterator[tuple[str, Meaning, str]]:
    for each in (value, *names):
        meaning = Meaning(group, value, kind, open_end=each.endswith("*"), capital=not each[0].islower())
        yield each.strip("*"), meaning, ""
