"""An alert as its page shows it: its channels, where its feed is, and what it told, with the words that proved it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from services.dashboard.addresses import outward
from services.dashboard.context import Context
from services.dashboard.ledger import Tone, in_words, is_trial, tone
from services.dashboard.marking import title_and_passages
from shared.contracts.article import Article, Evidence
from shared.contracts.deliveries import Attempt, Delivery
from shared.contracts.messages import Channel, Subscription
from shared.index.port import Highlight
from shared.rights import shown

KINDS = {"feed": "Private feed", "email": "E-mail", "webhook": "Webhook", "apprise": "Chat or phone"}
MOST_WORDS = 12
FEEDS = (("atom", "Atom"), ("rss", "RSS"), ("json", "JSON Feed"))


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one alert at channels where the same came of it, each with its kind and target.

    `words` is where it stands; `attempts` are the tries, where there is more to tell of them than that.
    """

    channels: tuple[tuple[str, str], ...]
    tone: Tone
    words: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One alert: the article, why it came, and what became of it at each channel.

    `passages` are pieces of the text with the words that proved the match; `words` are those of them that cannot be
    shown in their place, because the text is not at hand or has changed.
    """

    entry: Delivery
    title: Markup
    passages: Sequence[Markup]
    words: Sequence[str]
    sendings: Sequence[Sending]
    in_index: bool
    link: str | None
    trial: bool


def feed_addresses(subscription: Subscription, base: str) -> list[tuple[str, str]]:
    """The private feed's addresses with their names, for an alert that has one."""
    token = next((c.target for c in subscription.channels if c.kind == "feed"), None)
    return [(name, f"{base}/feeds/alerts/{token}.{kind}") for kind, name in FEEDS] if token else []


def secrets_of(subscription: Subscription) -> list[Channel]:
    """The channels whose receivers need to know a secret."""
    return [channel for channel in subscription.channels if channel.secret]


def told(context: Context, entries: Sequence[Delivery]) -> list[Told]:
    """The entries, those of one alert to several channels together, in the order they come."""
    groups: dict[tuple[str, str, datetime, bool], list[Delivery]] = {}
    for entry in entries:
        groups.setdefault((entry.article, entry.reason, entry.created_at, is_trial(entry)), []).append(entry)
    return [_told(context, group) for group in groups.values()]


def _told(context: Context, group: Sequence[Delivery]) -> Told:
    entry, now = group[0], context.clock()
    article = context.reader.get(entry.article)
    proof = (
        _proof(entry, shown(article)) if article else _Proof(Markup.escape(entry.title), [], entry.matched)
    )
    return Told(
        entry=entry,
        title=proof.title,
        passages=proof.passages,
        words=list(dict.fromkeys(e.text for e in proof.left))[:MOST_WORDS],
        sendings=list(_sendings(group, now)),
        in_index=article is not None,
        link=outward(entry.url),
        trial=is_trial(entry),
    )


def _sendings(group: Sequence[Delivery], now: datetime) -> Iterator[Sending]:
    """Channels of which there is nothing to tell but the same words stand together."""
    same: dict[tuple[Tone, str], list[Delivery]] = {}
    for entry in sorted(group, key=lambda e: list(KINDS).index(e.channel)):
        if len(entry.attempts) > 1 or (entry.attempts and tone(entry) == "bad"):
            yield Sending(((entry.channel, entry.target),), tone(entry), in_words(entry, now), entry.attempts)
        else:
            same.setdefault((tone(entry), in_words(entry, now)), []).append(entry)
    for (seen, words), entries in same.items():
        yield Sending(tuple((e.channel, e.target) for e in entries), seen, words, ())


@dataclass(frozen=True, slots=True)
class _Proof:
    """What matched, marked; `left` is what stands no longer where it stood."""

    title: Markup
    passages: Sequence[Markup]
    left: Sequence[Evidence]


def _proof(entry: Delivery, article: Article) -> _Proof:
    fields = {"title": article.title, "text": article.text}
    there = [e for e in entry.matched if fields[e.field][e.start : e.end] == e.text]
    title, passages = title_and_passages(article, [Highlight(e.field, e.start, e.end) for e in there])
    in_text = any(e.field == "text" for e in there)
    return _Proof(title, passages if in_text else [], [e for e in entry.matched if e not in there])
