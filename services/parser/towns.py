"""Finds towns of the gazetteer in an article: names that something beside them says are places.

Most of 34,000 towns are somebody's name or an ordinary word too. So a name counts where a word of place stands before
or after it ("in Kuching", "奈良市で"), where its country follows ("Goris, Armenia"), or where it opens a dateline; and
then everywhere else in the article.
"""

from collections.abc import Iterable, Iterator, Mapping, Set

import regex
from ahocorasick_rs import AhoCorasick

from services.parser.lexicon import Hit
from shared.contracts.article import TextField
from shared.taxonomy.folding import Folded, Folder
from shared.taxonomy.schema import City, PlaceWords
from shared.taxonomy.towns import Town, Towns
from shared.text.scripts import SPACELESS

_MOST_WORDS, _LONGEST = 4, 24
_SHORTEST = 3
# In scripts that have spaces but no capitals, short names and those of small towns are mostly words.
_SHORTEST_UNCASED, _KNOWN_UNCASED = 4, 50_000
# Letters that a case may add to a name, by how few of the name must stay.
_ENDING, _STEM = 3, 4
# A town that another language names in two characters must be one of note.
_NOTED = 100_000
# "Of Lincoln" says little: a large town, or one whose country is named too.
_LARGE = 1_000_000
# Whose name hardly begins another: "in Shanghai Tuesday".
_HUGE = 5_000_000
_WORDS = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}'.]*(?:[ -][\p{L}\p{M}][\p{L}\p{M}'.]*){0,3}")
_INFLECTED = regex.compile(r"[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Georgian}]|[\p{Latin}]")
_SPACELESS = regex.compile(f"[{SPACELESS}]")
_CASED = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}]")
_KATAKANA = regex.compile(r"[\p{Katakana}ー]{3,}")
_PERSON = regex.compile(r"氏|さん|選手|監督")
_KATAKANA_INSIDE = regex.compile(r"[\p{Katakana}ー]{2}")
_ONWARD = regex.compile(r"[ -](?:(?<= )d[eoa]s? )?(?=\p{L})")
_DATELINE = regex.compile(r"(?: ?[,(（][^\n.!?\"]{0,40}?)? ?(?:--?|[:：។៖।])(?![\p{L}\d])")
_UNCASED = regex.compile(r"[\p{Arabic}\p{Devanagari}\p{Bengali}\p{Hebrew}]")
# Languages whose names change at the end.
_DECLINED = frozenset(
    ("ru", "uk", "bg", "sr", "pl", "cs", "sk", "hr", "lt", "lv", "el", "hy", "ka", "hu", "fi", "et")
)


class TownFinder:
    """Finds towns. Immutable once built."""

    def __init__(self, towns: Towns, words: Mapping[str, PlaceWords], folder: Folder) -> None:
        self._towns, self._folder = towns, folder
        self._places = {language: _Places(each, folder) for language, each in words.items()}

    def find(
        self, folded: Mapping[TextField, Folded], hits: Mapping[TextField, Iterable[Hit]], language: str
    ) -> dict[TextField, list[Hit]]:
        """The towns in title and text. `hits`: what else was found there; its countries tell towns beside them."""
        own = language.partition("-")[0].lower()
        places = [self._places[each] for each in dict.fromkeys((own, "en")) if each in self._places]
        declined = own in _DECLINED
        sure: dict[TextField, set[tuple[int, int, str]]] = {}
        countries = {hit.value for found in hits.values() for hit in found if hit.kind == "country"}
        for field, text in folded.items():
            page = _Page(text, self._towns, countries, declined=declined)
            sure[field] = {found for each in places for found in each.towns(page)}
            sure[field].update(page.before_countries(hits[field]))
            if field == "text":
                sure[field].update(page.dateline())
            if own == "ja":
                sure[field].update(page.katakana())
        names = {name for found in sure.values() for _, _, name in found}
        return {
            field: [
                Hit("place", name, "town", field, *text.span(start, end))
                for start, end, name in sorted(sure[field] | set(_everywhere(text, names)))
            ]
            for field, text in folded.items()
        }

    def of(self, name: str, countries: Set[str]) -> Town:
        """The town that a name found here means: one in a country that the article names, else the largest."""
        towns = self._towns.of(name)
        return next((town for town in towns if town.country in countries), towns[0])

    def known_as(self, cities: Mapping[str, City]) -> dict[tuple[str, str | None], str]:
        """For towns that our own list of places has too: its name, by theirs and their country."""
        known: dict[tuple[str, str | None], str] = {}
        for name, city in cities.items():
            for spelling in (name, *city.names):
                towns = self._towns.of(self._folder.key(spelling))
                known.update({(t.name, t.country): name for t in towns if t.country == city.country})
        return known


class _Page:
    """One folded text, and what may be read at a place of it."""

    def __init__(self, folded: Folded, towns: Towns, countries: Set[str], *, declined: bool) -> None:
        self.text = folded.text
        self._folded, self._towns = folded, towns
        self._countries, self._declined = countries, declined

    def name_at(self, start: int) -> tuple[int, int, str] | None:
        """The longest town's name that begins at `start`."""
        if start >= len(self.text):
            return None
        if _SPACELESS.match(self.text, start):
            ends = range(min(len(self.text), start + _LONGEST), start + 1, -1)
            return next((found for end in ends if (found := self._dense(start, end))), None)
        words = _WORDS.match(self.text, start)
        if words is None or not self._is_capital(start):
            return None
        ends_of_words = [start + m.start() for m in regex.finditer(r"(?=[ -])|$", words[0])]
        for last in reversed(ends_of_words[:_MOST_WORDS]):
            told = self.text[start:last].rstrip(".'")
            if name := self._spaced(told):
                end = start + len(told)
                return None if self._goes_on(end, name) else (start, end, name)
        return None

    def name_before(self, end: int) -> tuple[int, int, str] | None:
        """The longest town's name that ends at `end`."""
        for start in range(max(0, end - _LONGEST), end - 1):
            if start and self.text[start - 1].isalpha() and not _SPACELESS.match(self.text, start - 1):
                continue
            if _SPACELESS.match(self.text, start):
                found = self._dense(start, end)
            else:
                name = self.text[start:end]
                found = (start, end, name) if self._known(name) and self._is_capital(start) else None
            if found:
                return found
        return None

    def adjective_at(self, start: int) -> int:
        """Where the next word begins, if an ordinary one stands at `start`; else 0."""
        word = _ADJECTIVE.match(self.text, start)
        return word.end() if word and not self._folded.original[self._folded.origin(start)].isupper() else 0

    def is_likely(self, name: str) -> bool:
        """Whether a name is a large town's, or that of a town whose country the article names."""
        return any(town.people >= _LARGE or town.country in self._countries for town in self._towns.of(name))

    def before_countries(self, hits: Iterable[Hit]) -> Iterator[tuple[int, int, str]]:
        """Towns with their country behind: "Goris, Armenia"."""
        countries = {hit.start: hit.value for hit in hits if hit.kind == "country"}
        for comma in regex.finditer(r", ?|,? \(", self.text) if countries else ():
            country = (
                countries.get(self._folded.origin(comma.end())) if comma.end() < len(self.text) else None
            )
            if country is None or (found := self.name_before(comma.start())) is None:
                continue
            if any(town.country == country for town in self._towns.of(found[2])):
                yield found

    def dateline(self) -> Iterator[tuple[int, int, str]]:
        """The town a report was sent from, as it opens."""
        found = self.name_at(len(self.text) - len(self.text.lstrip()))
        if found and _DATELINE.match(self.text, found[1]):
            yield found

    def katakana(self) -> Iterator[tuple[int, int, str]]:
        """Foreign towns in Japanese."""
        for run in _KATAKANA.finditer(self.text):
            if found := self._dense(*run.span()):
                yield found

    def _dense(self, start: int, end: int) -> tuple[int, int, str] | None:
        name = self.text[start:end]
        if name not in self._towns.bearing or self._katakana_at(start) or self._katakana_at(end):
            return None
        if _PERSON.match(self.text, end):
            return None
        noted = len(name) > 2 or self._towns.of(name)[0].people >= _NOTED
        return (start, end, name) if noted else None

    def _katakana_at(self, at: int) -> bool:
        """Whether a word in katakana goes on at a place."""
        return _KATAKANA_INSIDE.match(self.text, at - 1) is not None if at else False

    def _goes_on(self, end: int, name: str) -> bool:
        """Whether what ends here is only the beginning of a longer name: "Kota Lama", "Bayan-Ölgii"."""
        onward = _ONWARD.match(self.text, end)
        if onward is None or self._towns.of(name)[0].people >= _HUGE:
            return False
        return onward[0] == "-" or self._folded.original[self._folded.origin(onward.end())].isupper()

    def _spaced(self, name: str) -> str:
        bearing = self._towns.bearing
        if self._known(name):
            return name
        if not self._declined or not _INFLECTED.match(name):
            return ""
        stems = [name[: len(name) - cut] for cut in range(_ENDING + 1) if len(name) - cut >= _STEM]
        # Ukrainian changes the vowel too: Харкові, Харків.
        stems += [stem[:-2] + "і" + stem[-1] for stem in stems if stem[-2] in "ое"]
        return next((s + e for s in stems for e in _NOMINATIVE if s + e in bearing), "")

    def _known(self, name: str) -> bool:
        if name not in self._towns.bearing:
            return False
        if _UNCASED.match(name):
            return len(name) >= _SHORTEST_UNCASED and self._towns.of(name)[0].people >= _KNOWN_UNCASED
        return len(name) >= _SHORTEST

    def _is_capital(self, start: int) -> bool:
        first = self._folded.original[self._folded.origin(start)]
        return not _CASED.match(first) or first.isupper()


class _Cues:
    """Words that stand before a place, apart from it by a space where their script has spaces."""

    def __init__(self, words: Iterable[str]) -> None:
        spelt = [word if _SPACELESS.match(word) else f"{word} " for word in words]
        self._words = AhoCorasick(spelt) if spelt else None

    def ends(self, text: str) -> Iterator[int]:
        """Where what follows such a word begins."""
        for _, start, end in (
            self._words.find_matches_as_indexes(text, overlapping=True) if self._words else ()
        ):
            if text[end - 1] != " " or not start or not _LETTER.match(text, start - 1):
                yield end


class _Places:
    """The words of place of one language, over folded text."""

    def __init__(self, words: PlaceWords, folder: Folder) -> None:
        before, weak, after, ends = (
            [folder.key(word) for word in some]
            for some in (words.before, words.weak, words.after, words.ends)
        )
        self._before, self._weak = _Cues(before), _Cues(weak)
        self._after = _pattern(after, r"(?P<at> (?:%s)(?![\p{L}\p{M}]))|(?P<at>(?:%s))")
        self._ends = regex.compile(rf"(?<=\p{{L}})(?P<at>)(?:{_any(ends)})(?!\p{{L}})") if ends else None

    def towns(self, page: _Page) -> Iterator[tuple[int, int, str]]:
        """Towns beside a word of place."""
        for start in self._before.ends(page.text):
            start += len(_THE) * page.text.startswith(_THE, start)
            found = page.name_at(start)
            if found is None and (other := page.adjective_at(start)):
                found = page.name_at(other)
            if found:
                yield found
        for start in self._weak.ends(page.text):
            if (found := page.name_at(start)) and page.is_likely(found[2]):
                yield found
        for pattern in filter(None, (self._after, self._ends)):
            for cue in pattern.finditer(page.text):
                if found := page.name_before(cue.start("at")):
                    yield found


# Endings of the first case, where another one was taken off.
_NOMINATIVE = ("", *"аяьыиеойaoyeα", "η", "ος", "ς", "ι", "ο", "ა", "ի")
_THE = "the "
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_ADJECTIVE = regex.compile(r"[\p{L}\p{M}-]{3,14} ")


def _any(words: Iterable[str]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


def _pattern(words: Iterable[str], both: str) -> regex.Pattern[str] | None:
    """The first half of `both` for words apart from the name by a space, the second for those of other scripts."""
    dense = [word for word in words if _SPACELESS.match(word)]
    spaced = [word for word in words if word not in dense]
    halves = both.split("|(", 1)
    parts = [halves[0] % _any(spaced)] if spaced else []
    parts += [f"({halves[1]}" % _any(dense)] if dense else []
    return regex.compile("|".join(parts)) if parts else None


def _everywhere(folded: Folded, names: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Each place where one of these names stands as a word."""
    for name in names:
        inside = "" if _SPACELESS.match(name) else r"(?![\p{L}\p{M}])"
        outside = inside.replace("?!", "?<!")
        for found in regex.finditer(f"{outside}{regex.escape(name)}{inside}", folded.text):
            first = folded.original[folded.origin(found.start())]
            if first.isupper() or not _CASED.match(first):
                yield found.start(), found.end(), name
