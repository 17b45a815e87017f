"""What the events service keeps in the store, as JSON.

`event-articles` holds every article as last sent out, with the facts it was grouped by; labels `event` (empty for
none) and `source`. The events themselves are in `shared.contracts.events`.
"""

from datetime import datetime

import msgspec

from shared.contracts.article import AllianceTag, Article, ArticleSource, Carrier, EventRef, Struct
from shared.contracts.messages import EventFacts
from shared.corrections.applying import Found
from shared.store.port import Write

ARTICLES = "event-articles"


class ArticleDocument(Struct, frozen=True, kw_only=True):
    """An article as last sent out; `found` is what the program said of it where readers say otherwise."""

    article: Article
    facts: EventFacts
    found: Found | None = None


class ArticleHead(msgspec.Struct, frozen=True):
    """The part of an article the registry needs; the rest, the text above all, is not even decoded."""

    id: str
    url: str
    source: ArticleSource
    title: str
    first_seen_at: datetime
    alliances: tuple[AllianceTag, ...] = ()
    event: EventRef | None = None
    duplicate_of: str | None = None
    carried_by: tuple[Carrier, ...] = ()


class ArticleEntry(msgspec.Struct, frozen=True):
    """An article document without what only readers need."""

    article: ArticleHead
    facts: EventFacts


_encode = msgspec.json.Encoder().encode
decode_article = msgspec.json.Decoder(ArticleDocument).decode
decode_entry = msgspec.json.Decoder(ArticleEntry).decode


def article_write(document: ArticleDocument) -> Write:
    """The write that keeps an article."""
    article = document.article
    labels = {"event": article.event.id if article.event else "", "source": article.source.id}
    return Write(ARTICLES, article.id, _encode(document), labels)
