"""Fetching one page: politely, conditionally where it is known, and with words for whatever comes of it."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from services.crawler.documents import NotADocument, document
from services.crawler.gathering import FINE, Gatherer
from services.crawler.manners import retry_after
from services.crawler.media_types import HTML, READ, media_type_of
from services.crawler.pages import (
    COLLECTION,
    SHARED_FOR,
    TRIES,
    Page,
    failed,
    fetched,
    is_young,
    page_id,
    page_write,
    planned,
)
from services.crawler.part_links import Links
from services.crawler.visiting import (
    MOST_REDIRECTS,
    BadRedirect,
    Disallowed,
    NotNow,
    Visitor,
    redirected,
    status_words,
    validator,
)
from shared.clock import Clock
from shared.contracts.messages import FeedEntry, FetchedDocument, FetchRequest
from shared.contracts.wire import Mode, Outgoing
from shared.identity import host_of
from shared.outgoing.answer import Answer, Limits
from shared.outgoing.errors import OutgoingError, TooLarge
from shared.runner.service import Handled
from shared.store.port import Store

LIMITS = Limits(total=30.0)
ACCEPT = "text/html, application/xhtml+xml, application/pdf;q=0.8, text/plain;q=0.8, */*;q=0.1"
# Headers that later steps may want.
KEPT = ("content-type", "content-language", "last-modified", "etag", "date", "link", "x-robots-tag")
LONGEST_HEADER = 1000
GONE = (404, 410)


class GivenUp(Exception):
    """The page will not be had now. `stand_in` says whether what the feed itself carried may stand for it.

    `may_come` is set where it may only be late: feeds name pages that are not out yet.
    """

    def __init__(self, why: str, *, stand_in: bool, may_come: bool = False) -> None:
        super().__init__(why)
        self.stand_in, self.may_come = stand_in, may_come


class TryLater(Exception):
    """The page may be had at another time, not before `at` where that is said."""

    def __init__(self, why: str, at: datetime | None = None) -> None:
        super().__init__(why)
        self.at = at


class Fetcher:
    """Handles requests of the kind `page`."""

    def __init__(self, visitor: Visitor, gatherer: Gatherer, store: Store, clock: Clock) -> None:
        self._visitor, self._gatherer, self._store, self._clock = visitor, gatherer, store, clock

    def handle(self, request: FetchRequest, mode: Mode) -> Handled:
        """One page, or one step on the way to it."""
        now = self._clock()
        page = self._page(request, mode, now)
        if is_done(page, request, now):
            # Of a page that was had, the journey says more than we could.
            return Handled(ends="" if page.fetched_at else "asked for already")
        gathering = self._gatherer.under_way(page)
        if gathering and (handled := self._gatherer.go_on(request, gathering)):
            return handled
        try:
            answer = self._answer(request, page)
            if answer.redirect:
                onward = redirected(request, answer)
                return Handled((Outgoing("fetch-requests", host_of(onward.url), onward),))
            return self._fetched(request, page, answer)
        except NotNow as e:
            if not e.failed:
                return self._later(page, str(e), e.at)
            failure: NotNow | TryLater | GivenUp | Disallowed | BadRedirect = e
        except (TryLater, GivenUp, Disallowed, BadRedirect) as e:
            failure = e
        return _back(request) if _may_go_back(request, page) else self._without(request, page, failure)

    def _without(
        self,
        request: FetchRequest,
        page: Page,
        failure: NotNow | TryLater | GivenUp | Disallowed | BadRedirect,
    ) -> Handled:
        """What becomes of a page that was not had."""
        if isinstance(failure, NotNow | TryLater):
            return self._failed(request, page, str(failure), failure.at)
        # Where a later part led here, no part alone stands for the article.
        stand_in = isinstance(failure, Disallowed) or request.led == "first"
        if isinstance(failure, GivenUp):
            stand_in = stand_in or failure.stand_in
            if failure.may_come and page.first_at is None:
                # From here on it is visited as any young page is.
                page = replace(page, first_at=self._clock())
        return self._given_up(request, page, str(failure), stand_in=stand_in)

    def _page(self, request: FetchRequest, mode: Mode, now: datetime) -> Page:
        url = request.chain[0] if request.chain else request.url
        stored = self._store.get(COLLECTION, page_id(url))
        if stored is None:
            revisits = mode == "live" and is_young(request.entry, now)
            page = Page(url=url, source_id=request.source.id, revisits=revisits)
        else:
            page = msgspec.json.decode(stored.body, type=Page)
        # What the feed says now is what later visits go by.
        return replace(page, source=request.source, entry=_slim(request.entry) or page.entry)

    def _answer(self, request: FetchRequest, page: Page) -> Answer:
        """Raises NotNow, Disallowed, TryLater and GivenUp."""
        host = host_of(request.url)
        try:
            answer = self._visitor.get(request.url, request.source, _headers(request, page), LIMITS)
        except OutgoingError as e:
            if e.may_pass:
                raise TryLater(str(e)) from e
            raise GivenUp(str(e), stand_in=isinstance(e, TooLarge)) from e
        if answer.redirect or answer.status in FINE or (answer.status == 304 and page.fetched_at):
            return answer
        said = f"{host} answers {status_words(answer.status)}"
        if answer.status in (408, 425, 429) or answer.status >= 500:
            held = retry_after(answer.status, answer.headers, self._clock()) > 0
            raise TryLater(said, self._visitor.free_at(host) if held else None)
        raise GivenUp(said, stand_in=answer.status not in GONE, may_come=answer.status == 404)

    def _fetched(self, request: FetchRequest, page: Page, answer: Answer) -> Handled:
        now = self._clock()
        sha256 = hashlib.sha256(answer.body).hexdigest()
        if page.fetched_at and (answer.status == 304 or sha256 == page.sha256):
            return Handled(remember=(page_write(fetched(page, now), now),))
        media_type = media_type_of(answer.headers, answer.body)
        if media_type not in READ:
            raise GivenUp(f"passed over: {media_type} is not read", stand_in=False)
        try:
            made = _document(request, page, answer, media_type, now)
        except NotADocument as e:
            raise GivenUp(f"passed over: {e}", stand_in=False) from e
        had, back = page.parts, request.led == "back"
        page = replace(
            page,
            final_url=request.url,
            # Each visit of a page that was read for want of its AMP view looks for that again.
            etag=None if back else validator(answer, "etag"),
            last_modified=None if back else validator(answer, "last-modified"),
            sha256="" if back else sha256,
            source_id=request.source.id,
            parts=0,
        )
        links = self._gatherer.links(request, answer) if media_type in HTML else Links()
        if links.first and _leads(request, links.first):
            return _led(request, links.first, "first")
        if links.amp and _leads(request, links.amp):
            return _led(request, links.amp, "amp")
        if links.next:
            return self._gatherer.begin(request, replace(page, parts=had), made, links)
        return Handled((Outgoing("fetched", made.url, made),), (page_write(fetched(page, now), now),))

    def _later(self, page: Page, why: str, at: datetime) -> Handled:
        """Try again at this time. A page that was had before keeps its journey: it is visited apart from it."""
        now = self._clock()
        if page.fetched_at:
            return Handled(remember=(page_write(replace(page, visit_at=at), now),))
        return Handled(remember=(page_write(page, now),) if page.failures else (), ends=why, again_at=at)

    def _failed(self, request: FetchRequest, page: Page, why: str, not_before: datetime | None) -> Handled:
        page, at = failed(page, self._clock())
        if at is None:
            return self._given_up(request, page, f"{why}; given up after {TRIES} tries", stand_in=True)
        return self._later(page, why, max(at, not_before or at))

    def _given_up(self, request: FetchRequest, page: Page, why: str, *, stand_in: bool) -> Handled:
        """The end, unless the feed carried the article itself."""
        now = self._clock()
        made = from_feed(request, page.url, now) if stand_in and not page.fetched_at else None
        if made is None:
            return self._ended(page, why, now)
        # Nothing is to be visited: the feed will say when it changes.
        page = replace(page, first_at=now, fetched_at=now, asked_at=now, revisits=False, sha256=made.sha256)
        return Handled((Outgoing("fetched", made.url, made),), (page_write(planned(page, now), now),))

    def _ended(self, page: Page, why: str, now: datetime) -> Handled:
        page = planned(replace(page, asked_at=now), now)
        return Handled(remember=(page_write(page, now),), ends="" if page.fetched_at else why)


def _leads(request: FetchRequest, target: str) -> bool:
    """Whether a page may lead there: not where we come from, nor any more once an AMP view led nowhere."""
    known = (*request.chain, request.url)
    return target not in known and len(request.chain) < MOST_REDIRECTS and request.led != "back"


def _led(request: FetchRequest, target: str, how: Literal["first", "amp"]) -> Handled:
    """The request for the page that a page leads to, as if it redirected there."""
    onward = replace(request, url=target, chain=(*request.chain, request.url), led=how)
    return Handled((Outgoing("fetch-requests", host_of(target), onward),))


def _may_go_back(request: FetchRequest, page: Page) -> bool:
    """Whether the page that led to an AMP view is to be read itself; not where that view was had before."""
    return request.led == "amp" and (page.fetched_at is None or page.final_url == request.chain[-1])


def _back(request: FetchRequest) -> Handled:
    """The request for a page whose AMP view was not to be had."""
    onward = replace(request, url=request.chain[-1], chain=request.chain[:-1], led="back")
    return Handled((Outgoing("fetch-requests", host_of(onward.url), onward),))


def is_done(page: Page, request: FetchRequest, now: datetime) -> bool:
    """Whether nothing is left to do for a request: it comes a second time, or another source was quicker."""
    if page.asked_at and request.requested_at <= page.asked_at:
        return True
    of_another = page.source_id != request.source.id
    return bool(of_another and page.fetched_at and now - page.fetched_at < SHARED_FOR)


def from_feed(request: FetchRequest, url: str, now: datetime) -> FetchedDocument | None:
    """The article as the feed carries it; None when it says nothing but the title."""
    entry = request.entry
    said = max((entry.content or "", entry.summary or ""), key=len) if entry else ""
    if not said.strip():
        return None
    try:
        return document(
            said.encode("utf-8", "replace"),
            url=url,
            media_type="text/html",
            source=request.source,
            now=now,
            entry=entry,
            content_from="feed",
        )
    except NotADocument:
        return None


def _document(
    request: FetchRequest, page: Page, answer: Answer, media_type: str, now: datetime
) -> FetchedDocument:
    made = document(
        answer.body,
        url=page.url,
        media_type=media_type,
        source=request.source,
        now=now,
        entry=request.entry,
    )
    headers = {name: answer.headers[name][:LONGEST_HEADER] for name in KEPT if name in answer.headers}
    return replace(made, final_url=request.url, chain=request.chain, status=answer.status, headers=headers)


def _headers(request: FetchRequest, page: Page) -> dict[str, str]:
    headers = {"accept": ACCEPT}
    if page.fetched_at and page.final_url == request.url:
        if page.etag:
            headers["if-none-match"] = page.etag
        if page.last_modified:
            headers["if-modified-since"] = page.last_modified
    return headers


def _slim(entry: FeedEntry | None) -> FeedEntry | None:
    """What later visits need to know of an entry: no texts."""
    return replace(entry, content=None, summary=None) if entry else None
