"""Settings to engines: which bus, store and index they name, and how each is opened.

An engine is imported when it is asked for: a command that searches locally needs neither Kafka nor Elasticsearch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr

from shared.bus.port import Bus
from shared.contracts.topics import bus_topics
from shared.index.port import IndexReader, IndexWriter
from shared.settings import Settings
from shared.store.port import Store

if TYPE_CHECKING:
    from shared.elastic import ElasticSecurity

LOCAL = "local"


class WiringError(Exception):
    """The settings ask for something that cannot be wired; says which setting and what to do."""


def open_bus(settings: Settings) -> Bus:
    """The bus that `HERITAGE_WIRE_BUS` names. Raises WiringError, and BusError as the bus says."""
    if settings.bus == LOCAL:
        from shared.bus.local import open_local_bus

        return open_local_bus(settings.data / "bus", bus_topics())
    if not settings.bus.startswith("kafka://"):
        named = settings.bus.rpartition("@")[2]  # whatever stands before it may be a password
        raise WiringError(f"HERITAGE_WIRE_BUS={named}: expected 'local' or kafka://host:port,…")
    from shared.bus.kafka import KafkaSecurity, open_kafka_bus

    try:
        security = KafkaSecurity(
            tls=settings.kafka_tls,
            ca_file=settings.kafka_ca,
            certificate_file=settings.kafka_certificate,
            key_file=settings.kafka_key,
            key_password=_secret(settings.kafka_key_password),
            mechanism=settings.kafka_mechanism,
            username=settings.kafka_username,
            password=_secret(settings.kafka_password),
        )
    except ValueError as e:
        raise WiringError(str(e)) from e
    return open_kafka_bus(
        settings.bus,
        bus_topics(),
        prefix=f"{settings.prefix}.",
        security=security,
        instance=settings.instance,
    )


def open_store(settings: Settings) -> Store:
    """The store, which goes with the index engine."""
    if settings.index == LOCAL:
        from shared.store.sqlite import open_sqlite_store

        return open_sqlite_store(settings.data / "store")
    from shared.store.elasticsearch import open_elasticsearch_store

    with _told(settings):
        return open_elasticsearch_store(settings.index, prefix=settings.prefix, security=_elastic(settings))


def open_reader(settings: Settings) -> IndexReader:
    """The index, to search in."""
    if settings.index == LOCAL:
        from shared.index.local import open_local_reader

        return open_local_reader(settings.data / "index")
    from shared.index.elasticsearch import open_elasticsearch_reader

    with _told(settings):
        return open_elasticsearch_reader(settings.index, prefix=settings.prefix, security=_elastic(settings))


def open_writer(settings: Settings, wait: float | None) -> IndexWriter:
    """The index, to write to. The local one has one writer: waits up to `wait` seconds for its turn, None for ever."""
    if settings.index == LOCAL:
        from shared.index.local import open_local_writer

        return open_local_writer(settings.data / "index", wait)
    from shared.index.elasticsearch import open_elasticsearch_writer

    with _told(settings):
        return open_elasticsearch_writer(settings.index, prefix=settings.prefix, security=_elastic(settings))


def check_index(settings: Settings, *, writes: bool, thorough: bool = False) -> None:
    """Raise what keeps us from reading, or from writing too, where the articles and the store are, within seconds.

    `thorough` minds old months of articles too. Raises StoreUnavailable for what may pass by itself, StoreError and WiringError for the rest. The embedded ones
    are always there.
    """
    if settings.index == LOCAL:
        return
    from shared.elastic_check import check_elasticsearch

    with _told(settings):
        check_elasticsearch(
            settings.index, settings.prefix, _elastic(settings), writes=writes, thorough=thorough
        )


def index_address(settings: Settings) -> str:
    """Where the articles and the store are, without the password that may stand in it."""
    from shared.elastic import shown

    return shown(settings.index)


def _elastic(settings: Settings) -> "ElasticSecurity":
    from shared.elastic import ElasticSecurity

    return ElasticSecurity(ca_file=settings.elasticsearch_ca, api_key=_secret(settings.elasticsearch_api_key))


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """What an adapter finds wrong with an address is the setting's fault."""
    try:
        yield
    except ValueError as e:
        raise WiringError(f"HERITAGE_WIRE_INDEX={index_address(settings)}: {e}") from e


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
