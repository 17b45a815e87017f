"""Sources on the dashboard: grouped by how they stand, added, changed, switched, taken out and put back."""

from collections.abc import Iterator
from dataclasses import replace as with_
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from services.dashboard.context import Context
from services.dashboard.source_form import duration
from shared.contracts.article import ArticleSource
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCES, Health, SourceState, source_state_write
from shared.sources import Listed, Sources
from shared.taxonomy.taxonomy import Taxonomy
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import NOW, browser
from tests.unit.dashboard_filled import copied, prepared, send, shown, words
from tests.unit.dashboard_html import PAYLOAD, assert_safe

FINE = Source(
    id="fine", url="https://fine.example.org/rss", name="Fine Press", language="fr", groups=("north",)
)
ILL = Source(id="ill", url="https://ill.example.org/", name="Ill Press")
OFF = Source(id="off", url="https://off.example.org/", name="Off Press", enabled=False)
SAMPLE = Source(id="banyan", url="http://127.0.0.1:8481/", name="Banyan", groups=("sample",))
FOLDER = Source(id="box", kind="folder", path="/srv/box", name="A box")
ARTICLES = tuple(
    article(f"a{n}", f"Article {n}", "bronze", source=ArticleSource(id="fine", name="Fine Press"), published_at=NOW - timedelta(days=n))
    for n in range(12)
)  # fmt: skip


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    return prepared(tmp_path_factory.mktemp("filled"), taxonomy, ARTICLES)


@pytest.fixture
def context(tmp_path: Path, taxonomy: Taxonomy, filled: Path) -> Iterator[Context]:
    with copied(filled, tmp_path / "data", taxonomy) as context:
        yield with_(context, listed=Listed((FINE, ILL, OFF), (SAMPLE, FOLDER)))


@pytest.fixture
def client(context: Context) -> Iterator[TestClient]:
    with browser(context) as client:
        yield client


def know(context: Context, source: Source, health: Health = "ok", **changes: Any) -> None:
    """Have the crawler know something of a source."""
    given: dict[str, Any] = {
        "says": "40 entries, 3 new; next look in 30 minutes",
        "registered_at": NOW - timedelta(days=9),
        "polled_at": NOW - timedelta(minutes=7),
        "next_poll": NOW + timedelta(minutes=23),
        "ok_at": NOW - timedelta(minutes=7),
        "last_new_at": NOW - timedelta(hours=5),
        "entries_seen": 40,
        "entries_new": 3,
    }
    state = SourceState(id=source.id, source=source, health=health, **{**given, **changes})
    context.store.put(source_state_write(state))


def sources(context: Context) -> Sources:
    return Sources(context.listed, context.store, lambda: NOW)


def test_sources_stand_in_the_order_in_which_they_need_somebody(client: TestClient, context: Context) -> None:
    know(context, FINE)
    know(context, ILL, "failing", says="answered 503; next try in 20 minutes, 3 tries so far", failures=3)
    page = shown(client, "/sources")
    groups = {
        words(g.xpath("./summary")[0]): g
        for g in page.xpath("//details[@id]")
        if g.get("id").startswith("group-")
    }
    assert list(groups) == ["Failing 1", "Not looked at yet 2", "Fine 1", "Switched off 1"]
    (ill,) = groups["Failing 1"].xpath(".//tbody/tr")
    assert "answered 503" in words(ill)
    assert "next try" not in words(ill), "that has a column of its own"
    (fine,) = groups["Fine 1"].xpath(".//tbody/tr")
    assert [words(td) for td in fine.xpath("td")] == [
        "Fine Pressfine.example.org · fr", "7 minutes ago40 entries, 3 new", "in 23 minutes", "40 +3", "5 hours ago", "Switch off Fine Press",
    ]  # fmt: skip
    assert "Banyan sample" in words(groups["Not looked at yet 2"])
    assert [words(a) for a in page.xpath("//nav[@class='tallies']/a")] == [
        "1 failing",
        "2 not looked at yet",
        "1 fine",
        "1 switched off",
    ]
    assert groups["Failing 1"].get("open") is not None
    assert groups["Switched off 1"].get("open") is None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("find=NORTH", ["Fine Press"]),
        ("find=example.org+press", ["Fine Press", "Ill Press", "Off Press"]),
        ("find=press&health=disabled", ["Off Press"]),
        ("health=nonsense&find=banyan", ["Banyan"]),
        ("find=nothing+such", []),
    ],
)
def test_sources_are_found_by_words_and_health(
    client: TestClient, context: Context, query: str, names: list[str]
) -> None:
    know(context, FINE)
    for path in ("/sources", "/sources/now"):
        page = shown(client, f"{path}?{query}")
        assert sorted(words(a) for a in page.xpath("//td[@class='what']/a")) == names
    assert names or "No source has these words" in words(page)


def test_hundreds_of_sources_stay_one_readable_page(client: TestClient, context: Context) -> None:
    every = sources(context)
    for n in range(310):
        every.add(Source(id=f"s{n}", url=f"https://s{n}.example.org/", name=f"Source {n:03}"))
    page = shown(client, "/sources")
    assert len(page.xpath("//details[@id='group-new']//tbody/tr")) == 300
    assert "14 more. Find them by words" in words(page)


def test_without_sources_the_page_says_what_to_do(client: TestClient, context: Context) -> None:
    for source in (FINE, ILL, OFF, SAMPLE, FOLDER):
        sources(context).remove(source.id)
    page = shown(client, "/sources")
    assert "No sources yet" in words(page)
    assert page.xpath("//details[@id='add']/@open")


def test_an_address_is_all_that_is_needed(client: TestClient, context: Context) -> None:
    answer = send(client, "/sources", "/sources", url=" https://www.museum.example.org/news ")
    assert answer.headers["location"] == "/sources/museum.example.org?made=yes"
    assert sources(context).get("museum.example.org") == Source(
        id="museum.example.org", url="https://www.museum.example.org/news"
    )
    page = shown(client, answer.headers["location"])
    assert "It is looked at within seconds" in words(page)
    (piece,) = page.xpath("//*[@data-fresh]")
    assert (piece.get("data-fresh"), piece.get("data-every")) == ("/sources/museum.example.org/now", "2")
    know(
        context,
        Source(id="museum.example.org"),
        moved_to="https://museum.example.org/feed",
        title="Museum",
        kind="feed",
    )
    told = words(shown(client, "/sources/museum.example.org/now"))
    assert "fine 40 entries, 3 new." in told.lower()
    assert "a feed: Museum" in told
    assert "https://museum.example.org/feed" in told


def test_every_field_is_kept(client: TestClient, context: Context) -> None:
    typed = {
        "url": "https://x.example.org/?q={query}", "name": "X", "kind": "query", "query": "icomos", "selector": "h2 a",
        "groups": "asia, museums ,asia", "language": "fa", "country": "ir", "rights": "excerpt", "quality": "official",
        "interval": "2h", "delay": "15s",
    }  # fmt: skip
    send(client, "/sources", "/sources", **typed)
    kept = sources(context).get("x.example.org")
    assert kept == Source(
        id="x.example.org", url="https://x.example.org/?q={query}", name="X", kind="query", query="icomos", selector="h2 a",
        groups=("asia", "museums"), language="fa", country="IR", rights="excerpt", quality="official", interval=7200.0, delay=15.0,
    )  # fmt: skip
    page = shown(client, "/sources/x.example.org")
    for name in ("url", "name", "query", "selector", "language", "interval", "delay"):
        assert page.xpath(f"//details[@id='change']//input[@name='{name}']/@value") == [typed[name]]
    for name in ("kind", "rights", "quality"):
        assert page.xpath(f"//select[@name='{name}']/option[@selected]/@value") == [typed[name]]


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"url": ""}, "url", "The address is missing"),
        ({"url": FINE.url}, "url", "read already, by the source 'fine'"),
        ({"country": "France"}, "country", "two letters"),
        ({"interval": "soon"}, "interval", "is no duration"),
        ({"kind": "folder"}, "kind", "folders are named in the sources file"),
        ({"rights": "all"}, "rights", "full or excerpt"),
    ],
)
@pytest.mark.parametrize("existing", [False, True])
def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(
    client: TestClient, context: Context, change: dict[str, str], field: str, message: str, existing: bool
) -> None:
    typed = {"url": "https://new.example.org/", "name": "Typed name", "groups": "a, b"} | change
    place = "/sources/ill" if existing else "/sources"
    answer = send(client, place, place, **typed)
    assert answer.status_code == 422
    page: Any = html.fromstring(answer.text)
    (fault,) = page.xpath(f"//*[@id='fault-{field}']")
    assert message in words(fault)
    assert page.xpath(f"//*[@aria-describedby='fault-{field}']/@aria-invalid") == ["true"]
    assert page.xpath("//input[@name='name']/@value") == ["Typed name"]
    assert page.xpath("//details[@id='change' or @id='add']/@open"), "the form is open"
    assert context.store.count(SOURCES) == 0


def test_a_source_is_switched_changed_taken_out_and_put_back(client: TestClient, context: Context) -> None:
    know(context, FINE)
    assert send(client, "/sources", "/sources/fine/disable", next="list").headers["location"] == "/sources"
    assert "switched off" in words(shown(client, "/sources/fine"))
    assert send(client, "/sources/fine", "/sources/fine/enable").headers["location"] == "/sources/fine"
    assert sources(context).get("fine") == FINE
    know(context, OFF, "disabled", says="switched off")
    send(client, "/sources/off", "/sources/off/enable")
    assert "not looked at yet" in words(shown(client, "/sources/off/now")), (
        "the crawler has not taken it up yet"
    )
    answer = send(client, "/sources/fine", "/sources/fine", url=FINE.url, name="Finer")
    assert answer.headers["location"] == "/sources/fine?made=changed"
    assert "Finer" in words(shown(client, "/sources"))
    assert send(client, "/sources/fine", "/sources/fine/remove").headers["location"] == "/sources"
    assert "There is no source 'fine'" in words(shown(client, "/sources/fine", 404))
    page = shown(client, "/sources")
    assert "Taken out 1" in words(page)
    send(client, "/sources", "/sources/fine/put-back")
    assert sources(context).get("fine") == FINE


def test_a_source_shows_its_latest_articles(client: TestClient, context: Context) -> None:
    page = shown(client, "/sources/fine")
    assert [words(h) for h in page.xpath("//article/h2")] == [f"Article {n}" for n in range(10)]
    assert page.xpath("//h2/a/@href") == ["/?source=fine&sort=date", *page.xpath("//article/h2/a/@href")]
    assert "None yet" in words(shown(client, "/sources/ill"))


def test_a_folder_is_shown_and_only_switched(client: TestClient, context: Context) -> None:
    page = shown(client, "/sources/box")
    assert "/srv/box" in words(page)
    assert not page.xpath("//details[@id='change']")
    refused = send(client, "/sources/box", "/sources/box", url="https://x.example.org/", kind="feed")
    assert refused.status_code == 422
    send(client, "/sources/box", "/sources/box/disable")
    off = sources(context).get("box")
    assert off
    assert (off.path, off.enabled) == ("/srv/box", False)


@pytest.mark.parametrize("action", ["", "/enable", "/disable", "/remove", "/put-back"])
def test_nothing_changes_without_our_own_form(client: TestClient, context: Context, action: str) -> None:
    assert client.post(f"/sources/fine{action}", data={"url": "https://evil.example"}).status_code == 403
    assert client.post("/sources", data={"url": "https://evil.example"}).status_code == 403
    assert context.store.count(SOURCES) == 0


def test_who_must_log_in_sees_no_sources(client: TestClient, context: Context) -> None:
    for path in ("/sources", "/sources/now", "/sources/fine"):
        assert client.get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 303


def test_hostile_words_stay_words(client: TestClient, context: Context) -> None:
    bad = Source(id=PAYLOAD, url=f"javascript:{PAYLOAD}", name=PAYLOAD, language=PAYLOAD, country=PAYLOAD, groups=(PAYLOAD,), selector=PAYLOAD, query=PAYLOAD)  # fmt: skip
    scripted = Source(id="scripted", url="javascript:alert(1)")
    with browser(with_(context, listed=Listed((bad, scripted), (ILL,)))) as client:
        know(
            context,
            bad,
            "failing",
            says=PAYLOAD,
            title=PAYLOAD,
            kind=PAYLOAD,
            moved_to=f"javascript:{PAYLOAD}",
        )
        know(context, ILL, "ok", says=PAYLOAD, title=PAYLOAD, kind=PAYLOAD, moved_to=f"javascript:{PAYLOAD}")
        for path in ("/sources", "/sources/now", "/sources/ill", "/sources/ill/now", "/sources/scripted"):
            assert "alert(1)" in words(shown(client, path)), path
        sources(with_(context, listed=Listed((bad,), ()))).remove(PAYLOAD)
        assert "Taken out 1" in words(shown(client, "/sources"))
        answer = send(client, "/sources", "/sources", **dict.fromkeys(("url", "name", "kind", "query", "selector", "groups", "language", "country", "rights", "quality", "interval", "delay"), PAYLOAD))  # fmt: skip
        assert answer.status_code == 422
        assert_safe(answer.text)
        assert_safe(client.get("/sources", params={"find": PAYLOAD, "health": PAYLOAD}).text)
        assert_safe(client.get("/sources/" + PAYLOAD.replace("/", "")).text)


@pytest.mark.parametrize(("seconds", "said"), [(None, ""), (90.0, "90s"), (1800.0, "30m"), (7200.0, "2h"), (86400.0, "1d"), (0.5, "0.5s")])  # fmt: skip
def test_durations_read_as_they_are_written(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said
