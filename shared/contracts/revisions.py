"""Earlier revisions of an article, as the store keeps them: the events service writes, the article page compares.

`article-revisions` holds one document per article that ever changed; label `source`.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from shared.contracts.article import Article, Struct
from shared.store.port import Store, Write

REVISIONS = "article-revisions"
MOST_KEPT = 5
# Characters of text kept of one article in all; of older revisions less is kept, then nothing.
MOST_TEXT = 500_000


class Revision(Struct, frozen=True, kw_only=True):
    """An article as it was before it changed."""

    revision: int
    title: str
    text: str
    content_hash: str
    fetched_at: datetime


class Revisions(Struct, frozen=True, kw_only=True):
    """The last earlier revisions of an article, oldest first."""

    article: str
    kept: tuple[Revision, ...] = ()


_encode = msgspec.json.Encoder().encode
decode_revisions = msgspec.json.Decoder(Revisions).decode


def revision_of(article: Article) -> Revision:
    """What is kept of a revision."""
    return Revision(
        revision=article.revision,
        title=article.title,
        text=article.text,
        content_hash=article.content_hash,
        fetched_at=article.fetched_at,
    )


def with_revision(earlier: Revisions, revision: Revision) -> Revisions:
    """The revisions with one more; told again, it stands there once."""
    others = (kept for kept in earlier.kept if kept.revision != revision.revision)
    newest_first = sorted((*others, revision), key=lambda kept: -kept.revision)
    kept = tuple(_bounded(newest_first[:MOST_KEPT]))
    return Revisions(article=earlier.article, kept=kept[::-1])


def _bounded(newest_first: Iterable[Revision]) -> Iterable[Revision]:
    left = MOST_TEXT
    for revision in newest_first:
        left -= len(revision.text)
        if left < 0:
            return
        yield revision


def revisions_of(store: Store, article: str) -> Revisions:
    """The earlier revisions kept of an article, none if it never changed. Raises StoreUnavailable."""
    stored = store.get(REVISIONS, article)
    return decode_revisions(stored.body) if stored else Revisions(article=article)


def revisions_write(revisions: Revisions, source: str) -> Write:
    """The write that keeps them."""
    return Write(REVISIONS, revisions.article, _encode(revisions), {"source": source})
