"""How rare things are among the articles: learnt from those that come by, guessed until then."""

from collections import Counter
from collections.abc import Iterator

from services.alerter.anchors import Anchor
from shared.query.evaluate import SearchDocument
from shared.text import inflections

# Articles that are all counted; of later ones every so manieth.
FIRST, EVERY = 512, 8
# Names that are held at most; the rarest are forgotten, which makes them look as rare as they are.
MOST_NAMES = 200_000
# How many articles the guess is worth.
GUESS_WEIGHT = 20

_FIELDS = {
    "event": 0.002,
    "author": 0.005,
    "site": 0.02,
    "source": 0.02,
    "place": 0.02,
    "alliance": 0.05,
    "mention": 0.05,
    "type": 0.1,
    "country": 0.1,
    "lang": 0.3,
    "phase": 0.4,
    "quality": 0.4,
}
# By the number of characters; longer ones are as rare as the last.
_TOKENS = (1.0, 0.4, 0.3, 0.25, 0.12, 0.1, 0.08, 0.06, 0.04)
_HEADS = (1.0, 0.9, 0.6, 0.3, 0.15)


class Rarity:
    """Counts what articles hold. It only makes the matcher quick or slow: a wrong share loses no match."""

    def __init__(self) -> None:
        self._counted = 0
        self._passed = 0
        self._holding: Counter[Anchor | str] = Counter()

    @property
    def seen(self) -> int:
        """How many articles came by."""
        return self._passed

    def learn(self, document: SearchDocument) -> None:
        """Take an article into account, or pass it over."""
        self._passed += 1
        if self._passed > FIRST and self._passed % EVERY:
            return
        self._counted += 1
        self._holding.update(set(_names(document)))
        if len(self._holding) > MOST_NAMES:
            self._forget()

    def share(self, anchor: Anchor) -> float:
        """The share of articles that hold an anchor, more than 0 and hardly more than 1."""
        held = self._held(anchor)
        if held is None:
            return _guess(anchor)
        return (held + _guess(anchor) * GUESS_WEIGHT) / (self._counted + GUESS_WEIGHT)

    def _held(self, anchor: Anchor) -> int | None:
        """In how many of the counted articles; None for what is not counted."""
        match anchor.kind:
            case "token":
                return self._holding[anchor.value]
            case "word":
                # An article holds stems of one language alone, so that the sum counts none twice.
                stems = sum(self._holding[stem] for stem in inflections(anchor.value))
                return max(self._holding[anchor.value], stems)
            case "keyword" | "duplicate":
                return self._holding[anchor]
            case _:
                return None

    def _forget(self) -> None:
        """The rarer half goes; what is common comes again."""
        keep = sorted(self._holding.items(), key=lambda item: -item[1])[: MOST_NAMES // 2]
        self._holding = Counter(dict(keep))


def _names(document: SearchDocument) -> Iterator[Anchor | str]:
    for words in (document.title, document.text):
        yield from words.exact
        yield from words.stems
    for field, values in document.keywords.items():
        yield from (Anchor("keyword", field, value) for value in values)
    if document.duplicate:
        yield Anchor("duplicate", "", "")


def _guess(anchor: Anchor) -> float:
    match anchor.kind:
        case "keyword":
            return _FIELDS[anchor.scope]
        case "duplicate":
            return 0.1
        case kind:
            guesses = _HEADS if kind == "head" else _TOKENS
            # A character of an unspaced script weighs as much as a syllable.
            length = len(anchor.value.encode()) if kind != "head" else len(anchor.value)
            share = guesses[min(length, len(guesses) - 1)]
            return share / 4 if anchor.scope == "title" else share
