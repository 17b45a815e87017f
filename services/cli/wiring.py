"""The one place that wires things together: settings to engines, engines to services.

What costs time to load (models, the extractor, tantivy) is imported by the service that needs it alone.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from services.cli.engines import LOCAL, WiringError, open_bus, open_reader, open_store, open_writer
from shared.bus.port import Bus
from shared.clock import Clock, utc_now
from shared.contracts.messages import Source
from shared.errors import Unavailable
from shared.index.port import IndexReader, IndexWriter
from shared.runner.runner import RunnerSettings
from shared.runner.service import Service
from shared.runner.settle import Retries
from shared.settings import Settings
from shared.store.port import Store

if TYPE_CHECKING:
    from services.crawler.feed_worker import FeedWorker
    from services.crawler.found import Found
    from services.crawler.reading import Question
    from shared.outgoing.addresses import Networks
    from shared.outgoing.client import OutgoingClient
    from shared.sources import Listed


@dataclass(slots=True)
class Wiring:
    """The engines of one process, opened when first asked for and closed together."""

    settings: Settings
    clock: Clock = utc_now
    _opened: ExitStack = field(default_factory=ExitStack)
    _bus: Bus | None = None
    _store: Store | None = None
    _reader: IndexReader | None = None
    _feed_worker: "FeedWorker | None" = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._opened.close()

    def bus(self) -> Bus:
        """The bus that `HERITAGE_WIRE_BUS` names."""
        if self._bus is None:
            self._bus = open_bus(self.settings)
            self._opened.callback(self._bus.close)
        return self._bus

    def store(self) -> Store:
        """The store, which goes with the index engine."""
        if self._store is None:
            self._store = open_store(self.settings)
            self._opened.callback(self._store.close)
        return self._store

    def reader(self) -> IndexReader:
        """The index, to search in."""
        if self._reader is None:
            self._reader = open_reader(self.settings)
            self._opened.callback(self._reader.close)
        return self._reader

    def writer(self, wait: float | None = None) -> IndexWriter:
        """The index, to write to. Waits up to `wait` seconds for another writer to end; None waits for ever."""
        writer = open_writer(self.settings, wait)
        self._opened.callback(writer.close)
        return writer

    def feed_worker(self) -> "FeedWorker":
        """Reads feeds and lists, in a process that starts when it is first asked for."""
        if self._feed_worker is None:
            from services.crawler.feed_worker import FeedWorker

            self._feed_worker = FeedWorker()
            self._opened.callback(self._feed_worker.close)
        return self._feed_worker

    def read_feed(self, question: "Question") -> "Found":
        """What a feed file holds. Raises Unreadable, and WiringError when the process that reads cannot be started."""
        try:
            return self.feed_worker().read(question)
        except Unavailable as e:
            raise WiringError(str(e)) from e

    def before_closing(self, callback: Callable[[], None]) -> None:
        """Have this called before the engines opened so far are closed."""
        self._opened.callback(callback)

    def listed(self) -> "Listed":
        """The sources that come with the program and with the sources file, the sample press where it is asked for."""
        from services.crawler.catalogue import load_catalogue
        from services.crawler.sources import load_sources
        from shared.sources import Listed

        file = load_sources(self.settings.sources) if self.settings.sources else ()
        return Listed(
            catalogue=load_catalogue() if self.settings.catalogue else (),
            file=(*file, *self._sample_sources()),
        )

    def sources(self) -> tuple[Source, ...]:
        """The sources as they stand, with those that people have saved."""
        from shared.sources import merge, saved_sources

        listed = self.listed()
        return merge(listed.catalogue, listed.file, saved_sources(self.store()))

    def client(self) -> "OutgoingClient":
        """The client for every request to strangers."""
        from shared.outgoing.client import OutgoingClient, user_agent

        return OutgoingClient(self.networks(), user_agent(self.settings.contact))

    def networks(self) -> "Networks":
        """The private networks that the operator has opened."""
        from shared.outgoing.addresses import Networks

        opened = Networks.parse(self.settings.allow_networks)
        if not self.settings.sample:
            return opened
        return replace(opened, own=frozenset({host_and_port(self.settings.sample)}))

    def _sample_sources(self) -> tuple[Source, ...]:
        if not self.settings.sample:
            return ()
        from services.sample.press import load_press
        from services.sample.site import sample_sources

        host_and_port(self.settings.sample)  # a fault in the address is told now
        return sample_sources(load_press(), self.settings.sample.rstrip("/"))

    def runner_settings(self) -> RunnerSettings:
        """How the runners work, from the settings."""
        s = self.settings
        return RunnerSettings(
            batch=s.batch, retries=Retries.of_seconds(s.tries, s.retry_delay), outage_after=s.outage_after
        )

    def services(self, name: str) -> list[Service]:
        """The services that the process called `name` runs."""
        return SERVICES[name](self)


def host_and_port(address: str) -> tuple[str, int]:
    """Those of the sample press. Raises WiringError for an address that is none."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname:
            return parts.hostname, parts.port or 80
    except ValueError:
        pass
    raise WiringError(f"HERITAGE_WIRE_SAMPLE={address}: expected http://host:port")


def _crawler(wiring: Wiring) -> list[Service]:
    from services.crawler.service import crawler_service

    return [
        crawler_service(
            wiring.listed(),
            wiring.store(),
            wiring.clock,
            client=wiring.client(),
            networks=wiring.networks(),
            worker=wiring.feed_worker(),
        )
    ]


def _parser(wiring: Wiring) -> list[Service]:
    from services.parser.bounded import parser_pool, sketch_all
    from services.parser.service import parser_service
    from services.parser.templates.learner import learner_service

    pool = parser_pool(wiring.settings.parser_workers)
    wiring.before_closing(pool.close)
    sketch = partial(sketch_all, pool)
    return [parser_service(pool, wiring.store()), learner_service(sketch, wiring.store(), wiring.clock)]


def _events(wiring: Wiring) -> list[Service]:
    from services.events.service import events_service

    return [events_service(wiring.store(), wiring.bus(), wiring.clock)]


def _indexer(wiring: Wiring) -> list[Service]:
    from services.indexer.journeys import journeys_service
    from services.indexer.reindex import SILENT, Reindexer, reindex_tick
    from services.indexer.service import indexer_service

    store, writer = wiring.store(), wiring.writer()
    # Who has the writer of the embedded index is alone: what another began it will not end.
    silent = timedelta(0) if wiring.settings.index == LOCAL else SILENT
    reindexer = Reindexer(writer, store, wiring.clock, silent)
    wiring.before_closing(reindexer.close)
    return [indexer_service(writer, (reindex_tick(reindexer),)), journeys_service(store)]


def _alerter(wiring: Wiring) -> list[Service]:
    from services.alerter.service import alerter_service
    from shared.taxonomy.taxonomy import load_taxonomy

    return [alerter_service(wiring.bus(), wiring.store(), wiring.clock, load_taxonomy())]


def _delivery(wiring: Wiring) -> list[Service]:
    from services.alerter.delivery.apprise import AppriseSender
    from services.alerter.delivery.mail import MailSender, MailServer, sender_address
    from services.alerter.delivery.sending import Sender
    from services.alerter.delivery.service import delivery_service
    from services.alerter.delivery.webhook import WebhookSender
    from services.alerter.delivery.wording import Wording
    from shared.outgoing.addresses import Networks
    from shared.outgoing.client import OutgoingClient, user_agent

    s = wiring.settings
    wording = Wording(s.public_url)
    password = s.smtp_password.get_secret_value() if s.smtp_password else None
    sender = sender_address(s.smtp_from)
    server = MailServer(sender, s.smtp_host, s.smtp_port, s.smtp_tls, s.smtp_username, password)
    client = OutgoingClient(Networks.parse(s.allow_networks), user_agent(s.contact))
    apprise = AppriseSender(s.allow_networks, wording)
    store = wiring.store()
    wiring.before_closing(apprise.close)
    senders: dict[str, Sender] = {
        "webhook": WebhookSender(client),
        "email": MailSender(server, wording),
        "apprise": apprise,
    }
    return [delivery_service(store, senders, wiring.clock)]


SERVICES: dict[str, Callable[[Wiring], list[Service]]] = {
    "crawler": _crawler,
    "parser": _parser,
    "events": _events,
    "indexer": _indexer,
    "alerter": _alerter,
    "delivery": _delivery,
}


def set_up_logging(settings: Settings, name: str) -> None:
    """One line per record, with time, service and level, on standard error."""
    logging.basicConfig(
        level=settings.log_level,
        format=f"%(asctime)s {name} %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    # They warn of every oddity of a page or a schedule; what matters to us is told by our own services.
    for chatty in ("apscheduler", "trafilatura", "htmldate"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    # They tell every try to reach a server, with the whole way of the error; what comes of it we are told by exceptions.
    for chatty in ("kafka", "elastic_transport", "elasticsearch", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
