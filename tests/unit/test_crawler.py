"""The crawler on folders: what is new or changed is asked for once, read, and told as what it is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from services.crawler.documents import NotADocument, read_file
from services.crawler.folder import host_key
from services.crawler.folders import Folders
from services.crawler.reading import read_source
from services.crawler.sources import SourcesError, load_sources
from shared.bus.partitioning import partition_of
from shared.contracts.messages import FetchRequest, Source
from shared.contracts.topics import topic_of
from shared.errors import BadMessage
from shared.runner.service import Handled
from shared.sources import seconds
from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Desk</title>
<language>fr</language>
<item><title>Un cours</title><link>https://desk.example/1?utm_source=rss</link>
<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate><description>court</description>
<content:encoded><![CDATA[<p>Un cours plus long a commencé.</p>]]></content:encoded></item>
<item><title>Sans lien</title><guid isPermaLink="false">desk-2</guid><description>Rien de plus.</description></item>
</channel></rss>"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_sqlite_store(tmp_path / "store")


def folder_source(path: Path, **options: Any) -> Source:
    return Source(id="press", kind="folder", path=str(path), **options)


def owns_all(_topic: str, _key: str) -> bool:
    return True


def keep(store: Store, handled: Handled) -> list[str]:
    store.put_many(handled.remember)
    return [Path(o.message.url).name for o in handled.outputs if isinstance(o.message, FetchRequest)]


def test_new_and_changed_files_are_asked_for_once(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.txt").write_text("one")
    (folder / "deep" / "a.html").write_text("two")
    (folder / ".hidden.txt").write_text("no")
    crawler = Folders(lambda: [folder_source(folder)], store, lambda: NOW, read_source)
    assert keep(store, crawler.tick(NOW, owns_all)) == ["b.txt", "a.html"]
    later = NOW + timedelta(minutes=1)
    assert keep(store, crawler.tick(later, owns_all)) == []
    (folder / "b.txt").write_text("one, corrected")
    assert keep(store, crawler.tick(later + timedelta(minutes=1), owns_all)) == ["b.txt"]
    after_a_kill = Folders(lambda: [folder_source(folder)], store, lambda: NOW, read_source)
    after_a_kill.reload()
    assert keep(store, after_a_kill.tick(NOW, owns_all)) == []


def test_requests_that_were_not_remembered_are_made_again(tmp_path: Path, store: Store) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("one")
    crawler = Folders(lambda: [folder_source(tmp_path / "in")], store, lambda: NOW, read_source)
    assert crawler.tick(NOW, owns_all).outputs
    crawler.reload()
    assert crawler.tick(NOW + timedelta(minutes=1), owns_all).outputs


def test_a_folder_is_looked_at_by_its_owner_and_when_due(tmp_path: Path, store: Store) -> None:
    (tmp_path / "in").mkdir()
    crawler = Folders(
        lambda: [folder_source(tmp_path / "in", interval=60.0)], store, lambda: NOW, read_source
    )
    assert not crawler.tick(NOW, owns_all).outputs
    (tmp_path / "in" / "a.txt").write_text("one")
    assert not crawler.tick(NOW + timedelta(seconds=59), owns_all).outputs
    assert not crawler.tick(NOW + timedelta(seconds=61), lambda _topic, _key: False).outputs
    assert crawler.tick(NOW + timedelta(seconds=61), owns_all).outputs


def test_files_of_a_folder_have_several_keys_all_in_its_owner_s_partition(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / "in").mkdir()
    for n in range(60):
        (tmp_path / "in" / f"{n}.txt").write_text("one")
    source = folder_source(tmp_path / "in")
    keys = {
        o.key for o in Folders(lambda: [source], store, lambda: NOW, read_source).tick(NOW, owns_all).outputs
    }
    assert len(keys) > 8
    partitions = topic_of("fetch-requests").partitions
    assert {partition_of(key, partitions) for key in keys} == {partition_of(host_key(source), partitions)}


def test_a_folder_that_is_gone_is_told_once_and_looked_at_again(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    crawler = Folders(lambda: [folder_source(tmp_path / "in")], store, lambda: NOW, read_source)
    for minute in range(3):
        assert not crawler.tick(NOW + timedelta(minutes=minute), owns_all).outputs
    assert [r.getMessage() for r in caplog.records if "source press: folder" in r.getMessage()] != []
    assert len(caplog.records) == 1
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("one")
    assert crawler.tick(NOW + timedelta(minutes=9), owns_all).outputs


def test_a_file_becomes_a_document(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a b.html"
    path.write_text("<p>text</p>")
    crawler = Folders(list, store, lambda: NOW, read_source)
    request = FetchRequest(kind="page", source=folder_source(tmp_path), url=path.as_uri(), requested_at=NOW)
    handled = crawler.handle(request)
    document: Any = handled.outputs[0].message
    assert handled.ends == ""
    assert (document.url, document.media_type, document.fetched_at) == (path.as_uri(), "text/html", NOW)
    assert zstandard.decompress(document.body) == b"<p>text</p>"
    assert (document.size, len(document.sha256)) == (11, 64)


def test_a_feed_file_becomes_its_entries_with_their_own_content(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS)
    first, second = read_file(path, folder_source(tmp_path), NOW, read_source)
    assert first.url == "https://desk.example/1"
    assert zstandard.decompress(first.body).decode() == "<p>Un cours plus long a commencé.</p>"
    assert first.entry is not None
    assert (first.entry.title, first.entry.language) == ("Un cours", "fr")
    assert first.entry.published == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert second.url.startswith(path.as_uri())
    assert "desk-2" in second.url
    crawler = Folders(list, store, lambda: NOW, read_source)
    request = FetchRequest(kind="page", source=folder_source(tmp_path), url=path.as_uri(), requested_at=NOW)
    assert crawler.handle(request).ends == "split into 2 entries"


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("photo.jpg", b"\xff\xd8", NotADocument, ".jpg"),
        ("README", b"text", NotADocument, "no ending"),
        ("broken.xml", b"this is no feed", BadMessage, "not a feed"),
        ("page.xml", b"<?xml version='1.0'?><recipe/>", BadMessage, "not a feed"),
    ],
)
def test_what_is_no_document_is_told(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words):
        read_file(tmp_path / name, folder_source(tmp_path), NOW, read_source)


def test_a_file_that_is_gone_or_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadMessage, match=r"gone\.txt"):
        read_file(tmp_path / "gone.txt", folder_source(tmp_path), NOW, read_source)
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(NotADocument, match="too large"):
        read_file(large, folder_source(tmp_path), NOW, read_source)


def test_an_empty_feed_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text('<rss version="2.0"><channel><title>Quiet</title></channel></rss>')
    assert read_file(path, folder_source(tmp_path), NOW, read_source) == ()


def test_a_sources_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(
        "sources:\n"
        "  - {id: press, kind: folder, path: in, interval: 2s, rights: excerpt, quality: official, language: fr}\n"
        "  - {id: whc-news, url: 'https://whc.unesco.org/en/news/rss', interval: 30m, delay: 10}\n"
    )
    press, feed = load_sources(file)
    assert (press.path, press.interval, press.rights) == (str(tmp_path / "in"), 2.0, "excerpt")
    assert (feed.interval, feed.delay, feed.enabled) == (1800.0, 10.0, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: [", "not YAML"),
        ("things: []", "'sources:'"),
        ("sources: [text]", "source 1"),
        ("sources: [{id: a, kind: folder}]", "needs 'path'"),
        ("sources: [{id: a}]", "'url' is missing"),
        ("sources: [{id: a, url: 'https://x.example', colour: red}]", "colour"),
        ("sources: [{id: a, url: 'https://x.example', rights: some}]", "rights"),
        ("sources: [{id: a, url: 'https://x.example', interval: soon}]", "soon"),
        ("sources: [{url: 'https://x.example'}]", "id"),
        ("sources: [{id: 'a b', url: 'https://x.example'}]", "letters"),
        ("sources: [{id: a, url: 'https://x.example'}, {id: a, url: 'https://y.example'}]", "two sources"),
    ],
)
def test_faults_of_a_sources_file_are_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(text)
    with pytest.raises(SourcesError, match=words) as told:
        load_sources(file)
    assert str(file) in str(told.value)


def test_durations() -> None:
    assert [seconds(v) for v in ("2s", "30m", "1.5h", "1d", 7, "7")] == [2, 1800, 5400, 86400, 7, 7]
