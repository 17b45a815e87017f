"""One look at an address for a person who asks: what is there, and may it be fetched?"""

from dataclasses import dataclass

from services.crawler.feed_worker import FeedWorker
from services.crawler.found import Found, Unreadable
from services.crawler.poll import ACCEPT, LIMITS, poll_address
from services.crawler.reading import Question
from services.crawler.robots import Robots, origin_of
from services.crawler.visiting import BadRedirect, redirected, status_words
from shared.clock import Clock
from shared.contracts.messages import FetchRequest, Source
from shared.identity import host_of
from shared.outgoing.answer import Answer
from shared.outgoing.client import OutgoingClient
from shared.outgoing.errors import OutgoingError


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `fault` says in words what stood in the way; `chain` holds the addresses that redirected."""

    url: str
    chain: tuple[str, ...] = ()
    robots: str = ""
    crawl_delay: float = 0.0
    answer: Answer | None = None
    found: Found | None = None
    fault: str = ""


class Looker:
    """Looks as the crawler does, with the same guard, the same robots.txt and the same reader, and changes nothing."""

    def __init__(self, client: OutgoingClient, robots: Robots, worker: FeedWorker, clock: Clock) -> None:
        self._client, self._robots, self._worker, self._clock = client, robots, worker, clock

    def look(self, source: Source, *, every_feed: bool = False) -> Look:
        """What is at the source's address, or where that redirects to."""
        request = FetchRequest(
            kind="poll", source=source, url=poll_address(source), requested_at=self._clock()
        )
        while True:
            look = Look(request.url, request.chain)
            try:
                rules = (
                    self._robots.known(origin_of(request.url))
                    or self._robots.fetch(origin_of(request.url))[0]
                )
                if rules.wait_until is not None:
                    return Look(request.url, request.chain, robots=rules.says, fault=rules.says)
                robots = "allows it" if rules.allows(request.url) else "does not allow it"
                look = Look(request.url, request.chain, robots, rules.crawl_delay)
                if not rules.allows(request.url):
                    return _fault(look, f"the robots.txt of {host_of(request.url)} does not allow it")
                answer = self._client.get(request.url, {"accept": ACCEPT}, LIMITS)
                if not answer.redirect:
                    return self._read(look, source, answer, every_feed)
                request = redirected(request, answer)
            except (OutgoingError, BadRedirect) as e:
                return _fault(look, str(e))

    def _read(self, look: Look, source: Source, answer: Answer, every_feed: bool) -> Look:
        if answer.status != 200:
            return _fault(look, f"{host_of(look.url)} answers {status_words(answer.status)}", answer)
        question = Question(
            content=answer.body,
            url=look.url,
            content_type=answer.headers.get("content-type"),
            kind=source.kind,
            selector=source.selector,
            every_feed=every_feed,
        )
        try:
            found = self._worker.read(question)
        except Unreadable as e:
            return _fault(look, str(e), answer)
        return Look(look.url, look.chain, look.robots, look.crawl_delay, answer, found)


def _fault(look: Look, why: str, answer: Answer | None = None) -> Look:
    return Look(look.url, look.chain, look.robots, look.crawl_delay, answer, None, why)
