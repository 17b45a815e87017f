"""Gathering what belongs to an article before its document goes out: its further parts, or the view that holds them all.

One address is asked for each time the request comes round; what was had so far lies in the store. In between the request
lies in the agenda, under its own host and ahead of what was asked for later, so that host's manners hold and no message
waits inside a partition. Whatever is interrupted goes on from what was remembered.

What fails for now holds no news up: the document goes out with what there is, says what is missing, and the next visit
asks for everything again.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import zstandard
from msgspec.structs import replace

from services.crawler.documents import MOST_COMPRESSED
from services.crawler.feed_worker import FeedWorker
from services.crawler.found import Unreadable
from services.crawler.manners import retry_after
from services.crawler.media_types import HTML, charset_of, media_type_of
from services.crawler.page_marks import (
    Mark,
    is_readable,
    mark_of,
    may_be_shell,
    may_lead_on,
    on_site,
)
from services.crawler.page_texts import Texts, holds_more, same_text
from services.crawler.pages import RETRIES, Page, fetched, page_id, page_write
from services.crawler.part_links import Asked, Links
from services.crawler.schedule import duration
from services.crawler.visiting import Disallowed, NotNow, Visitor, status_words
from shared.clock import Clock
from shared.contracts.article import Struct
from shared.contracts.messages import DocumentPart, FetchedDocument, FetchRequest, MissingPart
from shared.contracts.wire import Outgoing
from shared.identity import host_of
from shared.outgoing.answer import MIB, Answer, Limits
from shared.outgoing.errors import OutgoingError
from shared.runner.service import Handled
from shared.store.port import Store, Write

COLLECTION = "gatherings"
# Further parts of one article.
MOST_PARTS = 20
LIMITS = Limits(total=30.0, wire_bytes=5 * MIB, body_bytes=8 * MIB)
ACCEPT = "text/html, application/xhtml+xml;q=0.9"
# A gathering without a sign of life for so long is nobody's any more.
LEFT_OVER = timedelta(hours=6)
MOST_HOPS = 3
# News is not held up by a host that leaves longer waits between requests.
PATIENCE = timedelta(minutes=1)
FINE = (200, 203)


class Step(Struct, frozen=True, kw_only=True):
    """What is asked for next: a part with its number (the first further one is 2), or a `whole` view in place of all."""

    url: str
    role: Literal["part", "whole"]
    number: int
    mark: Mark | None = None
    hops: int = 0


class Gathering(Struct, frozen=True, kw_only=True):
    """The state of one gathering. `asks` is what comes next; None once the document went out.

    `page` is the page's record as it will be once that happens. `article` is the address that the parts are told by, and
    `first` what the first page says. `views` are views that may stand for all parts; then comes `following`. `early` says
    that the document went out before it was complete.
    """

    requested_at: datetime
    touched_at: datetime
    host: str = ""
    page: Page
    document: FetchedDocument | None = None
    article: str = ""
    first: Texts = Texts()
    asks: Step | None = None
    views: tuple[str, ...] = ()
    following: Step | None = None
    tries: int = 0
    early: bool = False


class Lacking(Exception):
    """A part will not be had. `for_now` when it may be had at another time, not before `at` where that is said."""

    def __init__(self, why: str, *, for_now: bool = False, at: datetime | None = None) -> None:
        super().__init__(why)
        self.for_now, self.at = for_now, at


class Gatherer:
    """Begins gatherings and goes on with them. Safe to use from several threads, for different pages."""

    def __init__(self, visitor: Visitor, worker: FeedWorker, store: Store, clock: Clock) -> None:
        self._visitor, self._worker, self._store, self._clock = visitor, worker, store, clock

    def under_way(self, page: Page) -> Gathering | None:
        """The gathering for a page that has not come to its end."""
        stored = self._store.get(COLLECTION, page_id(page.url))
        if stored is None:
            return None
        found = msgspec.json.decode(stored.body, type=Gathering)
        over = found.asks is None or (page.asked_at is not None and found.requested_at <= page.asked_at)
        return None if over else found

    def links(self, request: FetchRequest, answer: Answer) -> Links:
        """What a page that was fetched links to of its own article. Most pages are looked at no further than at a glance."""
        content = answer.body
        if not is_readable(content) or not (may_lead_on(content, request.url) or may_be_shell(content)):
            return Links()
        try:
            return self._worker.links(
                Asked(content=content, url=request.url, charset=charset_of(answer.headers))
            )
        except Unreadable:
            return Links()  # the parser says what becomes of the page itself

    def begin(self, request: FetchRequest, page: Page, document: FetchedDocument, links: Links) -> Handled:
        """The first step: the page is had, and links to a further part. `page` is its record, but for the times."""
        following = Step(url=links.next, role="part", number=2, mark=links.mark)
        gathering = Gathering(
            requested_at=request.requested_at,
            touched_at=self._clock(),
            host=host_of(request.url),
            page=page,
            document=document,
            article=links.article,
            first=links.texts,
            asks=following,
            views=tuple(dict.fromkeys(view for view in (links.whole, links.printed) if view)),
            following=following,
        )
        return self._asking(request, _next_view(gathering))

    def go_on(self, request: FetchRequest, gathering: Gathering) -> Handled | None:
        """The next step for the request that it is for; None for one that is newer, while this gathering stands still."""
        done = Handled(ends="" if gathering.page.fetched_at else "asked for already")
        if request.requested_at == gathering.requested_at:
            # A redirect within the site was followed in a request of its own; the one before it has no part in this.
            return self._step(request, gathering) if host_of(request.url) == gathering.host else done
        stands = gathering.tries > 0 or self._clock() - gathering.touched_at > LEFT_OVER
        return None if stands and request.requested_at > gathering.requested_at else done

    def _step(self, request: FetchRequest, gathering: Gathering) -> Handled:
        step = gathering.asks
        if step is None:
            return Handled(ends="asked for already")
        try:
            answer = self._answer(request, step)
            if answer.redirect:
                return self._asking(request, replace(gathering, asks=_redirected(gathering, step, answer)))
            return self._taken(request, gathering, step, answer)
        except NotNow as e:
            return Handled(ends=str(e), again_at=e.at)
        except Lacking as e:
            return self._lacking(request, gathering, step, e)

    def _answer(self, request: FetchRequest, step: Step) -> Answer:
        """Raises NotNow and Lacking."""
        host = host_of(step.url)
        try:
            answer = self._visitor.get(step.url, request.source, {"accept": ACCEPT}, LIMITS)
        except NotNow as e:
            if e.failed:
                raise Lacking(str(e), for_now=True, at=e.at) from e
            raise
        except Disallowed as e:
            raise Lacking(str(e)) from e
        except OutgoingError as e:
            raise Lacking(str(e), for_now=e.may_pass) from e
        if answer.redirect or answer.status in FINE:
            return answer
        said = f"{host} answers {status_words(answer.status)}"
        if answer.status in (408, 425, 429) or answer.status >= 500:
            held = retry_after(answer.status, answer.headers, self._clock()) > 0
            raise Lacking(said, for_now=True, at=self._visitor.free_at(host) if held else None)
        raise Lacking(said)

    def _taken(self, request: FetchRequest, gathering: Gathering, step: Step, answer: Answer) -> Handled:
        document = _document_of(gathering)
        part = _part(step, answer, room=MOST_COMPRESSED - document.packed)
        links = self._links_of(gathering, step, answer)
        if step.role == "whole":
            if links.next or not holds_more(gathering.first, links.texts):
                return self._asking(request, _next_view(gathering))
            return self._finished(gathering, replace(document, parts=(part,)))
        if same_text(gathering.first, links.texts) or part.sha256 in _prints(document):
            return self._finished(gathering, document)
        document = replace(document, parts=(*document.parts, part))
        had = {document.final_url, *(p.url for p in document.parts)}
        if not links.next or links.next in had:
            return self._finished(gathering, document)
        if len(document.parts) == MOST_PARTS:
            why = f"an article is read up to {MOST_PARTS + 1} parts"
            return self._finished(gathering, _lacks(document, links.next, why))
        following = Step(url=links.next, role="part", number=step.number + 1, mark=links.mark)
        return self._asking(request, replace(gathering, document=document, asks=following))

    def _links_of(self, gathering: Gathering, step: Step, answer: Answer) -> Links:
        """Raises Lacking for what cannot be read."""
        if not is_readable(answer.body):
            raise Lacking("it is larger than any article")
        asked = Asked(
            content=answer.body,
            url=step.url,
            charset=charset_of(answer.headers),
            number=step.number if step.role == "part" else 1,
            article=gathering.article,
            mark=step.mark,
        )
        try:
            return self._worker.links(asked)
        except Unreadable as e:
            raise Lacking(str(e)) from e

    def _asking(self, request: FetchRequest, gathering: Gathering) -> Handled:
        """Remember what was had, and come round again for the next."""
        step = gathering.asks
        if step is None:
            return self._finished(gathering, _document_of(gathering))
        early = self._early(gathering)
        gathering = replace(
            gathering, touched_at=self._clock(), tries=0, early=gathering.early or bool(early)
        )
        what = f"part {step.number}" if step.role == "part" else "the view on one page"
        # Its own time, which is past: it comes before what was asked for later.
        return Handled(
            early,
            (_write(gathering),),
            ends=f"{what} of it is asked for next",
            again_at=request.requested_at,
        )

    def _early(self, gathering: Gathering) -> tuple[Outgoing, ...]:
        """The document as far as it goes, once, where its host leaves long waits between requests: the rest follows."""
        wait = self._visitor.free_at(gathering.host) - self._clock()
        lacks = _lacked(gathering)
        if gathering.early or lacks is None or wait <= PATIENCE or not self._may_go_without(gathering):
            return ()
        why = f"its host is asked for it in {duration(wait.total_seconds())}"
        document = _lacks(_document_of(gathering), lacks.url, why)
        return (Outgoing("fetched", document.url, document),)

    def _lacking(self, request: FetchRequest, gathering: Gathering, step: Step, lack: Lacking) -> Handled:
        """A part that was not had: it is done without, or asked for again later where no visit will do so."""
        if lack.for_now and not self._may_go_without(gathering) and gathering.tries < len(RETRIES):
            now = self._clock()
            at = max(now + RETRIES[gathering.tries], lack.at or now)
            gathering = replace(gathering, tries=gathering.tries + 1, touched_at=now)
            return Handled(
                remember=(_write(gathering),), ends=f"part {step.number} of it: {lack}", again_at=at
            )
        at_once = lack.for_now and self._may_go_without(gathering)
        if step.role == "whole" and not at_once:
            return self._asking(request, _next_view(gathering))
        if lack.for_now:
            # Without what it goes by, the next visit takes the page for changed and asks for all parts.
            gathering = replace(
                gathering, page=replace(gathering.page, etag=None, last_modified=None, sha256="")
            )
        missing = _lacked(gathering) or step
        return self._finished(gathering, _lacks(_document_of(gathering), missing.url, str(lack)))

    def _may_go_without(self, gathering: Gathering) -> bool:
        """Whether the document goes out at once though a part is missing: it is news, and a visit will complete it.

        What went out before with as many parts must not shrink.
        """
        document = _document_of(gathering)
        news = gathering.page.fetched_at is None or len(document.parts) > gathering.page.parts
        return news and fetched(gathering.page, self._clock()).visit_at is not None

    def _finished(self, gathering: Gathering, document: FetchedDocument) -> Handled:
        """The document goes out. Its page first: with it the request counts as done."""
        now = self._clock()
        if gathering.early:
            # A newer version of what went out before.
            document = replace(document, fetched_at=now)
        page = fetched(replace(gathering.page, parts=len(document.parts)), now)
        over = Gathering(
            requested_at=gathering.requested_at,
            touched_at=now,
            page=Page(url=page.url, source_id=page.source_id),
        )
        return Handled((Outgoing("fetched", document.url, document),), (page_write(page, now), _write(over)))


def _document_of(gathering: Gathering) -> FetchedDocument:
    if gathering.document is None:
        raise ValueError(f"{gathering.page.url}: its gathering is over")
    return gathering.document


def _lacked(gathering: Gathering) -> Step | None:
    """The part that is missing as long as no more is had: while a view is asked for, the second."""
    step = gathering.asks
    return gathering.following if step and step.role == "whole" else step


def _next_view(gathering: Gathering) -> Gathering:
    """With the next view to be asked for, or the next part when no view is left."""
    if not gathering.views:
        return replace(gathering, asks=gathering.following)
    view, *others = gathering.views
    return replace(gathering, asks=Step(url=view, role="whole", number=2), views=tuple(others))


def _redirected(gathering: Gathering, step: Step, answer: Answer) -> Step:
    """The same step at the address it redirects to, if that is the same part. Raises Lacking."""
    document = _document_of(gathering)
    target = on_site(answer.redirect, step.url)
    here = target and target not in (step.url, document.final_url, *(p.url for p in document.parts))
    same = mark_of(target, gathering.article) == step.mark if here and step.role == "part" else here
    if not same or step.hops >= MOST_HOPS:
        raise Lacking(f"it redirects to {answer.redirect[:300]}")
    return replace(step, url=target, hops=step.hops + 1)


def _part(step: Step, answer: Answer, *, room: int) -> DocumentPart:
    """What was had as a part of the document. Raises Lacking for what is no page, or has no room."""
    media_type = media_type_of(answer.headers, answer.body)
    if media_type not in HTML:
        raise Lacking(f"it is {media_type}, not a page")
    body = zstandard.compress(answer.body)
    if len(body) > room:
        raise Lacking("with it the article would be larger than may travel")
    return DocumentPart(
        url=step.url,
        role=step.role,
        headers=_kept(answer.headers),
        media_type=media_type,
        body=body,
        size=len(answer.body),
        sha256=hashlib.sha256(answer.body).hexdigest(),
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    told = headers.get("content-type", "")[:200]
    return {"content-type": told} if told else {}


def _prints(document: FetchedDocument) -> frozenset[str]:
    return frozenset([document.sha256, *(part.sha256 for part in document.parts)])


def _lacks(document: FetchedDocument, url: str, why: str) -> FetchedDocument:
    return replace(document, missing=(*document.missing, MissingPart(url=url, why=why)))


def _write(gathering: Gathering) -> Write:
    """The write that keeps a gathering, under its page's id. Label: the day it was touched."""
    labels = {"day": f"{gathering.touched_at:%Y-%m-%d}"}
    return Write(COLLECTION, page_id(gathering.page.url), msgspec.json.encode(gathering), labels)
