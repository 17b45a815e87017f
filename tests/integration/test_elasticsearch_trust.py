"""A real server with TLS and users that is killed and comes back: trust, rights, outages."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import pytest

from shared.elastic import ElasticSecurity
from shared.index.elasticsearch import open_elasticsearch_reader, open_elasticsearch_writer
from shared.index.port import IndexUnavailable, Search
from shared.query.ast import Prefix, Word
from shared.store.elasticsearch import open_elasticsearch_store
from shared.store.port import StoreUnavailable, Write
from tests.contract.index_articles import article, many
from tests.contract.index_asking import found
from tests.secured_elasticsearch import PASSWORD, Secured, secured_elasticsearch
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with secured_elasticsearch() as server:
        yield server


def test_the_rights_we_ask_for_are_enough_for_everything(secured: Secured) -> None:
    address, security = secured.address("wire"), secured.security
    with (
        closing(open_elasticsearch_writer(address, prefix="wire", security=security)) as writer,
        closing(open_elasticsearch_reader(address, prefix="wire", security=security)) as reader,
        closing(open_elasticsearch_store(address, prefix="wire", security=security)) as store,
    ):
        writer.write(many(20, seed=1))
        writer.delete(["a00001"])
        assert list(writer.rebuild())[-1] == 19
        assert reader.count() == len(found(reader)) == 19
        reader.search(Search(Prefix("te"), facets=("source",), unit="event", timeline=True))
        assert store.create("pages", "a", b"1", {"k": "v"}).version == 1
        assert store.put(Write("pages", "a", b"2", {"k": "v"}, expected=1)).version == 2
        assert store.count("pages") <= 1
        assert store.delete("pages", "a")


def test_whoever_may_only_read_reads_and_is_told_about_writing(secured: Secured) -> None:
    security = secured.security
    with closing(
        open_elasticsearch_writer(secured.address("wire"), prefix="wire", security=security)
    ) as writer:
        writer.write([article("a", "Temple")])
    address = secured.address("reading")
    with (
        closing(open_elasticsearch_reader(address, prefix="wire", security=security)) as reader,
        closing(open_elasticsearch_writer(address, prefix="wire", security=security)) as writer,
        closing(open_elasticsearch_store(address, prefix="wire", security=security)) as store,
    ):
        assert found(reader, Word("temple"))
        with pytest.raises(IndexUnavailable, match="does not let us do that"):
            writer.write([article("b")])
        with pytest.raises(StoreUnavailable, match="does not let us do that"):
            store.create("others", "a", b"")


@pytest.mark.parametrize("key", [None, "d3Jvbmc6d3Jvbmc="])
def test_no_key_and_a_wrong_key_are_told(secured: Secured, key: str | None) -> None:
    security = ElasticSecurity(ca_file=secured.security.ca_file, api_key=key)
    with (
        closing(open_elasticsearch_reader(secured.server.address, security=security)) as reader,
        pytest.raises(IndexUnavailable, match="does not know us"),
    ):
        reader.count()


def test_an_unknown_certificate_is_refused_unless_asked_for(secured: Secured) -> None:
    address = secured.address("wire")
    with (
        closing(open_elasticsearch_store(address, prefix="wire")) as store,
        pytest.raises(StoreUnavailable, match="is not trusted") as told,
    ):
        store.get("pages", "a")
    assert quote(PASSWORD, safe="") not in str(told.value)
    careless = ElasticSecurity(verify=False)
    with closing(open_elasticsearch_store(address, prefix="wire", security=careless)) as store:
        assert store.get("pages", "nobody") is None


def test_tls_on_one_side_alone_is_told(secured: Secured, elasticsearch: str) -> None:
    plain = secured.server.address.replace("https", "http")
    with (
        closing(open_elasticsearch_store(plain)) as store,
        pytest.raises(StoreUnavailable, match="cannot be reached"),
    ):
        store.get("pages", "a")
    wrong = elasticsearch.replace("http", "https")
    with (
        closing(open_elasticsearch_store(wrong)) as store,
        pytest.raises(StoreUnavailable, match="speaks no TLS"),
    ):
        store.get("pages", "a")


def test_a_server_that_is_killed_is_told_and_has_everything_when_it_is_back(secured: Secured) -> None:
    address, security = secured.address("wire"), secured.security
    with (
        closing(open_elasticsearch_writer(address, prefix="wire-killed", security=security)) as writer,
        closing(open_elasticsearch_reader(address, prefix="wire-killed", security=security)) as reader,
        closing(open_elasticsearch_store(address, prefix="wire-killed", security=security)) as store,
    ):
        for number in range(20):
            writer.write([article(f"a{number}")])
            store.create("pages", f"a{number}", b"kept")
        secured.server.kill()
        for refused in (lambda: writer.write([article("b")]), reader.count, lambda: reader.get("a1")):
            with pytest.raises(IndexUnavailable, match="cannot be reached"):
                refused()
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            store.get("pages", "a1")
        secured.server.restart()
        # It answers before its indices are open again.
        kept = [f"a{number}" for number in range(20)]
        wait_until(lambda: len(store.get_many("pages", kept)) == 20, 60, "not all it kept is back")
        wait_until(lambda: found(reader) == set(kept), 60, "not all can be found again")
        writer.write([article("b")])
        assert reader.count() == 21
