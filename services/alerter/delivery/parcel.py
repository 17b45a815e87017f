"""What is sent: one alert, or the digest of a day. Rights are applied here, before anything leaves."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from shared.contracts.article import Article, EventRef, Evidence
from shared.contracts.deliveries import Delivery
from shared.contracts.messages import Alert, Channel
from shared.query.snippets import snippets
from shared.rights import shown

# Passages of the text in a message to a person, and how long each is, in characters.
PASSAGES, PASSAGE = 3, 240
LONGEST_TITLE = 300

# A piece of text, and whether it is among the words that prove the match.
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class News:
    """One article as it may be shown. `title` and `passages` come in pieces; a digest has no `article`, only its head."""

    alert: str
    article_id: str
    url: str
    headline: str
    title: tuple[Piece, ...]
    passages: tuple[tuple[Piece, ...], ...]
    language: str
    source: str
    event: EventRef | None
    published_at: datetime | None
    matched: tuple[Evidence, ...]
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one channel under one id. `day` is the digest's (ISO 8601), None for a single alert."""

    id: str
    channel: Channel
    subscription: str
    name: str
    query: str
    at: datetime
    news: tuple[News, ...]
    day: str | None = None

    @property
    def subject(self) -> str:
        """A title in one line: the event, or the article; of a digest, how many articles it has."""
        if self.day is not None:
            count = len(self.news)
            return f"{self.name}: {count} {'article' if count == 1 else 'articles'}, {self.day}"
        (news,) = self.news
        return news.event.title if news.event else news.headline


def parcel_of(alert: Alert) -> Parcel:
    """The parcel of a single alert."""
    return Parcel(
        id=alert.id,
        channel=alert.channel,
        subscription=alert.subscription,
        name=alert.subscription_name or alert.subscription,
        query=alert.query,
        at=alert.created_at,
        news=(_news_of_alert(alert),),
    )


def digest_parcel(id: str, day: str, carrier: Alert, entries: tuple[Delivery, ...], at: datetime) -> Parcel:
    """The parcel of a day's digest: who gets it is as its first alert says, what is in it as the ledger says."""
    return Parcel(
        id=id,
        channel=carrier.channel,
        subscription=carrier.subscription,
        name=carrier.subscription_name or carrier.subscription,
        query=carrier.query,
        at=at,
        news=tuple(map(_news_of_entry, entries)),
        day=day,
    )


def shown_matches(article: Article, matched: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The words that prove the match, as far as the article they stand in may be shown."""
    visible = len(shown(article).text)
    return tuple(e for e in matched if e.field == "title" or e.end <= visible)


def _news_of_alert(alert: Alert) -> News:
    article = shown(alert.article)
    matched = shown_matches(alert.article, alert.matched)
    spans = {
        field: [(e.start, e.end) for e in matched if e.field == field and e.end > e.start]
        for field in ("title", "text")
    }
    found = snippets(article.text, spans["text"], PASSAGES if spans["text"] else 1, PASSAGE)
    return News(
        alert=alert.id,
        article_id=article.id,
        url=article.url,
        headline=article.title,
        title=_pieces(article.title, 0, len(article.title), spans["title"]),
        passages=tuple(_pieces(article.text, s.start, s.end, s.spans) for s in found),
        language=article.language,
        source=article.source.name,
        event=article.event,
        published_at=article.published_at,
        matched=matched,
        article=article,
    )


def _news_of_entry(entry: Delivery) -> News:
    words = tuple(dict.fromkeys(e.text for e in entry.matched if e.field == "text"))[:PASSAGES]
    spans = [(e.start, e.end) for e in entry.matched if e.field == "title" and e.end > e.start]
    return News(
        alert=entry.id,
        article_id=entry.article,
        url=entry.url,
        headline=entry.title,
        title=_pieces(entry.title, 0, len(entry.title), spans),
        passages=tuple(((word, True),) for word in words),
        language=entry.language,
        source=entry.source,
        event=entry.event,
        published_at=None,
        matched=entry.matched,
    )


def _pieces(
    text: str, start: int, end: int, spans: list[tuple[int, int]] | tuple[tuple[int, int], ...]
) -> tuple[Piece, ...]:
    """The text from `start` to `end`, cut where spans begin and end; spans may overlap."""
    borders = {start, end}
    for a, b in spans:
        borders |= {max(start, min(a, end)), max(start, min(b, end))}
    cut = sorted(borders)
    return tuple((text[a:b], any(x <= a and b <= y for x, y in spans)) for a, b in pairwise(cut) if b > a)
