"""Looking at a source: ask for its address, read what is there, ask for the pages of entries that are new."""

import hashlib
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from services.crawler import schedule
from services.crawler.documents import NotADocument, entry_document
from services.crawler.entries import COLLECTION, SeenEntry, choose, seen_id
from services.crawler.feed_worker import FeedWorker
from services.crawler.found import Found, FoundEntry, Unreadable
from services.crawler.manners import max_age, retry_after
from services.crawler.reading import Question
from services.crawler.schedule import Looked, one_line
from services.crawler.states import States
from services.crawler.visiting import (
    BadRedirect,
    Disallowed,
    NotNow,
    Visitor,
    redirected,
    status_words,
    validator,
)
from shared.clock import Clock
from shared.contracts.messages import FetchRequest, Source
from shared.contracts.sources import SourceState, source_state_write
from shared.contracts.wire import Mode, Outgoing
from shared.identity import host_of
from shared.outgoing.answer import MIB, Answer, Limits
from shared.outgoing.errors import OutgoingError, TimedOut, Unreachable
from shared.runner.service import Handled
from shared.store.port import Store

LIMITS = Limits(total=30.0, body_bytes=10 * MIB)
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5"
)
# What robots.txt forbids, and what the guard refuses, is asked about again once a day.
WHEN_FORBIDDEN = 86400.0
PERMANENT = (301, 308)
# The topic takes 256 KiB with key and headers.
LARGEST_REQUEST = 240 * 1024
PARTS_FIRST = timedelta(days=1)


class Failed(Exception):
    """The look did not work. The text is for people; `at_least` is the wait in seconds that is asked of us."""

    def __init__(self, why: str, at_least: float = 0.0, *, away: bool = False) -> None:
        super().__init__(why)
        self.at_least, self.away = at_least, away


def poll_address(source: Source) -> str:
    """The address that a look begins with; `{query}` in it stands for the source's query."""
    url = source.url or ""
    return url.replace("{query}", quote(source.query or "", safe="")) if source.kind == "query" else url


def poll_request(state: SourceState, source: Source, now: datetime) -> Outgoing:
    """The request to look at a source."""
    url = state.moved_to or poll_address(source)
    request = FetchRequest(kind="poll", source=source, url=url, requested_at=now)
    return Outgoing("fetch-requests", host_of(url), request)


class Poller:
    """Handles requests of the kinds `poll` and `part`."""

    def __init__(
        self, visitor: Visitor, worker: FeedWorker, states: States, store: Store, clock: Clock
    ) -> None:
        self._visitor, self._worker, self._states = visitor, worker, states
        self._store, self._clock = store, clock

    def handle(self, request: FetchRequest) -> Handled:
        """One look at a source, or at one of its sitemaps."""
        state = self._states.fresh(request.source.id)
        if state is None or state.health == "disabled":
            return Handled(ends="the source is not there any more")
        if request.kind == "poll" and state.polled_at and request.requested_at <= state.polled_at:
            return Handled(ends="looked at already")
        try:
            answer = self._answer(request, state)
            if answer.redirect:
                return self._follow(request, state, answer)
            return self._read(request, state, answer)
        except NotNow as e:
            return Handled(ends=str(e), again_at=e.at)
        except Failed as e:
            return self._failed(request, state, e)

    def _answer(self, request: FetchRequest, state: SourceState) -> Answer:
        """Raises NotNow and Failed."""
        try:
            answer = self._visitor.get(request.url, request.source, _headers(request, state), LIMITS)
        except NotNow as e:
            if not e.failed:
                raise
            raise Failed(str(e), away=not self._answers_since(state)) from e
        except Disallowed as e:
            raise Failed(str(e), WHEN_FORBIDDEN) from e
        except (Unreachable, TimedOut) as e:
            raise Failed(f"cannot be reached: {e}", away=not self._answers_since(state)) from e
        except OutgoingError as e:
            raise Failed(str(e), 0.0 if e.may_pass else WHEN_FORBIDDEN) from e
        if answer.redirect or answer.status in (200, 203, 304):
            return answer
        wait = retry_after(answer.status, answer.headers, self._clock())
        raise Failed(f"{host_of(request.url)} answers {status_words(answer.status)}", wait)

    def _answers_since(self, state: SourceState) -> bool:
        """Whether any host has answered since this source was tried last."""
        at = self._visitor.answered_at
        return at is not None and (state.polled_at is None or at > state.polled_at)

    def _follow(self, request: FetchRequest, state: SourceState, answer: Answer) -> Handled:
        try:
            onward = redirected(request, answer)
        except BadRedirect as e:
            raise Failed(str(e)) from e
        out = Outgoing("fetch-requests", host_of(onward.url), onward)
        # For good only if every step so far was.
        from_start = request.url == (state.moved_to or poll_address(request.source))
        if request.kind == "part" or answer.status not in PERMANENT or not from_start:
            return Handled((out,))
        return self._kept(replace(state, moved_to=onward.url), (out,))

    def _read(self, request: FetchRequest, state: SourceState, answer: Answer) -> Handled:
        now = self._clock()
        sha256 = hashlib.sha256(answer.body).hexdigest()
        same_place = state.answered_url == request.url
        looked = Looked(
            unchanged=same_place and (answer.status == 304 or sha256 == state.content_sha256),
            etag=validator(answer, "etag") or (state.etag if answer.status == 304 else None),
            last_modified=validator(answer, "last-modified")
            or (state.last_modified if answer.status == 304 else None),
            content_sha256=sha256,
            answered_url=request.url,
            at_least=max_age(answer.headers),
        )
        if request.kind == "poll" and looked.unchanged:
            return self._kept(
                schedule.after_success(state, request.source, looked, now), ends="nothing has changed"
            )
        if answer.status == 304:
            raise Failed(f"{host_of(request.url)} answers 304 (not modified) to what was never asked before")
        found = self._found(request, answer)
        if found.feeds:
            return self._to_feed(request, state, found)
        return self._entries(request, state, found, looked, now)

    def _found(self, request: FetchRequest, answer: Answer) -> Found:
        source = request.source
        question = Question(
            content=answer.body,
            url=request.url,
            content_type=answer.headers.get("content-type"),
            kind="sitemap" if request.kind == "part" else source.kind,
            selector=source.selector,
        )
        try:
            return self._worker.read(question)
        except Unreadable as e:
            raise Failed(str(e)) from e

    def _to_feed(self, request: FetchRequest, state: SourceState, found: Found) -> Handled:
        """The page names its feed: that is looked at from now on."""
        feed = found.feeds[0]
        chain = (*request.chain, request.url)
        if feed in chain:
            raise Failed(f"the page names {feed} as its feed, which is a web page")
        onward = replace(request, url=feed, chain=chain)
        out = Outgoing("fetch-requests", host_of(feed), onward)
        return self._kept(replace(state, moved_to=feed, title=one_line(found.title), kind="feed"), (out,))

    def _entries(
        self, request: FetchRequest, state: SourceState, found: Found, looked: Looked, now: datetime
    ) -> Handled:
        source = request.source
        known = {
            id: msgspec.json.decode(stored.body, type=SeenEntry)
            for id, stored in self._store.get_many(
                COLLECTION, [seen_id(source.id, entry) for entry in found.entries]
            ).items()
        }
        # The sitemaps of an index are looked at one after the other: all of the first day's are first looks.
        first_look = (
            now - state.registered_at < PARTS_FIRST if request.kind == "part" else state.ok_at is None
        )
        choice = choose(found.entries, known, state, now, first_look=first_look)
        outputs = [self._asked_for(entry, mode, request, now) for entry, mode in choice.asked]
        outputs += [self._part(url, source, now) for url in found.children]
        if request.kind == "part":
            state = replace(state, entries_new=state.entries_new + choice.new)
            state = replace(state, last_new_at=now if choice.new else state.last_new_at)
        else:
            looked = _completed(looked, found, choice.new)
            state = schedule.after_success(state, source, looked, now)
        self._states.put([state])
        return Handled(
            tuple(o for o in outputs if o),
            # The state last: with it the look counts as done.
            (*choice.remember, source_state_write(state)),
            ends="" if any(outputs) else state.says,
        )

    def _asked_for(
        self, entry: FoundEntry, mode: Mode, request: FetchRequest, now: datetime
    ) -> Outgoing | None:
        """The request for an entry's page; an entry that links to none is a document itself."""
        if entry.url:
            page = fitting(
                FetchRequest(
                    kind="page", source=request.source, url=entry.url, entry=entry.entry, requested_at=now
                )
            )
            return Outgoing("fetch-requests", host_of(entry.url), page, mode)
        try:
            document = entry_document(entry, request.url, request.source, now)
        except NotADocument:
            return None
        return Outgoing("fetched", document.url, document, mode) if document.size else None

    def _part(self, url: str, source: Source, now: datetime) -> Outgoing:
        part = FetchRequest(kind="part", source=source, url=url, requested_at=now)
        return Outgoing("fetch-requests", host_of(url), part)

    def _failed(self, request: FetchRequest, state: SourceState, failure: Failed) -> Handled:
        if request.kind == "part":
            return Handled(ends=f"{request.url}: {failure}")
        now = self._clock()
        state = schedule.after_failure(
            state,
            request.source,
            str(failure),
            now,
            at_least=failure.at_least,
            nothing_answers=failure.away,
        )
        return self._kept(state, ends=state.says)

    def _kept(self, state: SourceState, outputs: tuple[Outgoing, ...] = (), ends: str = "") -> Handled:
        self._states.put([state])
        return Handled(outputs, (source_state_write(state),), ends=ends)


def fitting(request: FetchRequest) -> FetchRequest:
    """The request as it fits on its topic: without the feed's own texts where they are too long once they are JSON."""
    if request.entry is None or len(msgspec.json.encode(request)) <= LARGEST_REQUEST:
        return request
    entry = replace(request.entry, content=None)
    if len(msgspec.json.encode(replace(request, entry=entry))) > LARGEST_REQUEST:
        entry = replace(entry, summary=None)
    return replace(request, entry=entry)


def _headers(request: FetchRequest, state: SourceState) -> dict[str, str]:
    headers = {"accept": ACCEPT}
    if request.kind == "poll" and state.answered_url == request.url:
        if state.etag:
            headers["if-none-match"] = state.etag
        if state.last_modified:
            headers["if-modified-since"] = state.last_modified
    return headers


def _completed(looked: Looked, found: Found, new: int) -> Looked:
    """With what was found. The sitemaps of an index change though the index does not: it is always read."""
    index = bool(found.children)
    return Looked(
        kind=found.kind,
        title=one_line(found.title),
        entries=len(found.entries),
        new=new,
        etag=None if index else looked.etag,
        last_modified=None if index else looked.last_modified,
        content_sha256=None if index else looked.content_sha256,
        answered_url=looked.answered_url,
        at_least=max(found.ttl, looked.at_least),
    )
