"""What the sample site answers: a pure function of what is asked and the time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qs

from services.sample.addresses import PRINT, ROBOTS, Addresses
from services.sample.feeds import MEDIA_TYPES, Feeds
from services.sample.images import picture
from services.sample.pages import Pages
from services.sample.press import Outlet, Press
from services.sample.templates import environment
from services.sample.timeline import Edition, Timeline

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the path without escapes, the query with them, and the headers that make it conditional."""

    path: str
    query: str = ""
    method: str = "GET"
    if_none_match: str | None = None
    if_modified_since: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Found:
    """A page that exists: its text, what it is, and when it last changed where that is known."""

    text: str
    media_type: str = HTML
    changed: datetime | None = None


class Answers:
    """The sample press under the addresses of one site, along one timeline."""

    def __init__(self, press: Press, addresses: Addresses, timeline: Timeline) -> None:
        templates = environment(addresses)
        self._press = press
        self._at = addresses
        self._timeline = timeline
        self._pages = Pages(press, addresses, templates)
        self._feeds = Feeds(press, addresses, templates)
        self._by_path = {(a.outlet, a.path): a for a in press.articles.values()}
        self._by_number = {(a.outlet, str(a.number)): a for a in press.articles.values() if a.number}

    def answer(self, question: Question, now: datetime) -> Answer:
        """The answer at this moment. Nothing else decides it."""
        if question.method not in ("GET", "HEAD"):
            return Answer(405, {"Allow": "GET, HEAD", "Content-Type": PLAIN}, b"read only\n")
        moved = self._moved(question, now)
        if moved:
            return Answer(301, {"Location": moved, "Content-Type": PLAIN}, f"{moved}\n".encode())
        found = self._find(question.path, now)
        if found is None:
            return Answer(404, {"Content-Type": HTML}, self._pages.missing().encode())
        return _conditional(question, found)

    def _moved(self, question: Question, now: datetime) -> str | None:
        """Where an article's short address, `/outlet/?p=number`, leads."""
        outlet = question.path.strip("/")
        number = parse_qs(question.query).get("p", [""])[0]
        article = self._by_number.get((outlet, number))
        return self._at.article(article) if article and self._timeline.edition(article, now) else None

    def _find(self, path: str, now: datetime) -> _Found | None:
        if path == "/":
            return _Found(self._pages.index())
        if path == ROBOTS:
            return _Found(self._robots(), PLAIN)
        head, _, rest = path.removeprefix("/").partition("/")
        if head == PRINT:
            return self._variant("print", *rest.partition("/")[::2], now)
        outlet = self._press.outlets.get(head)
        return self._of_outlet(outlet, rest, now) if outlet else None

    def _of_outlet(self, outlet: Outlet, path: str, now: datetime) -> _Found | None:
        if path == outlet.feed_path:
            return self._feed(outlet, now)
        fixed = {"about": self._pages.about, "elsewhere": self._pages.elsewhere}
        if path in fixed:
            return _Found(fixed[path](outlet))
        if path == "style.css":
            return _Found(self._pages.style(outlet), "text/css; charset=utf-8")
        if path.startswith("images/"):
            id = path.removeprefix("images/").removesuffix(".svg")
            return _Found(picture(id), "image/svg+xml") if id in self._press.articles else None
        return self._article(outlet, path, now) or self._list(outlet, path, now)

    def _article(self, outlet: Outlet, path: str, now: datetime) -> _Found | None:
        if path.endswith("/amp"):
            return self._variant("amp", outlet.id, path.removesuffix("/amp"), now)
        article = self._by_path.get((outlet.id, path))
        edition = article and self._timeline.edition(article, now)
        return _Found(self._pages.article(edition), changed=edition.modified) if edition else None

    def _variant(self, kind: str, outlet: str, path: str, now: datetime) -> _Found | None:
        article = self._by_path.get((outlet, path))
        if article is None or self._press.outlets[outlet].variant != kind:
            return None
        edition = self._timeline.edition(article, now)
        return _Found(self._pages.variant(edition), changed=edition.modified) if edition else None

    def _feed(self, outlet: Outlet, now: datetime) -> _Found:
        editions = self._editions(outlet, now)
        if outlet.feed == "listing":
            return _Found(
                self._pages.listing(outlet, outlet.language, None, editions), changed=_last(editions)
            )
        return _Found(self._feeds.feed(outlet, editions), MEDIA_TYPES[outlet.feed], _last(editions))

    def _list(self, outlet: Outlet, path: str, now: datetime) -> _Found | None:
        """A front page, a section or a tag; `path` is `[language/][section/name/]` or `tag/name/`."""
        editions = self._editions(outlet, now)
        if path.startswith("tag/"):
            tag = path.removeprefix("tag/").removesuffix("/")
            tagged = [e for e in editions if tag in e.article.tags]
            language = tagged[0].article.language if tagged else outlet.language
            return _Found(self._pages.listing(outlet, language, tag, tagged)) if tagged else None
        first, _, rest = path.partition("/")
        language, rest = (first, rest) if first in outlet.words else (outlet.language, path)
        own = [e for e in editions if e.article.language == language]
        if not rest:
            return _Found(self._pages.listing(outlet, language, None, own), changed=_last(own))
        section = rest.removeprefix("section/").removesuffix("/")
        name = outlet.words[language]["nav"].get(section)
        if name is None or rest != f"section/{section}/":
            return None
        here = [e for e in own if e.article.section == section]
        return _Found(self._pages.listing(outlet, language, name, here))

    def _editions(self, outlet: Outlet, now: datetime) -> list[Edition]:
        own = (a for a in self._press.articles.values() if a.outlet == outlet.id)
        return self._timeline.editions(own, now)

    def _robots(self) -> str:
        label = self._press.labels["en"]
        return f"# {label}\nUser-agent: *\nDisallow: /{PRINT}/\nCrawl-delay: 0\n"


def _last(editions: list[Edition]) -> datetime | None:
    return max((e.modified for e in editions), default=None)


def _conditional(question: Question, found: _Found) -> Answer:
    """The page, or 304 where the asker has it already: by ETag, else by date (RFC 9110, section 13.2.2)."""
    body = found.text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"Content-Type": found.media_type, "ETag": etag, "Cache-Control": "no-cache"}
    if found.changed:
        headers["Last-Modified"] = format_datetime(found.changed.astimezone(UTC), usegmt=True)
    if question.if_none_match is not None:
        known = [tag.strip().removeprefix("W/") for tag in question.if_none_match.split(",")]
        unchanged = etag in known or known == ["*"]
    else:
        unchanged = found.changed is not None and _is_since(question.if_modified_since, found.changed)
    return Answer(304, headers) if unchanged else Answer(200, headers, body)


def _is_since(asked: str | None, changed: datetime) -> bool:
    """Whether nothing changed after the date asked about; a date that cannot be read asks nothing."""
    try:
        since = parsedate_to_datetime(asked or "")
    except ValueError:
        return False
    return changed.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)
