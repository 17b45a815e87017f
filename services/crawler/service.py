"""The crawler: what is due, fetched politely, as documents on `fetched`."""

from datetime import timedelta

from services.crawler.feed_worker import FeedWorker
from services.crawler.fetch import Fetcher
from services.crawler.folders import Folders
from services.crawler.gathering import Gatherer
from services.crawler.manners import Manners
from services.crawler.poll import Poller
from services.crawler.states import States
from services.crawler.table import SourceTable
from services.crawler.upkeep import Upkeep
from services.crawler.visiting import Visitor
from services.crawler.visits import Visits
from shared.bus.port import Partition
from shared.clock import Clock
from shared.contracts.messages import FetchRequest
from shared.contracts.wire import Received
from shared.errors import BadMessage
from shared.outgoing.addresses import Networks
from shared.outgoing.client import OutgoingClient
from shared.runner.service import Downstream, Handled, Service, Tick, each
from shared.sources import Listed
from shared.store.port import Store

# Documents waiting for the parser above which nothing more is fetched.
MOST_AHEAD = 2000
# Hosts that are asked at the same time. A host that does not answer takes one of these places for half a minute.
HOSTS_AT_ONCE = 64


class Crawler:
    """Puts its parts together: sources and folders by time, requests by kind."""

    def __init__(
        self,
        listed: Listed,
        store: Store,
        clock: Clock,
        *,
        client: OutgoingClient,
        networks: Networks,
        worker: FeedWorker,
    ) -> None:
        self.manners = Manners(networks)
        self._visitor = Visitor(client, self.manners, store, clock)
        states = States(store)
        self.table = SourceTable(listed, store, states, self.manners)
        self.folders = Folders(self.table.folders, store, clock, worker.read)
        self.visits = Visits(store)
        self.upkeep = Upkeep(store)
        self._poller = Poller(self._visitor, worker, states, store, clock)
        self._fetcher = Fetcher(self._visitor, Gatherer(self._visitor, worker, store, clock), store, clock)

    def reload(self, _held: frozenset[Partition]) -> None:
        """Read anew what is known."""
        self._visitor.load()
        self.table.reload()
        self.folders.reload()
        self.visits.reload()

    def handle(self, received: Received) -> Handled:
        """One request. Raises BadMessage for an address that nothing can be fetched from."""
        request: FetchRequest = received.message
        if request.url.startswith("file:") and request.source.kind == "folder":
            return self.folders.handle(request)
        if not request.url.startswith(("http://", "https://")):
            raise BadMessage(f"{request.url}: only http, https and the files of folder sources are fetched")
        if request.kind == "page":
            return self._fetcher.handle(request, received.headers.mode)
        return self._poller.handle(request)


def crawler_service(
    listed: Listed,
    store: Store,
    clock: Clock,
    *,
    client: OutgoingClient,
    networks: Networks,
    worker: FeedWorker,
) -> Service:
    """The crawler for these sources and those that people have saved. `worker` is closed by whoever opened it."""
    crawler = Crawler(listed, store, clock, client=client, networks=networks, worker=worker)
    return Service(
        name="crawler",
        inputs=("fetch-requests",),
        step=each(crawler.handle),
        ticks=(
            Tick("sources", timedelta(seconds=1), crawler.table.tick),
            Tick("folders", timedelta(seconds=1), crawler.folders.tick),
            Tick("visits", timedelta(seconds=10), crawler.visits.tick),
            Tick("upkeep", timedelta(minutes=10), crawler.upkeep.tick),
        ),
        reload=crawler.reload,
        downstream=Downstream("parser", ("fetched", "fetched-backfill"), MOST_AHEAD),
        at_once=HOSTS_AT_ONCE,
        not_before=crawler.manners.free_at,
    )
