"""An alert as its form has it: read from what was sent, from an alert there is, or from a search; nothing typed is lost."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from services.dashboard.bodies import short_name
from shared.channels import BadChannel, complete
from shared.contracts.messages import Channel, Subscription
from shared.query.ast import And, Keyword, Query
from shared.subscriptions import LONGEST_NAME, BadSubscription, Digest, Per
from shared.taxonomy.taxonomy import Taxonomy

_CHANNEL = re.compile(r"channels\[(\d+)\]")
# Fields for addresses of one kind that a form shows at most.
MOST_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as typed: its address, and a secret of the receiver's own if there is one."""

    target: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class AlertForm:
    """What stands in the fields. `extra` is the kind of address that one more empty field is asked for."""

    name: str = ""
    query: str = ""
    per: Per = "event"
    daily: bool = False
    feed: bool = False
    emails: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    chats: tuple[str, ...] = ()
    extra: str = ""

    @classmethod
    def sent(cls, form: FormData) -> "AlertForm":
        """As a browser sent it. Empty fields for addresses are left out."""

        def texts(name: str) -> list[str]:
            return [str(value).strip() for value in form.getlist(name)][:MOST_FIELDS]

        secrets = [*texts("secret"), *[""] * MOST_FIELDS]
        return cls(
            name=str(form.get("name", "")),
            query=str(form.get("query", "")).strip(),
            per="article" if form.get("per") == "article" else "event",
            daily=form.get("digest") == "daily",
            feed=form.get("feed") == "yes",
            emails=tuple(filter(None, texts("email"))),
            hooks=tuple(Hook(t, s) for t, s in zip(texts("webhook"), secrets, strict=False) if t or s),
            chats=tuple(filter(None, texts("apprise"))),
            extra=str(form.get("more", "")),
        )

    @classmethod
    def of(cls, subscription: Subscription) -> "AlertForm":
        """As an alert stands. Secrets are left out: an empty field keeps them."""
        targets: dict[str, list[str]] = {"email": [], "webhook": [], "apprise": [], "feed": []}
        for channel in subscription.channels:
            targets[channel.kind].append(channel.target)
        return cls(
            name=subscription.name,
            query=subscription.query,
            per=subscription.per,
            daily=subscription.digest == "daily",
            feed=bool(targets["feed"]),
            emails=tuple(targets["email"]),
            hooks=tuple(Hook(target) for target in targets["webhook"]),
            chats=tuple(targets["apprise"]),
        )

    @property
    def digest(self) -> Digest | None:
        """How often, as subscriptions have it."""
        return "daily" if self.daily else None

    @property
    def email_fields(self) -> tuple[str, ...]:
        """The fields for e-mail addresses: those filled, and an empty one where it is asked for."""
        return (*self.emails, "") if not self.emails or self.extra == "email" else self.emails

    @property
    def hook_fields(self) -> tuple[Hook, ...]:
        """The same for webhooks."""
        return (*self.hooks, Hook()) if not self.hooks or self.extra == "webhook" else self.hooks

    @property
    def chat_fields(self) -> tuple[str, ...]:
        """The same for addresses of Apprise."""
        return (*self.chats, "") if not self.chats or self.extra == "apprise" else self.chats

    def channels(self, known: Sequence[Channel] = ()) -> list[Channel]:
        """The channels it asks for, in the order of `places`."""
        token = next((c.target for c in known if c.kind == "feed"), "")
        return [
            *([Channel(kind="feed", target=token)] if self.feed else []),
            *(Channel(kind="email", target=target) for target in self.emails),
            *(Channel(kind="webhook", target=h.target, secret=h.secret or None) for h in self.hooks),
            *(Channel(kind="apprise", target=target) for target in self.chats),
        ]

    def places(self) -> Iterator[str]:
        """Which field each channel stands in: `email-0`, `webhook-1` …"""
        yield from ["feed"] if self.feed else []
        for kind, targets in (("email", self.emails), ("webhook", self.hooks), ("apprise", self.chats)):
            yield from (f"{kind}-{number}" for number in range(len(targets)))

    def faults(self, error: BadSubscription, known: Sequence[Channel] = ()) -> Mapping[str, str]:
        """The fields that are wrong and what is wrong with each: what was found first, and every bad address."""
        found = dict([self._fault(error)])
        for place, channel in zip(self.places(), self.channels(known), strict=True):
            try:
                complete(channel, known)
            except BadChannel as e:
                found.setdefault(_field(place, e.field), str(e))
        return found

    def _fault(self, error: BadSubscription) -> tuple[str, str]:
        of_channel = _CHANNEL.match(error.field)
        if not of_channel:
            return error.field, error.message
        place = list(self.places())[int(of_channel[1])]
        return _field(place, error.field.rpartition(".")[2]), error.message


def _field(place: str, part: str) -> str:
    return f"{place}-secret" if part == "secret" else place


def of_search(query: str, read: Query | None, taxonomy: Taxonomy) -> AlertForm:
    """The form that a search leads to: named, and with a private feed, so that nothing more must be typed."""
    return AlertForm(name=name_for(query, read, taxonomy), query=query, feed=True)


def name_for(query: str, read: Query | None, taxonomy: Taxonomy) -> str:
    """What an alert on a query is called at first: the alliance and what happens to it, else the query itself."""
    parts = read.parts if isinstance(read, And) else (read,)
    if all(isinstance(part, Keyword) and part.field in ("alliance", "type") for part in parts):
        named = [_named(part, taxonomy) for part in parts if isinstance(part, Keyword)]
        if all(named):
            return ": ".join(named)[:LONGEST_NAME]
    return " ".join(query.split())[:LONGEST_NAME]


def _named(part: Keyword, taxonomy: Taxonomy) -> str:
    if part.field == "type":
        found = taxonomy.event_types.get(part.value)
        return found.name.lower() if found else ""
    body = taxonomy.alliances.get(part.value)
    return (body.name if len(body.name) < 60 else short_name(body)) if body else ""
