"""A trial of an alert: what it would send, sent now to each of its channels, on the way that every alert takes."""

from datetime import datetime

from services.dashboard.context import Context
from shared.bus.port import NewRecord, RecordTooLarge
from shared.contracts.article import Article, ArticleSource, Evidence
from shared.contracts.deliveries import TRIAL
from shared.contracts.messages import Alert, Channel, Subscription
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.identity import article_id
from shared.index.port import Search, SearchIndexError
from shared.query.evaluate import matched_spans
from shared.query.parse import QueryError, parse
from shared.subscriptions import LONGEST_NAME

MOST_MATCHED = 100
WORDS = (
    "This is a test. Somebody pressed “Send a test” to see whether alerts arrive here. "
    "No article matches this alert yet; the first one that does comes in the same way."
)


def send_trial(context: Context, subscription: Subscription, base: str) -> int:
    """Send the latest article that matches, or one of our own words, to every channel; how many there are.

    `base` is the address of our front page. Raises BusUnavailable.
    """
    now = context.clock()
    article, matched = _latest(context, subscription, now) or _made_up(subscription, base, now)
    try:
        _produce(context, [_record(subscription, c, article, matched, now) for c in subscription.channels])
    except RecordTooLarge:
        article, matched = _made_up(subscription, base, now)
        _produce(context, [_record(subscription, c, article, matched, now) for c in subscription.channels])
    return len(subscription.channels)


def _produce(context: Context, records: list[NewRecord]) -> None:
    producer = context.bus.producer()
    try:
        producer.produce(records)
    finally:
        producer.close()


def _record(
    subscription: Subscription,
    channel: Channel,
    article: Article,
    matched: tuple[Evidence, ...],
    now: datetime,
) -> NewRecord:
    id = TRIAL + derived_id(subscription.id, channel.kind, channel.target, now.isoformat())
    alert = Alert(
        id=id,
        subscription=subscription.id,
        subscription_name=f"Test: {subscription.name}"[:LONGEST_NAME],
        query=subscription.query,
        per=subscription.per,
        channel=channel,
        reason="new",
        article=article,
        matched=matched,
        created_at=now,
    )
    outgoing = Outgoing("alerts", subscription.id, alert)
    return encode(outgoing, message_id=id, traceparent=new_traceparent(), mode="live")


def _latest(
    context: Context, subscription: Subscription, now: datetime
) -> tuple[Article, tuple[Evidence, ...]] | None:
    """The newest article that matches, and the words that make it match."""
    try:
        query = parse(subscription.query, now, context.taxonomy)
        found = context.reader.search(Search(query, 1, sort="date"))
    except (QueryError, SearchIndexError):
        return None
    if not found.hits:
        return None
    article = found.hits[0].article
    return article, tuple(matched_spans(query, article)[:MOST_MATCHED])


def _made_up(subscription: Subscription, base: str, now: datetime) -> tuple[Article, tuple[Evidence, ...]]:
    url = f"{base}/alerts/{subscription.id}"
    title = f"A test of the alert “{subscription.name}”"
    proof = Evidence(text="test", field="title", start=2, end=6)
    article = Article(
        id=article_id(url),
        url=url,
        canonical_url=url,
        source=ArticleSource(id="heritage-wire", name="Heritage Wire"),
        title=title,
        text=WORDS,
        summary=WORDS,
        first_seen_at=now,
        fetched_at=now,
        language="en",
        content_hash="",
        parse_version=0,
    )
    return article, (proof,)
