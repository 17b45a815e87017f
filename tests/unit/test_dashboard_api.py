"""The API and the feeds: shapes, errors as problem details, and a description that holds."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient
from lxml import etree

from services.dashboard.api.shapes import (
    BodiesAnswer,
    EventAnswer,
    EventsAnswer,
    Problem,
    SearchAnswer,
    StatusAnswer,
)
from services.dashboard.context import Context
from shared.contracts.article import Article
from shared.index.port import FACETS, IndexUnavailable
from shared.journeys import Journey
from shared.rights import shown
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import browser, dashboard
from tests.unit.dashboard_articles import ARTICLES, ASSEMBLY, fill
from tests.unit.dashboard_html import PAYLOAD


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A dashboard over a few articles and events."""
    with dashboard(tmp_path_factory.mktemp("api"), shipped_taxonomy(), ARTICLES) as context:
        fill(context)
        yield context


@pytest.fixture(scope="module")
def client(context: Context) -> TestClient:
    """A program at the machine."""
    return browser(context)


def ask(client: TestClient, path: str, shape: Any, status: int = 200) -> Any:
    """An answer, which must have this shape and no other."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.text[:500])
    kind = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["content-type"] == kind
    return msgspec.json.decode(answer.content, type=shape)


def test_a_search_answers_with_articles(client: TestClient) -> None:
    found = ask(client, "/api/v1/search?q=charter&sort=date", SearchAnswer)
    assert [a.id for a in found.results] == ["copy", "report"]
    assert (found.total, found.next_cursor) == (2, None)
    assert [(h.text, h.field) for h in found.results[1].highlights] == [("charter", "text")]
    assert set(found.facets) == set(FACETS)
    assert found.facets["alliance"] == {"acha": 2}
    assert set(client.get("/api/v1/search?q=charter").json()) == {
        "results", "total", "next_cursor", "facets", "took_ms",
    }  # fmt: skip


def test_nothing_asked_and_a_star_are_everything(client: TestClient) -> None:
    for path in ("/api/v1/search", "/api/v1/search?q=*", "/api/v1/search?q="):
        assert ask(client, path, SearchAnswer).total == len(ARTICLES)


def test_cursors_lead_through_all(client: TestClient) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        found = ask(client, f"/api/v1/search?q=*&limit=2&sort=date&cursor={cursor}", SearchAnswer)
        seen += [a.id for a in found.results]
        if found.next_cursor is None:
            break
        cursor = found.next_cursor
    assert sorted(seen) == sorted(a.id for a in ARTICLES)


def test_one_per_event(client: TestClient) -> None:
    found = ask(client, "/api/v1/search?q=alliance:acha&unit=event", SearchAnswer)
    assert [a.event.title for a in found.results] == [ASSEMBLY.title]


@pytest.mark.parametrize("id", [a.id for a in ARTICLES])
def test_an_article_is_as_it_may_be_shown(client: TestClient, id: str) -> None:
    (kept,) = (a for a in ARTICLES if a.id == id)
    assert ask(client, f"/api/v1/articles/{id}", Article) == shown(kept)


def test_an_event_has_its_facts_and_articles(client: TestClient) -> None:
    found = ask(client, "/api/v1/events/ev-assembly", EventAnswer)
    assert (found.title, found.start, found.article_count) == (ASSEMBLY.title, "2025-11-26", 4)
    assert sorted(a.id for a in found.articles) == ["copy", "farsi", "preview", "report"]
    assert found.merged_into is None
    merged = ask(client, "/api/v1/events/ev-merged", EventAnswer)
    assert (merged.id, merged.merged_into) == ("ev-assembly", "ev-assembly")


def test_events_page_by_page(client: TestClient) -> None:
    first = ask(client, "/api/v1/events?limit=1", EventsAnswer)
    assert [e.id for e in first.results] == ["ev-assembly"]
    second = ask(client, f"/api/v1/events?limit=1&cursor={first.next_cursor}", EventsAnswer)
    assert [e.id for e in second.results] == ["ev-hostile"]
    assert second.next_cursor is None
    assert [
        e.id for e in ask(client, "/api/v1/events?alliance=acha&month=2025-11", EventsAnswer).results
    ] == ["ev-assembly"]


def test_alliances_journey_and_status(client: TestClient) -> None:
    bodies = ask(client, "/api/v1/alliances", BodiesAnswer).results
    assert {b.id: b.articles for b in bodies}["acha"] == 4
    assert client.get("/api/v1/alliances/亚洲文化遗产联盟").json()["id"] == "acha"
    journey = ask(client, "/api/v1/journey?url=https://x.example/%3Fb=2%26a=1", Journey)
    assert [step.service for step in journey.steps] == ["parser"]
    status = ask(client, "/api/v1/status", StatusAnswer)
    assert status.searchable == len(ARTICLES)
    assert status.documents == {"ended": 1}


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/search?q=(", 400, "something is missing at the end"),
        ("/api/v1/search?q=alliance:unesko", 400, "'unesko' is no alliance"),
        ("/api/v1/search?cursor=nonsense", 400, "start without one"),
        ("/api/v1/search?limit=0", 422, "query.limit"),
        ("/api/v1/search?sort=best", 422, "query.sort"),
        ("/api/v1/articles/nowhere", 404, "no article nowhere"),
        ("/api/v1/articles/ahead", 404, "on its way"),
        ("/api/v1/articles/https://x.example/?a=1&b=2", 404, "no article: "),
        ("/api/v1/events/nowhere", 404, "no event nowhere"),
        ("/api/v1/events?cursor=nonsense", 400, "start without one"),
        ("/api/v1/events?month=soon", 422, "query.month"),
        ("/api/v1/alliances/nowhere", 404, "/api/v1/alliances"),
        ("/api/v1/journey?url=https://nowhere.example/", 404, "Nothing is known"),
        ("/api/v1/journey", 422, "query.url"),
        ("/feeds/search.atom?q=(", 400, "something is missing"),
        ("/feeds/search.xml", 422, "path.kind"),
        ("/api/v1/nowhere", 404, "no such page"),
    ],
)
def test_errors_are_problem_details(client: TestClient, path: str, status: int, words: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["instance"]) == (status, path.partition("?")[0])
    assert words in told["detail"]
    if "position" in told:
        assert isinstance(told["position"], int)
        assert told["expected"]


def test_a_bad_query_says_where(client: TestClient) -> None:
    told = client.get("/api/v1/search", params={"q": "文化 AND alliance:unesko"}).json()
    assert told["position"] == len("文化 AND alliance:")
    assert told["expected"].startswith("unesco")


def test_what_does_not_answer_is_said_so(
    context: Context, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise IndexUnavailable("the index does not answer")

    monkeypatch.setattr(type(context.reader), "search", away)
    told = ask(client, "/api/v1/search?q=x", Problem, 503)
    assert "the index does not answer" in told.detail
    assert client.get("/").status_code == 503
    assert client.get("/").headers["retry-after"] == "5"
    monkeypatch.setattr(type(context.reader), "count", away)
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json")],
)
def test_a_search_as_a_feed(client: TestClient, kind: str, media_type: str) -> None:
    answer = client.get(f"/feeds/search.{kind}?q=alliance:acha")
    assert answer.headers["content-type"].startswith(media_type)
    if kind == "json":
        told = answer.json()
        titles = [item["title"] for item in told["items"]]
        assert told["feed_url"] == "http://127.0.0.1:8480/feeds/search.json?q=alliance%3Aacha"
        assert told["home_page_url"] == "http://127.0.0.1:8480/?q=alliance%3Aacha&sort=date"
    else:
        root = etree.fromstring(answer.content)
        entries = [*root.iter("{*}entry"), *root.iter("item")]
        titles = [entry.findtext("{*}title") for entry in entries]
    assert titles == ["ACHA assembly ends", "مجمع عمومی", "ACHA assembly ends", "Congress prepared"]


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_feeds_of_hostile_articles_are_whole(client: TestClient, kind: str) -> None:
    answer = client.get(f"/feeds/search.{kind}?q=zanzibar")
    if kind == "json":
        text = answer.json()["items"][0]["content_html"]
    else:
        text = "".join(map(str, etree.fromstring(answer.content).itertext()))
        text = text.replace(PAYLOAD, "")  # as text it does no harm
    assert "<script" not in text
    assert "javascript:" not in text


def test_the_description_tells_of_every_route_and_every_shape(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    served = {
        "/api/v1/search", "/api/v1/articles/{id}", "/api/v1/events", "/api/v1/events/{id}", "/api/v1/alliances",
        "/api/v1/journey", "/api/v1/status", "/feeds/search.{kind}",
    }  # fmt: skip
    assert served <= set(told["paths"])
    names = set(told["components"]["schemas"])
    text = json.dumps(told)
    refs = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert refs <= names
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)


def test_the_description_is_shown_by_us(client: TestClient) -> None:
    shown = client.get("/api/docs").text
    assert "/api/v1/search" in shown
    assert "http://cdn" not in shown
    assert "https://cdn" not in shown
