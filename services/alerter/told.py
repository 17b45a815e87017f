"""Who was told of what: the markers that make an alert come once per event, in the store's collection `alerted`.

There is one marker per subscription and subject. Subjects are ids: of events, and of articles. An alert marks the
article, its event and every id that stands for that event by then, so that whatever is merged, split or copied later
meets a marker; and where a grouped article meets one, the ids it has now are marked too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.contracts.article import Article, Struct
from shared.contracts.messages import ArticleUpdate, Subscription
from shared.contracts.wire import derived_id
from shared.identity import article_id
from shared.store.port import Store, Write

COLLECTION = "alerted"


class Marker(Struct, frozen=True, kw_only=True):
    """A subscription was told of a subject, by this article."""

    subscription: str
    subject: str
    article: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Subjects:
    """What an alert on an article would be about, for one subscription.

    `subject` names it in the alert's id; `same` are all ids of that one thing. `article` counts as told too, but does
    not speak for the others: an article that came later into an event that was told of is no news of it, and if it
    leaves the event again, nobody was told of what it is then.
    """

    subject: str
    same: tuple[str, ...]
    article: str


def subjects(update: ArticleUpdate, per: str) -> Subjects:
    """The event of an article, with those merged into it; without one (or per article) the article with its copies.

    A copy is the same article from another source: who was told of one was told of all.
    """
    article = update.article
    if per == "event" and article.event:
        return Subjects(article.event.id, (article.event.id, *update.merged_events), article.id)
    first = article.duplicate_of or article.id
    return Subjects(first, tuple(dict.fromkeys((first, article.id, *_copies(article)))), article.id)


def _copies(article: Article) -> Iterable[str]:
    """The ids of the articles this one is the best copy of; they follow from their addresses."""
    return (article_id(carrier.url) for carrier in article.carried_by)


class Told:
    """The markers of one batch: those that were there when it began, and those it makes."""

    def __init__(self, store: Store, asked: Iterable[tuple[Subscription, Subjects]]) -> None:
        """Read the markers that matter for these. Raises StoreUnavailable."""
        ids = {
            marker_id(subscription, subject)
            for subscription, about in asked
            for subject in (*about.same, about.article)
        }
        self._there: set[str] = set(store.get_many(COLLECTION, sorted(ids))) if ids else set()

    def of(self, subscription: Subscription, subjects: Collection[str]) -> bool:
        """Whether the subscription was told of any of them."""
        return any(marker_id(subscription, subject) in self._there for subject in subjects)

    def mark(
        self, subscription: Subscription, subjects: Iterable[str], article: str, now: datetime
    ) -> list[Write]:
        """The writes that mark those that are not marked yet; they count from now on."""
        writes = []
        for subject in dict.fromkeys(subjects):
            id = marker_id(subscription, subject)
            if id not in self._there:
                self._there.add(id)
                marker = Marker(subscription=subscription.id, subject=subject, article=article, at=now)
                writes.append(Write(COLLECTION, id, msgspec.json.encode(marker)))
        return writes


def marker_id(subscription: Subscription, subject: str) -> str:
    """The id of a marker in the store."""
    return derived_id(subscription.id, subject)
