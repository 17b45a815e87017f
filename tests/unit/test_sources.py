"""Sources: which hold when catalogue, file and people name them; what is refused and in which words."""

from dataclasses import replace as with_
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from shared.contracts.messages import Source
from shared.contracts.sources import SOURCES, decode_saved_source
from shared.sources import BadSource, Listed, Sources, UnknownSource, checked, id_for, seconds
from shared.store.port import Store, Stored, VersionConflict, Write

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIPPED = Source(id="whc", url="https://whc.example.org/rss", name="WHC")
FILED = Source(id="desk", url="https://desk.example.org/", groups=("ours",))
FOLDER = Source(id="box", path="/srv/box", kind="folder")
NEW = Source(id="new", url="https://new.example.org/feed")


@pytest.fixture
def sources(store: Store) -> Sources:
    return Sources(Listed((SHIPPED,), (FILED, FOLDER)), store, lambda: NOW)


def test_all_are_there_with_who_named_them(sources: Sources) -> None:
    sources.add(NEW)
    table = sources.table()
    assert dict(table.sources) == {s.id: s for s in (SHIPPED, FILED, FOLDER, NEW)}
    assert table.origins == {"whc": "catalogue", "desk": "file", "box": "file", "new": "saved"}
    assert sources.get("new") == NEW
    assert sources.get("whc") == SHIPPED
    assert sources.get("none") is None


def test_one_of_the_catalogue_is_changed_taken_out_and_put_back(sources: Sources) -> None:
    off = sources.change("whc", enabled=False)
    assert off == replace(SHIPPED, enabled=False) == sources.get("whc")
    assert sources.remove("whc") == off
    assert sources.get("whc") is None
    assert sources.table().taken_out == (off,)
    with pytest.raises(UnknownSource):
        sources.change("whc", enabled=True)
    with pytest.raises(UnknownSource):
        sources.remove("whc")
    assert sources.put_back("whc") == SHIPPED == sources.get("whc")
    assert sources.table().taken_out == ()


def test_one_that_was_added_is_gone_when_taken_out(sources: Sources, store: Store) -> None:
    sources.add(NEW)
    sources.remove("new")
    assert store.count(SOURCES) == 0
    with pytest.raises(UnknownSource):
        sources.put_back("new")


def test_what_was_taken_out_comes_back_as_it_is_added(sources: Sources) -> None:
    sources.remove("whc")
    assert sources.add(replace(SHIPPED, name="Ours now")).name == "Ours now"
    assert sources.table().sources["whc"].name == "Ours now"


def test_an_address_is_read_once(sources: Sources) -> None:
    with pytest.raises(BadSource, match="read already, by the source 'whc'") as fault:
        sources.add(replace(NEW, url=SHIPPED.url))
    assert fault.value.field == "url"
    sources.add(NEW)
    with pytest.raises(BadSource, match="taken by another source"):
        sources.add(replace(NEW, url="https://other.example.org/"))
    with pytest.raises(BadSource, match="read already"):
        sources.change("new", url=SHIPPED.url)
    assert sources.change("new", url=NEW.url, name="Itself") == replace(NEW, name="Itself")


def test_two_searches_at_one_address_are_two_sources(sources: Sources) -> None:
    search = Source(id="q1", kind="query", url="https://s.example.org/?q={query}", query="icomos")
    sources.add(search)
    sources.add(replace(search, id="q2", query="iccrom"))
    with pytest.raises(BadSource, match="read already"):
        sources.add(replace(search, id="q3"))


def test_a_folder_is_only_switched(sources: Sources) -> None:
    assert not sources.change("box", enabled=False).enabled
    for change in ({"path": "/etc"}, {"url": "https://x.example.org/"}, {"kind": "feed", "path": None}):
        with pytest.raises(BadSource, match="described in the sources file"):
            sources.change("box", **change)
    for change in ({"kind": "folder"}, {"path": "/etc"}, {"kind": "folder", "path": "/etc", "url": None}):
        with pytest.raises(BadSource, match="folders are named in the sources file"):
            sources.change("whc", **change)
    with pytest.raises(BadSource):
        sources.add(Source(id="etc", kind="folder", path="/etc"))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"url": None}, "url", "missing"),
        ({"url": "ftp://x.example.org"}, "url", "only http and https"),
        ({"url": "https://user:pass@x.example.org/"}, "url", "name or password"),
        ({"url": "https://x.example.org/\x07"}, "url", "control character"),
        ({"url": "https://"}, "url", "https://"),
        ({"id": "a b"}, "id", "an id is letters"),
        ({"id": "<script>"}, "id", "an id is letters"),
        ({"kind": "query"}, "url", r"holds \{query\}"),
        ({"kind": "query", "url": "https://x.example.org/?q={query}"}, "query", "needs the words"),
        ({"name": "n" * 201}, "name", "at most 200"),
        ({"selector": "a" * 501}, "selector", "at most 500"),
        ({"language": "french"}, "language", "no language code"),
        ({"country": "fr"}, "country", "two letters"),
        ({"groups": ("<b>",)}, "groups", "few letters and digits"),
        ({"groups": tuple(f"g{n}" for n in range(21))}, "groups", "at most 20"),
        ({"interval": 0.0}, "interval", "expected 1 second"),
        ({"interval": float("nan")}, "interval", "expected 1 second"),
        ({"interval": 1e9}, "interval", "30 days"),
        ({"delay": -1.0}, "delay", "seconds"),
        ({"rights": "none"}, "rights", "full or excerpt"),
        ({"quality": "best"}, "quality", "official or agency"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(BadSource, match=words) as fault:
        checked(replace(NEW, **change))
    assert fault.value.field == field
    assert str(fault.value).startswith(f"{field}: ")


def test_what_is_right_is_trimmed() -> None:
    given = replace(
        NEW, url="  https://new.example.org/feed ", name=" New \n desk ", language="zh-Hant", query=""
    )
    assert checked(given) == replace(NEW, name="New desk", language="zh-Hant")


def test_two_people_at_one_source_lose_nothing(
    sources: Sources, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.add(NEW)
    put, late = store.put, [True]

    def slow(write: Write) -> Stored:
        if late.pop() if late else False:
            saved = decode_saved_source(write.body)
            other = replace(saved, source=replace(NEW, name="Named meanwhile"))
            put(with_(write, body=msgspec.json.encode(other)))
            raise VersionConflict("meanwhile")
        return put(write)

    monkeypatch.setattr(store, "put", slow)
    sources.change("new", language="fr")
    assert sources.get("new") == replace(NEW, name="Named meanwhile", language="fr")


@pytest.mark.parametrize(
    ("url", "taken", "id"),
    [
        ("https://www.museum.example.org/news", (), "museum.example.org"),
        ("https://museum.example.org/", ("museum.example.org",), "museum.example.org-2"),
        ("https://[::1]:80/", (), "1"),
        ("https://музей.example.org/", (), "example.org"),
        ("nonsense", (), "source"),
        ("http://[", ("source",), "source-2"),
    ],
)
def test_an_id_reads_like_the_address_and_is_free(url: str, taken: tuple[str, ...], id: str) -> None:
    assert id_for(url, taken) == id


def test_durations() -> None:
    assert [seconds(v) for v in ("30m", "2s", 90, "1h", "1d", "1.5h")] == [1800, 2, 90, 3600, 86400, 5400]
    with pytest.raises(ValueError, match="is no duration"):
        seconds("soon")
