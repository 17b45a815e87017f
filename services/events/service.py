"""The events service: every parsed article gets its event and its place among copies, and goes out as an update.

Redelivery is harmless: state is remembered only after the outputs are durable, so an article that is remembered in
this version was sent out, and what was not remembered is worked out and sent again, the same.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from services.events.documents import ARTICLES, ArticleDocument, article_write, decode_article
from services.events.registry import Placement, Plan, Registry, member
from services.events.said import Said, as_found
from shared.bus.port import Bus, Partition
from shared.clock import Clock, utc_now
from shared.contracts.article import Article
from shared.contracts.events import event_write
from shared.contracts.messages import ArticleUpdate, ParsedArticle
from shared.contracts.revisions import (
    Revisions,
    revision_of,
    revisions_of,
    revisions_write,
    with_revision,
)
from shared.contracts.wire import Outgoing, Received
from shared.corrections.keeping import Corrections
from shared.errors import StepError, TryAgain
from shared.journeys import OLDER, UNCHANGED
from shared.runner.service import Handled, Owns, Service, Tick, Verdict
from shared.store.port import Store, StoreUnavailable, Write

log = logging.getLogger(__name__)

Change = Literal["new", "revision", "reparsed", "regrouped"]
CORRECT_EVERY = timedelta(seconds=1)
PUBLISH_EVERY = timedelta(minutes=1)


class EventsStep:
    """Groups articles. Not for use by several threads, nor by two processes at once."""

    def __init__(self, store: Store, said: Said | None = None) -> None:
        """`said` is what readers put right; None for nothing."""
        self._store = store
        self._said = said or Said()
        self._registry = Registry()
        # What this batch has made and the store does not have yet.
        self._fresh: dict[str, ArticleDocument] = {}
        self._fresh_revisions: dict[str, Revisions] = {}

    def reload(self, _held: frozenset[Partition] = frozenset()) -> None:
        """Forget what was not remembered and read the state anew. Raises StoreUnavailable."""
        self._begin()
        self._said.forget()
        self._registry = Registry.load(self._store)

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """One batch: each article sees those before it. The batch before was remembered, or `reload` was called."""
        self._begin()
        self._said.catch_up()
        verdicts: list[Verdict] = []
        for received in batch:
            try:
                verdicts.append(self.handle(received.message))
            except StepError as verdict:
                verdicts.append(verdict)
            except StoreUnavailable:
                raise
            except Exception as error:
                # Caught here, or what the articles before it changed would be forgotten with it.
                log.exception("article %s", received.message.article.id)
                verdicts.append(TryAgain(f"article {received.message.article.id}: {error!r}"))
        return verdicts

    def correct(self, _now: datetime, owns: Owns) -> Handled:
        """The updates of articles of which readers said something new. Raises BusUnavailable, StoreUnavailable."""
        if not owns("parsed", "corrections"):
            return Handled()
        self._begin()
        self._said.catch_up()
        outputs: list[Outgoing] = []
        writes: list[Write] = []
        for id in self._said.touched():
            known = self._known(id)
            if known is None:  # it is corrected once it comes
                continue
            try:
                handled = self.handle(as_found(known))
            except StoreUnavailable:
                raise
            except Exception:  # a fault of one correction must not keep the articles waiting
                log.exception("article %s cannot be corrected", id)
                continue
            outputs += handled.outputs
            writes += handled.remember
        return Handled(outputs=tuple(outputs), remember=tuple(writes))

    def handle(self, parsed: ParsedArticle) -> Handled:
        """The updates one parsed article leads to: its own, and those of articles it regroups."""
        known = self._known(parsed.article.id)
        if known and _version(parsed.article) < _version(known.article):
            return Handled(ends=OLDER)
        tell = parsed.tell
        parsed, found = self._said.over(parsed)
        article = _continued(parsed.article, known)
        plan = self._registry.plan(article.id, member(article, parsed.facts))
        article = _placed(article, plan.placements[article.id])
        document = ArticleDocument(article=article, facts=parsed.facts, found=found)
        change = _change(known, document)
        others = self._regrouped(plan)
        documents = others if document == known else [*others, document]
        self._fresh.update((d.article.id, d) for d in documents)
        self._registry.apply(plan)
        updates = [self._update(change, document.article, tell)] if change else []
        updates += [self._update("regrouped", other.article) for other in others]
        # The earlier text first: once the article itself is kept, it is gone.
        earlier = self._earlier(known.article) if known and change == "revision" else ()
        return Handled(
            outputs=tuple(Outgoing("articles", update.article.id, update) for update in updates),
            remember=(*earlier, *map(event_write, plan.events.values()), *map(article_write, documents)),
            ends="" if updates else UNCHANGED,
        )

    def _begin(self) -> None:
        self._fresh = {}
        self._fresh_revisions = {}

    def _earlier(self, before: Article) -> tuple[Write, ...]:
        """The write that keeps what a changed article said before."""
        kept = self._fresh_revisions.get(before.id) or revisions_of(self._store, before.id)
        kept = self._fresh_revisions[before.id] = with_revision(kept, revision_of(before))
        return (revisions_write(kept, before.source.id),)

    def _update(self, change: Change, article: Article, tell: tuple[str, ...] = ()) -> ArticleUpdate:
        merged = self._registry.merged(article.event)
        return ArticleUpdate(change=change, article=article, merged_events=merged, tell=tell)

    def _regrouped(self, plan: Plan) -> list[ArticleDocument]:
        """The other articles the plan places anew."""
        ids = sorted(plan.placements.keys() - {plan.id})
        kept = self._store.get_many(ARTICLES, [id for id in ids if id not in self._fresh])
        found = {id: decode_article(stored.body) for id, stored in kept.items()} | self._fresh
        # One that is gone from the store was forgotten: nobody is to hear of it again.
        return [
            replace(found[id], article=_placed(found[id].article, plan.placements[id]))
            for id in ids
            if id in found
        ]

    def _known(self, id: str) -> ArticleDocument | None:
        if id in self._fresh:
            return self._fresh[id]
        stored = self._store.get(ARTICLES, id)
        return decode_article(stored.body) if stored else None


def events_service(store: Store, bus: Bus | None = None, clock: Clock = utc_now) -> Service:
    """The events service. One process works at a time: `parsed` has one partition a lane, others stand by.

    What readers put right is read from the bus by whoever works; without one nothing is corrected.
    """
    step = EventsStep(store, Said(bus))

    def publish(_now: datetime, owns: Owns) -> Handled:
        if bus and owns("parsed", "corrections"):
            Corrections(bus, store, clock).publish_pending()
        return Handled()

    ticks = (Tick("corrections", CORRECT_EVERY, step.correct), Tick("publish", PUBLISH_EVERY, publish))
    return Service(name="events", inputs=("parsed",), step=step.step, reload=step.reload, ticks=ticks)


def _version(article: Article) -> tuple[datetime, int]:
    return article.fetched_at, article.parse_version


def _continued(article: Article, known: ArticleDocument | None) -> Article:
    """The article with what its earlier versions fix: the first sight, and how many contents there were before."""
    if known is None:
        return replace(article, revision=1)
    before = known.article
    return replace(
        article,
        first_seen_at=before.first_seen_at,
        revision=before.revision + _is_revision(before, article),
    )


def _is_revision(before: Article, now: Article) -> bool:
    """Whether the page says something else than before. What was fetched once and is parsed again does not."""
    return now.content_hash != before.content_hash and now.fetched_at != before.fetched_at


def _placed(article: Article, at: Placement) -> Article:
    return replace(article, event=at.event, duplicate_of=at.duplicate_of, carried_by=at.carried_by)


def _change(known: ArticleDocument | None, now: ArticleDocument) -> Change | None:
    """What is new about an article, if anything is."""
    if known is None:
        return "new"
    before, after = known.article, now.article
    if _is_revision(before, after):
        return "revision"
    # Fetched again is no change; the grouping is the last thing to look at.
    after = replace(after, fetched_at=before.fetched_at)
    if after == before:
        return None
    if _placed(after, Placement()) == _placed(before, Placement()):
        return "regrouped"
    return "reparsed"
