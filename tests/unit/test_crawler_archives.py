"""WARC archives: records become documents, damage is told by name and costs no other record."""

import gzip
import zlib
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.crawler import archives
from services.crawler.archives import PassedOver, is_archive_content, read_archive, read_archive_file
from services.crawler.documents import NotADocument
from services.crawler.files import documents_of
from services.crawler.folders import Folders
from services.crawler.reading import read_source
from shared.contracts.messages import FetchedDocument, FetchRequest, Source
from shared.errors import BadMessage
from shared.store.sqlite import open_sqlite_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source(id="press", kind="folder", path=".")
SITE = "https://museum.example"
PAGE = b"<html><head><title>Gate</title></head><body><p>The gate opens on Monday.</p></body></html>"


def record(
    body: bytes,
    url: str = f"{SITE}/gate",
    kind: str = "response",
    http: str = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=koi8-r\r\nSet-Cookie: a=b",
    head: str = "",
    date: str = "2024-05-06T07:08:09Z",
) -> bytes:
    """One record as it stands in a file."""
    content = f"{http}\r\n\r\n".encode() + body if http else body
    type = "application/http; msgtype=response" if http else "text/plain"
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        "WARC-Record-ID: <urn:uuid:0>",
        f"WARC-Date: {date}",
        f"Content-Type: {type}",
        f"Content-Length: {len(content)}",
        *([f"WARC-Target-URI: {url}"] if url else []),
        *([head] if head else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


INFO = record(b"software: a test\r\n", url="", kind="warcinfo", http="")


def packed(*records: bytes) -> bytes:
    return b"".join(gzip.compress(r) for r in records)


def read(content: bytes) -> tuple[list[FetchedDocument], list[PassedOver]]:
    found = list(read_archive(content, SOURCE, NOW))
    documents = [one for one in found if isinstance(one, FetchedDocument)]
    return documents, [one for one in found if isinstance(one, PassedOver)]


def body_of(document: FetchedDocument) -> bytes:
    return zstandard.decompress(document.body)


@pytest.mark.parametrize("gz", [False, True])
def test_a_page_becomes_a_document(gz: bool) -> None:
    parts = [INFO, record(b"", kind="request", http="GET / HTTP/1.1\r\nHost: museum.example"), record(PAGE)]
    (document,), passed = read(packed(*parts) if gz else b"".join(parts))
    assert passed == []
    assert (document.url, document.final_url, document.media_type) == (
        f"{SITE}/gate",
        f"{SITE}/gate",
        "text/html",
    )
    assert document.fetched_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert document.headers == {"content-type": "text/html; charset=koi8-r"}
    assert body_of(document) == PAGE


# The writer leaves its temporary files to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_warcio_writes_is_read() -> None:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    for n in range(3):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(f"{SITE}/{n}", "response", payload=BytesIO(PAGE), http_headers=headers)
        )
    assert [d.url for d in read(out.getvalue())[0]] == [f"{SITE}/0", f"{SITE}/1", f"{SITE}/2"]


def test_resources_and_pdfs_are_documents() -> None:
    (note, pdf), _ = read(
        record(b"A note.", f"{SITE}/note", "resource", http="")
        + record(b"%PDF-1.4", f"{SITE}/pdf", http="HTTP/1.1 200 OK")
    )
    assert (note.media_type, body_of(note)) == ("text/plain", b"A note.")
    assert pdf.media_type == "application/pdf"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        # Without the time of day, which would be another name of the test in each process that collects it.
        (gzip.compress(PAGE, mtime=0), "Content-Encoding: gzip"),
        (zlib.compress(PAGE), "Content-Encoding: deflate"),
        (PAGE, "Content-Encoding: gzip"),
        (PAGE, "Content-Encoding: br"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), "Transfer-Encoding: chunked"),
        (PAGE, "Transfer-Encoding: chunked"),
    ],
)
def test_bodies_are_unpacked_as_a_browser_would(body: bytes, headers: str) -> None:
    (document,), passed = read(record(body, http=f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}"))
    assert (body_of(document), passed) == (PAGE, [])


def test_what_is_no_document_is_counted_and_no_fault() -> None:
    picture = record(b"\x89PNG", f"{SITE}/a.png", http="HTTP/1.1 200 OK\r\nContent-Type: image/png")
    gone = record(PAGE, http="HTTP/1.1 404 Not Found\r\nContent-Type: text/html")
    lookup = record(b"museum.example", "dns:museum.example", http="")
    documents, (passed,) = read(picture + picture + gone + record(PAGE) + lookup)
    assert len(documents) == 1
    assert not passed.fault
    assert passed.why == "4 records are no documents: 2 × image/png, 1 × answer 404, 1 × response of dns"


def test_a_time_to_come_is_no_time_of_recording() -> None:
    (later, never), _ = read(record(PAGE, date="2031-01-01T00:00:00Z") + record(PAGE, date="yesterday"))
    assert later.fetched_at == never.fetched_at == NOW


BROKEN = {
    "no address": (record(PAGE, url=""), "does not say what it is a record of"),
    "address": (record(PAGE, url="nonsense"), "address"),
    "cut when recorded": (record(PAGE, head="WARC-Truncated: length"), "was cut short when it was recorded"),
    "no length": (record(PAGE).replace(b"Content-Length", b"Content-Extent"), "does not say how long"),
    "wrong length": (
        record(PAGE).replace(b"Content-Length: 1", b"Content-Length: 0"),
        "does not end where it says",
    ),
    "no http": (record(PAGE, http="nothing"), "has no status"),
    "unpacked without end": (
        record(gzip.compress(b"a" * 300_000), http="HTTP/1.1 200 OK\r\nContent-Encoding: gzip"),
        "unpacks to more than",
    ),
    "brotli": (
        record(b"\x8b\x00\x80", http="HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br"),
        "'br'",
    ),
}


@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_record_is_told_by_name_and_the_others_go_on(
    what: str, gz: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_RECORD", 200_000)
    broken, why = BROKEN[what]
    parts = [record(PAGE, f"{SITE}/first"), broken, record(PAGE, f"{SITE}/last")]
    documents, passed = read(packed(*parts) if gz else b"".join(parts))
    assert [d.url for d in documents] == [f"{SITE}/first", f"{SITE}/last"]
    assert len(passed) == 1
    assert passed[0].fault
    assert "the record at byte" in passed[0].why
    assert why in passed[0].why


def test_damage_within_a_packed_record_costs_it_alone() -> None:
    first, second, third = (gzip.compress(record(PAGE * 40, f"{SITE}/{n}")) for n in range(3))
    spoilt = second[:60] + b"\xff" * 40 + second[100:]
    documents, (passed,) = read(first + spoilt + third)
    assert [d.url for d in documents] == [f"{SITE}/0", f"{SITE}/2"]
    assert passed.why.startswith(f"the record at byte {len(first):,} is damaged")


@pytest.mark.parametrize("gz", [False, True])
def test_an_archive_that_breaks_off_says_so(gz: bool) -> None:
    parts = [record(PAGE, f"{SITE}/{n}") for n in range(2)]
    content = packed(*parts) if gz else b"".join(parts)
    documents, (passed,) = read(content[:-40])
    assert [d.url for d in documents] == [f"{SITE}/0"]
    assert "cut short" in passed.why


def test_a_piece_that_unpacks_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_RECORD", 50_000)
    monkeypatch.setattr(archives, "MOST_SKIPPED", 2_000_000)
    big, endless = record(b"a" * 100_000), record(b"a" * 9_000_000)
    documents, passed = read(packed(big, endless, record(PAGE)))
    assert len(documents) == 1
    assert ["unpacks to 100," in passed[0].why, "to more than 1 MiB" in passed[1].why] == [True, True]


def test_an_archive_packed_as_one_is_read_while_it_is_small() -> None:
    documents, _ = read(gzip.compress(b"".join(record(PAGE, f"{SITE}/{n}") for n in range(3))))
    assert len(documents) == 3


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1200), st.binary(min_size=1, max_size=30), st.booleans())
def test_no_damage_breaks_the_reader(at: int, noise: bytes, gz: bool) -> None:
    parts = [record(PAGE, f"{SITE}/{n}") for n in range(3)]
    content = packed(*parts) if gz else b"".join(parts)
    at %= len(content)
    documents, passed = read(content[:at] + noise + content[at + len(noise) :])
    assert documents or passed


def test_files_are_read_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record(PAGE))
    (tmp_path / "b.WARC.gz").write_bytes(packed(record(PAGE)))
    for name in ("a.warc", "b.WARC.gz"):
        assert len(list(documents_of(tmp_path / name, SOURCE, NOW, read_source))) == 1
    (tmp_path / "c.warc").write_bytes(b"")
    with pytest.raises(BadMessage, match=r"c\.warc: the archive is empty"):
        list(read_archive_file(tmp_path / "c.warc", SOURCE, NOW))
    with pytest.raises(BadMessage, match=r"gone\.warc"):
        list(read_archive_file(tmp_path / "gone.warc", SOURCE, NOW))
    (tmp_path / "d.gz").write_bytes(b"")
    with pytest.raises(NotADocument, match=r"read are .*\.warc\.gz"):
        list(documents_of(tmp_path / "d.gz", SOURCE, NOW, read_source))


def test_archives_are_told_by_their_first_bytes() -> None:
    assert is_archive_content(record(PAGE))
    assert is_archive_content(packed(INFO))
    for other in (b"", PAGE, gzip.compress(PAGE), b"\x1f\x8b\x08" + b"x" * 30):
        assert not is_archive_content(other)


def test_a_folder_splits_an_archive_and_tells_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(PAGE) + BROKEN["no length"][0] + record(PAGE, f"{SITE}/b"))
    crawler = Folders(list, open_sqlite_store(tmp_path / "data"), lambda: NOW, read_source)
    request = FetchRequest(kind="page", source=SOURCE, url=path.as_uri(), requested_at=NOW)
    handled = crawler.handle(request)
    assert [o.key for o in handled.outputs] == [f"{SITE}/gate", f"{SITE}/b"]
    assert handled.ends.startswith("split into 2 entries; not read: the record at byte ")
