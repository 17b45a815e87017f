"""Which subscriptions would match other articles than before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from services.alerter.matcher import Matcher
from services.cli.reclassify.comparing import Asked, version_of
from services.cli.reclassify.labels import relabelled
from services.cli.reclassify.ledger import Ledger, Row
from services.events.documents import ARTICLES, ArticleDocument, decode_article
from shared.contracts.article import Article, EventRef
from shared.contracts.messages import ParsedArticle, Subscription
from shared.corrections.applying import corrected
from shared.query.evaluate import SearchDocument
from shared.query.parse import Names, QueryError
from shared.store.port import Store

READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """An article as it is and as it would be. `parsed` is what is sent, None where only its event would change."""

    before: Article
    after: Article
    parsed: ParsedArticle | None


class Matching:
    """The subscriptions there are, to be asked of articles before and after."""

    def __init__(self, subscriptions: Iterable[Subscription], now: datetime, names: Names) -> None:
        self._matcher = Matcher(names)
        self._now = now
        self.subscriptions: dict[str, Subscription] = {}
        for subscription in subscriptions:
            if not subscription.enabled:
                continue
            try:
                self._matcher.put(subscription.id, subscription.query, now)
            except QueryError:  # it matches nothing, before and after
                continue
            self.subscriptions[subscription.id] = subscription

    def gained_and_lost(self, changed: Changed) -> tuple[list[str], list[str]]:
        """The subscriptions that would match it newly, and those that would no longer."""
        if not self.subscriptions:
            return [], []
        before, after = (
            set(self._matcher.matching(SearchDocument.of_article(article), self._now))
            for article in (changed.before, changed.after)
        )
        return sorted(after - before), sorted(before - after)


def changed_articles(store: Store, ledger: Ledger, asked: Asked, after: str = "") -> Iterator[Changed]:
    """Every article that would change, by id; what became another one meanwhile is left out."""
    rows = ledger.changed(after)
    while batch := list(islice(rows, READ_AT_ONCE)):
        kept = store.get_many(ARTICLES, [row.id for row in batch])
        documents = {id: decode_article(stored.body) for id, stored in kept.items()}
        yield from _of_batch(batch, documents, asked)


def _of_batch(
    batch: Sequence[Row], documents: Mapping[str, ArticleDocument], asked: Asked
) -> Iterator[Changed]:
    for row in batch:
        document = documents.get(row.id)
        if document is None or version_of(document) != row.version:
            continue
        parsed = relabelled(document, row.labels) if row.labels else None
        after = document.article
        if parsed:
            said = asked.said(row.id)
            after = replace(corrected(parsed.article, said, asked.taxonomy), event=after.event)
        if row.moved is not None:
            after = replace(after, event=EventRef(id=row.moved, title="") if row.moved else None)
        yield Changed(document.article, after, parsed)
