"""What changed between two revisions of a text, word by word, as HTML: `<del>` what went, `<ins>` what came.

Everything is escaped. Paragraphs are compared first, then the words of those that changed, so that a long text with a
small correction shows the correction. Work is bounded: of texts that differ all over, whole paragraphs are shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import regex
from markupsafe import Markup

from services.dashboard.reading import paragraphs
from shared.contracts.article import Article
from shared.contracts.revisions import Revision
from shared.rights import shown

MOST_PARAGRAPHS = 2000
# Comparing words costs the product of both lengths at worst.
MOST_WORDS = 800
# Below this share of common words it is another paragraph.
LEAST_ALIKE = 0.3
# Paragraphs of one revision compared word by word; of more, the rest is shown whole.
MOST_COMPARED = 40
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}"
_WORDS = regex.compile(
    rf"(?V1)\s+|(?:[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}'’]--[{_UNSPACED}]]+|.)\s*", regex.S
)


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision changed of the one before. `paragraphs` are those that differ."""

    earlier: Revision
    later: int
    title: Markup | None
    paragraphs: tuple[Markup, ...]

    @property
    def is_seen(self) -> bool:
        """Whether there is anything to show: of an excerpt the change may lie in what is not shown."""
        return self.title is not None or bool(self.paragraphs)


def changes(article: Article, kept: Sequence[Revision]) -> tuple[Change, ...]:
    """What changed from each kept revision to the next one, newest first, as far as the source's rights allow."""
    now = shown(article)
    texts = [(each.revision, each.title, _allowed(article, each)) for each in kept]
    texts.append((article.revision, now.title, now.text))
    return tuple(
        Change(
            earlier,
            later,
            compared(title_before, title) if title_before != title else None,
            tuple(_changed(before, text)),
        )
        for earlier, (_, title_before, before), (later, title, text) in zip(
            kept, texts, texts[1:], strict=False
        )
    )[::-1]


def _allowed(article: Article, revision: Revision) -> str:
    """The text of an earlier revision as its source's rights allow."""
    plain = Article(
        id=article.id,
        url=article.url,
        canonical_url=article.canonical_url,
        source=article.source,
        rights=article.rights,
        title=revision.title,
        text=revision.text,
        first_seen_at=article.first_seen_at,
        fetched_at=revision.fetched_at,
        language=article.language,
        content_hash=revision.content_hash,
        parse_version=article.parse_version,
    )
    return shown(plain).text


def compared(before: str, after: str) -> Markup:
    """The later text with what went and what came marked."""
    one, other = _WORDS.findall(before), _WORDS.findall(after)
    # White space behind a word is no change of it.
    both = SequenceMatcher(None, [w.strip() for w in one], [w.strip() for w in other], autojunk=False)
    if max(len(one), len(other)) > MOST_WORDS or both.quick_ratio() < LEAST_ALIKE:
        return _went(before) + _came(after)
    pieces = Markup()
    for kind, a, b, c, d in both.get_opcodes():
        if kind == "equal":
            pieces += "".join(other[c:d])
        else:
            pieces += _went("".join(one[a:b])) + _came("".join(other[c:d]))
    return pieces


def _went(text: str) -> Markup:
    return Markup("<del>{}</del>").format(text) if text else Markup()


def _came(text: str) -> Markup:
    return Markup("<ins>{}</ins>").format(text) if text else Markup()


def _changed(before: str, after: str) -> Iterator[Markup]:
    """The paragraphs that differ, in the order of the later text."""
    one, other = (
        [text[start:end] for start, end in paragraphs(text)][:MOST_PARAGRAPHS] for text in (before, after)
    )
    left = MOST_COMPARED
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c, left)
        left -= pairs
        yield from (compared(x, y) for x, y in zip(one[a : a + pairs], other[c : c + pairs], strict=True))
        yield from (_went(text) for text in one[a + pairs : b])
        yield from (_came(text) for text in other[c + pairs : d])
