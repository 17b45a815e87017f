"""Which queries an article may match: a reverse index from what articles hold to the queries that require it."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from services.alerter.anchors import Anchor, Cover
from shared.query.evaluate import SearchDocument, Words
from shared.text import stem_language, stem_term

Item = TypeVar("Item")
Key = TypeVar("Key")
Value = TypeVar("Value")


class ReverseIndex(Generic[Item]):
    """Items by the anchors of their covers."""

    def __init__(self) -> None:
        self._texts: dict[str, _TextIndex[Item]] = {"all": _TextIndex(), "title": _TextIndex()}
        self._labels: dict[Anchor, set[Item]] = {}
        # Those without a cover.
        self._always: set[Item] = set()

    def put(self, item: Item, anchors: Cover | None) -> None:
        """Keep an item under a cover; None stands for what may be met in any article."""
        if anchors is None:
            self._always.add(item)
        for anchor in anchors or ():
            if anchor.kind in ("keyword", "duplicate"):
                self._labels.setdefault(anchor, set()).add(item)
            else:
                self._texts[anchor.scope].put(anchor, item)

    def remove(self, item: Item, anchors: Cover | None) -> None:
        """Keep it no more; the cover is the one it was put with."""
        self._always.discard(item)
        for anchor in anchors or ():
            if anchor.kind in ("keyword", "duplicate"):
                _discard(self._labels, anchor, item)
            else:
                self._texts[anchor.scope].remove(anchor, item)

    def candidates(self, document: SearchDocument) -> set[Item]:
        """Every item with an anchor that the article holds."""
        found = set(self._always)
        for anchor in _labels(document):
            found |= self._labels.get(anchor, frozenset())
        for scope, texts in self._texts.items():
            texts.collect(document.fields(scope), document.language, found)
        return found


class _TextIndex(Generic[Item]):
    """Items by the tokens, words and beginnings of tokens they require in one scope."""

    def __init__(self) -> None:
        self._tokens: dict[str, set[Item]] = {}
        self._words: dict[str, set[Item]] = {}
        # By length.
        self._heads: dict[int, dict[str, set[Item]]] = {}
        # For each language that articles came in: the words that share a stem there.
        self._stems: dict[str, dict[str, set[str]]] = {}

    def put(self, anchor: Anchor, item: Item) -> None:
        if anchor.kind == "word" and anchor.value not in self._words:
            for language, stems in self._stems.items():
                _note_stem(stems, anchor.value, language)
        self._kept(anchor).setdefault(anchor.value, set()).add(item)

    def remove(self, anchor: Anchor, item: Item) -> None:
        _discard(self._kept(anchor), anchor.value, item)
        if anchor.kind == "word" and anchor.value not in self._words:
            for language, stems in self._stems.items():
                stem = stem_term(anchor.value, language)
                if stem is not None:
                    _discard(stems, stem, anchor.value)

    def collect(self, fields: tuple[Words, ...], language: str, found: set[Item]) -> None:
        """Add what the fields of an article lead to."""
        tokens = set[str]().union(*(words.exact for words in fields))
        for kept in (self._tokens, self._words):
            for token in kept.keys() & tokens:
                found |= kept[token]
        for length, heads in self._heads.items():
            for head in heads.keys() & {token[:length] for token in tokens}:
                found |= heads[head]
        key = stem_language(language)
        if self._words and key:
            stems = self._stems_in(key)
            for stem in stems.keys() & frozenset[str]().union(*(words.stems for words in fields)):
                for word in stems[stem]:
                    found |= self._words[word]

    def _kept(self, anchor: Anchor) -> dict[str, set[Item]]:
        if anchor.kind == "head":
            return self._heads.setdefault(len(anchor.value), {})
        return self._words if anchor.kind == "word" else self._tokens

    def _stems_in(self, language: str) -> Mapping[str, set[str]]:
        if language not in self._stems:
            stems = self._stems[language] = {}
            for word in self._words:
                _note_stem(stems, word, language)
        return self._stems[language]


def _labels(document: SearchDocument) -> Iterator[Anchor]:
    for field, values in document.keywords.items():
        yield from (Anchor("keyword", field, value) for value in values)
    if document.duplicate:
        yield Anchor("duplicate", "", "")


def _note_stem(stems: dict[str, set[str]], word: str, language: str) -> None:
    stem = stem_term(word, language)
    if stem is not None:
        stems.setdefault(stem, set()).add(word)


def _discard(kept: dict[Key, set[Value]], key: Key, value: Value) -> None:
    values = kept.get(key)
    if values is not None:
        values.discard(value)
        if not values:
            del kept[key]
