"""Where the name of a label that a reader added stands in the article, if it stands there."""

from collections.abc import Iterable, Iterator

from shared.contracts.article import Article, Evidence, TextField
from shared.taxonomy.folding import Folded, Folder
from shared.taxonomy.schema import Alliance, EventType
from shared.taxonomy.taxonomy import expand

# Longer texts are searched in their beginning.
MOST_CHARACTERS = 60_000
_FIELDS: tuple[TextField, ...] = ("title", "text")


def alliance_evidence(article: Article, body: Alliance, folder: Folder) -> tuple[Evidence, ...]:
    """The first place in title and in text where the body is named, in any language, today's name or a former one."""
    groups = (*body.names.values(), (body.name,), body.historic, body.committees)
    names = sorted({s for group in groups for pattern in group for s in expand(pattern)}, key=_longest)
    acronyms = [s for pattern in (*body.acronyms, *body.shorts) for s in expand(pattern)]
    return _first_of(article, names, acronyms, folder)


def type_evidence(article: Article, kind: EventType | None, folder: Folder) -> tuple[Evidence, ...]:
    """The first place in title and in text where the kind of event is called by its name."""
    return _first_of(article, [kind.name], (), folder) if kind else ()


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name


def _first_of(
    article: Article, names: Iterable[str], exact: Iterable[str], folder: Folder
) -> tuple[Evidence, ...]:
    keys = [key for name in names if (key := folder.key(name))]
    found = []
    for field, words in zip(_FIELDS, (article.title, article.text[:MOST_CHARACTERS]), strict=True):
        folded = folder.fold(words)
        spans = [*_folded_spans(folded, keys), *_exact_spans(words, exact)]
        if spans:
            start, end = spans[0]
            found.append(Evidence(text=words[start:end], field=field, start=start, end=end))
    return tuple(found)


def _folded_spans(folded: Folded, keys: Iterable[str]) -> Iterator[tuple[int, int]]:
    for key in keys:
        at = _whole(folded.text, key)
        if at is not None:
            yield folded.span(at, at + len(key))


def _exact_spans(words: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in names:
        at = _whole(words, name)
        if at is not None:
            yield at, at + len(name)


def _whole(text: str, words: str) -> int | None:
    """Where the words stand and are no part of longer ones; scripts without spaces know no such border."""
    at = text.find(words)
    while at >= 0:
        before = text[at - 1 : at]
        after = text[at + len(words) : at + len(words) + 1]
        if not (_joins(before, words[0]) or _joins(words[-1], after)):
            return at
        at = text.find(words, at + 1)
    return None


def _joins(one: str, other: str) -> bool:
    return bool(one and other) and all(c.isalnum() and c < "\u0e00" for c in (one, other))
