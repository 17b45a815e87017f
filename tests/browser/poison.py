"""Everything a stranger's words end up in, with a payload in every field that is a text."""

import dataclasses
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import quote

import msgspec

from services.dashboard.context import Context
from shared.contracts.article import Article, ArticleSource, EventRef, Evidence
from shared.contracts.deliveries import Delivery, delivery_write
from shared.contracts.events import EventDocument, event_write
from shared.contracts.journeys import SOURCE
from shared.contracts.messages import ArticleUpdate, Channel, DeadLetter, Source, StepOutcome, Subscription
from shared.contracts.sources import SavedSource, SourceState, saved_source_write, source_state_write
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.corrections.keeping import FIELDS, Corrections
from shared.journeys import put_together, write_of
from shared.sources import Listed
from shared.store.port import Write
from shared.subscriptions import COLLECTION as SUBSCRIPTIONS
from tests.unit.dashboard_app import NOW

WORD = "zanzibar"
AT = NOW - timedelta(days=3)
Kind = TypeVar("Kind", bound=msgspec.Struct)


def poisoned(kind: type[Kind], payload: str, /, **given: Any) -> Kind:
    """One of these with the payload in every text it has, however deep; `given` are fields that are as they are."""
    values = {
        field.name: given[field.name] if field.name in given else _value(field.type, payload)
        for field in msgspec.structs.fields(kind)
    }
    return kind(**values)


def _value(kind: Any, payload: str) -> Any:
    origin, of = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(of[0], payload)
    if origin in (Union, types.UnionType):
        return _value(next(each for each in of if each is not type(None)), payload)
    if origin is Literal:
        return of[0]
    if origin is tuple:
        return (_value(of[0], payload),)
    if origin is dict:
        return {payload: _value(of[1], payload)}
    if kind is Evidence:
        return Evidence(text=payload, field="text", start=0, end=len(payload))
    if issubclass(kind, msgspec.Struct):
        return poisoned(kind, payload)
    plain = {str: payload, bytes: payload.encode(), bool: True, int: 1, float: 0.5, datetime: AT}
    return plain[kind]


@dataclass(frozen=True)
class Poison:
    """What one payload is put into, and by which ids that is found."""

    number: int
    payload: str

    @property
    def ids(self) -> dict[str, str]:
        """By what comes before an id in an address."""
        n = self.number
        return {
            "articles": f"x{n}",
            "events": f"ev-x{n}",
            "alerts": f"s{n}",
            "subscriptions": f"s{n}",
            "sources": f"src{n}",
            "dead-letters": f"l{n}",
            "deliveries": f"d{n}",
            "alliances": self.payload,
        }

    @property
    def token(self) -> str:
        """Of the private feed."""
        return f"token{self.number}"

    @property
    def url(self) -> str:
        """A document that became no article."""
        return f"https://x{self.number}.example/"

    def articles(self) -> Iterator[Article]:
        """One by an id of ours, a copy of it, and one that has even a poisoned id; all hold `WORD`."""
        own = {
            "title": self.payload,
            "text": f"{self.payload}\n{self.payload} {WORD}",
            "published_at": AT,
            "event": EventRef(id=self.ids["events"], title=self.payload),
            "source": poisoned(ArticleSource, self.payload),
            "duplicate_of": None,
        }
        first = self.ids["articles"]
        yield poisoned(Article, self.payload, id=first, **own)
        yield poisoned(Article, self.payload, id=f"{first}-copy", **{**own, "duplicate_of": first})
        strange = EventRef(id=self.payload, title=self.payload)
        yield poisoned(Article, self.payload, **{**own, "event": strange, "rights": "excerpt"})

    def writes(self) -> Iterator[Write]:
        """Everything the store keeps."""
        p, ids = self.payload, self.ids
        for id in (ids["events"], p):
            members = (ids["articles"], f"{ids['articles']}-copy", p)
            yield event_write(poisoned(EventDocument, p, id=id, redirect=None, articles=members))
        for id in (ids["sources"], p):
            health = ("ok", "failing", "quarantined", "new")[self.number % 4]
            yield source_state_write(poisoned(SourceState, p, id=id, health=health))
            yield saved_source_write(poisoned(SavedSource, p, source=self.source(id), removed=False))
        yield saved_source_write(poisoned(SavedSource, p, source=self.source(f"file{self.number}")))
        for url in (self.url, p, SOURCE + ids["sources"]):
            yield write_of(put_together(url, [self.outcome(url)]))
        yield from self._alerts()

    def _alerts(self) -> Iterator[Write]:
        p, ids = self.payload, self.ids
        channels = (
            poisoned(Channel, p, target=f"https://hooks.example.org/{quote(p)}?{p if '[' not in p else ''}"),
            poisoned(Channel, p, kind="email"),
            poisoned(Channel, p, kind="apprise"),
            Channel(kind="feed", target=self.token),
        )
        for id in (ids["alerts"], p):
            made = poisoned(Subscription, p, id=id, channels=channels, deleted=False)
            feed = {"feed": derived_id("feed", self.token)} if id != p else {}
            labels = {"state": "live", "published": "yes", **feed}
            yield Write(SUBSCRIPTIONS, id, msgspec.json.encode(made), labels)
        for article in (ids["articles"], f"gone{self.number}", p):
            for channel, status in (("feed", "delivered"), ("email", "failed"), ("webhook", "waiting")):
                id = f"{ids['deliveries']}{article}{channel}"
                yield delivery_write(
                    poisoned(Delivery, p, id=id, subscription=ids["alerts"], channel=channel, status=status,
                             article=article)
                )  # fmt: skip

    def source(self, id: str) -> Source:
        """A source that feeds it all."""
        return poisoned(Source, self.payload, id=id, kind="feed", enabled=self.number % 5 != 4)

    def outcome(self, url: str) -> StepOutcome:
        """A step that ended, a moment ago."""
        return poisoned(StepOutcome, self.payload, url=url, result="ended", article=None, at=NOW)

    def messages(self) -> Iterator[Outgoing]:
        """What the bus holds."""
        letter = poisoned(DeadLetter, self.payload, id=self.ids["dead-letters"])
        yield Outgoing("dead-letters", self.payload, letter)
        yield Outgoing("outcomes", self.payload, self.outcome(self.payload))

    def update(self) -> Outgoing:
        """Its first article, as it passes on the stream."""
        article = next(self.articles())
        return Outgoing("articles", article.id, ArticleUpdate(change="new", article=article))


def spread(context: Context, poisons: Sequence[Poison]) -> Context:
    """Put it all into store and bus; articles are in the index already. The context with the sources of a file."""
    for poison in poisons:
        context.store.put_many(list(poison.writes()))
        send(context, *poison.messages())
        said, payload = Corrections(context.bus, context.store, context.clock), poison.payload
        for field in FIELDS:
            said.keep(poison.ids["articles"], field, (payload,), (payload, f"{payload}:mention"), payload)
    files = tuple(p.source(f"file{p.number}") for p in poisons)
    strange = tuple(p.source(p.payload) for p in poisons)
    return dataclasses.replace(context, sources=strange, listed=Listed(file=files))


def send(context: Context, *messages: Outgoing) -> None:
    """Put messages on the bus."""
    producer = context.bus.producer()
    producer.produce(
        [
            encode(one, message_id=derived_id(one.topic, one.key), traceparent=new_traceparent(), mode="live")
            for one in messages
        ]
    )
    producer.close()
