"""What Elasticsearch says when something is wrong, in one line of words: other servers, other versions, read-only."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from shared.elastic import ElasticSecurity
from shared.index.elasticsearch import open_elasticsearch_reader, open_elasticsearch_writer
from shared.index.elasticsearch.layout import Layout
from shared.index.port import IndexUnavailable, Search, TooBroad
from shared.query.ast import And, Not, Or, Phrase, Query, Word
from shared.store.elasticsearch import open_elasticsearch_store
from shared.store.port import StoreUnavailable
from tests.contract.index_articles import article
from tests.contract.index_asking import found
from tests.elasticsearch_server import empty

# As Elasticsearch 8 answers a client of version 9.
VERSION_8 = (
    b'{"error":{"root_cause":[{"type":"media_type_header_exception","reason":"Invalid media-type value on headers '
    b'[Accept, Content-Type]"}],"type":"media_type_header_exception","reason":"Invalid media-type value on headers '
    b'[Accept, Content-Type]","caused_by":{"type":"status_exception","reason":"Accept version must be either version 8 '
    b'or 7, but found 9. Accept=application/vnd.elasticsearch+json; compatible-with=9"}},"status":400}'
)
ANSWERS = {
    "a web page": (200, "text/html", b"<html>Welcome to nginx!</html>", "not an Elasticsearch"),
    "another API": (200, "application/json", b'{"status":"ok"}', "not an Elasticsearch"),
    "JSON that is none": (200, "application/json", b"{", "not JSON"),
    "not found": (404, "text/html", b"<html>404</html>", "no Elasticsearch does"),
    "an older version": (400, "application/json", VERSION_8, "another major version.*upgrade"),
    "a proxy whose server is down": (502, "text/html", b"<html>Bad gateway</html>", "not ready.*HTTP 502"),
}


@contextmanager
def answering(status: int, kind: str, body: bytes, heard: list[str] | None = None) -> Iterator[str]:
    """The address of a server that says this to everything; `heard` gets who asks."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if heard is not None:
                heard.append(self.headers.get("authorization", ""))
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("what", list(ANSWERS))
def test_a_server_that_is_not_the_right_one_is_told(what: str) -> None:
    status, kind, body, said = ANSWERS[what]
    with answering(status, kind, body) as address:
        with (
            closing(open_elasticsearch_reader(address)) as reader,
            pytest.raises(IndexUnavailable, match=f"(?s){address}: .*{said}") as told,
        ):
            reader.search(Search())
        assert "\n" not in str(told.value)
        with closing(open_elasticsearch_store(address)) as store, pytest.raises(StoreUnavailable, match=said):
            store.get("pages", "a")


def test_an_api_key_is_sent() -> None:
    heard: list[str] = []
    with (
        answering(401, "application/json", b"{}", heard) as address,
        closing(open_elasticsearch_store(address, security=ElasticSecurity(api_key="a2V5"))) as store,
        pytest.raises(StoreUnavailable, match=r"does not know us.*API key"),
    ):
        store.get("pages", "a")
    assert heard == ["ApiKey a2V5"]


def test_an_address_at_which_nobody_answers_is_told() -> None:
    with (
        closing(open_elasticsearch_writer("http://127.0.0.1:9")) as writer,
        pytest.raises(
            IndexUnavailable, match=r"127\.0\.0\.1:9: cannot be reached \(.*refused.*check the address"
        ),
    ):
        writer.write([article("a")])


def test_a_name_that_nobody_has_is_told() -> None:
    with (
        closing(open_elasticsearch_reader("http://nobody.invalid:9200")) as reader,
        pytest.raises(IndexUnavailable, match=r"nobody\.invalid.*cannot be reached"),
    ):
        reader.count()


@pytest.fixture
def prefix(elasticsearch: str) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield name
    empty(elasticsearch, name)


@pytest.mark.parametrize(
    ("block", "said"),
    [("read_only_allow_delete", "full past the flood stage"), ("read_only", "may only be read")],
)
def test_indices_that_may_only_be_read_are_told(
    elasticsearch: str, prefix: str, block: str, said: str
) -> None:
    """Elasticsearch itself sets the first of these blocks when a disk is full past the flood stage."""
    with (
        Elasticsearch(elasticsearch) as client,
        closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as writer,
        closing(open_elasticsearch_reader(elasticsearch, prefix=prefix)) as reader,
        closing(open_elasticsearch_store(elasticsearch, prefix=prefix)) as store,
    ):
        writer.write([article("a")])
        store.create("pages", "a", b"1")
        settings = client.indices.put_settings
        settings(index=f"{prefix}-*", settings={f"index.blocks.{block}": True})
        # The server is asked again for eleven seconds while it answers 429, as it does here.
        for write, fault in (
            (lambda: writer.write([article("b")]), IndexUnavailable),
            (lambda: store.create("pages", "b", b"1"), StoreUnavailable),
        ):
            with pytest.raises(fault, match=said):
                write()
        assert found(reader) == {"a"}
        settings(index=f"{prefix}-*", settings={f"index.blocks.{block}": None})
        writer.write([article("b")])
        assert store.create("pages", "b", b"1").version == 1


def test_fields_of_other_types_are_told(elasticsearch: str, prefix: str) -> None:
    layout = Layout(prefix)
    with (
        Elasticsearch(elasticsearch) as client,
        closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as writer,
    ):
        client.indices.create(
            index=f"{prefix}-foreign",
            aliases={layout.write("2025.01"): {}},
            mappings={"properties": {"search": {"type": "date"}}},
        )
        with pytest.raises(ValueError, match=r"article a cannot be indexed.*fields of other types"):
            writer.write([article("a")])


def nested(levels: int) -> Query:
    query: Query = Word("temple")
    for level in range(levels):
        query = And((Not(query), Word(f"w{level}"))) if level % 2 else Or((query, Word(f"w{level}")))
    return query


TOO_LARGE: dict[str, Callable[[], Query]] = {
    "deep": lambda: nested(50),
    "long": lambda: Phrase(tuple(f"w{n}" for n in range(40_000))),
}


@pytest.mark.parametrize("what", list(TOO_LARGE))
def test_a_query_that_is_too_large_is_refused(elasticsearch: str, prefix: str, what: str) -> None:
    with (
        closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as writer,
        closing(open_elasticsearch_reader(elasticsearch, prefix=prefix)) as reader,
    ):
        writer.write([article("a")])
        with pytest.raises(TooBroad, match="too large or too deep"):
            reader.search(Search(TOO_LARGE[what]()))
        assert found(reader, nested(8)) == set()
