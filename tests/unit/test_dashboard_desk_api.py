"""The API of the desk: alerts, deliveries and sources by programs; errors that name the field; all of it documented."""

from collections.abc import Iterator
from dataclasses import replace as with_
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from services.dashboard.context import Context
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCES, SourceState, source_state_write
from shared.index.port import IndexUnavailable
from shared.sources import Listed, Sources
from shared.subscriptions import COLLECTION, Subscriptions
from shared.taxonomy.taxonomy import Taxonomy
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import HOST, NOW, browser, dashboard
from tests.unit.dashboard_filled import FEED, HOOK, copied, delivery, keep, prepared, subscribe
from tests.unit.dashboard_html import PAYLOAD

WHC = Source(id="whc", url="https://whc.example.org/rss", name="WHC", groups=("asia",))
ARTICLES = tuple(
    article(f"a{n}", f"Bronze {n}", "bell", published_at=NOW - timedelta(days=n)) for n in range(3)
)
ALERT: dict[str, Any] = {"name": "Bells", "query": "bronze", "channels": [{"kind": "webhook", "target": HOOK.target}, {"kind": "feed"}]}  # fmt: skip


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    return prepared(tmp_path_factory.mktemp("filled"), taxonomy, ARTICLES)


@pytest.fixture
def context(tmp_path: Path, taxonomy: Taxonomy, filled: Path) -> Iterator[Context]:
    with copied(filled, tmp_path / "data", taxonomy) as context:
        yield with_(context, listed=Listed((WHC,)))


@pytest.fixture
def client(context: Context) -> Iterator[TestClient]:
    with browser(context) as client:
        yield client


def problem(answer: Response, status: int) -> dict[str, Any]:
    """A problem (RFC 9457) with what all of them have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["status"], told["type"]) == (status, "about:blank")
    assert told["detail"]
    return told


def test_an_alert_is_made_with_its_estimate_and_its_secret_told_once(
    client: TestClient, context: Context
) -> None:
    answer = client.post("/api/v1/subscriptions", json=ALERT)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/subscriptions/{made['id']}"
    assert made["estimate"] == {"articles": 3, "events": 3, "days": 30}
    assert made["channels"][0]["secret"].startswith("whsec_")
    token = made["channels"][1]["target"]
    assert made["feed"] == {
        kind: f"http://{HOST}/feeds/alerts/{token}.{kind}" for kind in ("atom", "rss", "json")
    }
    assert (made["per"], made["digest"], made["enabled"], made["fault"]) == ("event", None, True, None)

    again = client.get(answer.headers["location"]).json()
    assert again["channels"][0] == {"kind": "webhook", "target": HOOK.target, "secret": None}
    assert {**again, "channels": 0} == {**made, "channels": 0}
    (listed,) = client.get("/api/v1/subscriptions").json()["results"]
    assert "estimate" not in listed
    assert listed["channels"][0]["secret"] is None


def test_what_is_given_changes_and_the_rest_stays(client: TestClient, context: Context) -> None:
    made = subscribe(context, "bronze", FEED, HOOK, name="Bells")
    here = f"/api/v1/subscriptions/{made.id}"
    assert client.patch(here, json={"enabled": False}).json()["enabled"] is False
    told = client.get(here).json()
    changed = client.patch(here, json={"channels": told["channels"], "per": "article"}).json()
    assert changed["channels"] == told["channels"], "what the API told can be sent back"
    kept = Subscriptions(context.bus, context.store, lambda: NOW).get(made.id)
    assert kept
    assert (kept.channels, kept.per, kept.name, kept.enabled) == (made.channels, "article", "Bells", False)
    mail = {"kind": "email", "target": "desk@example.org"}
    fresh = client.patch(
        here, json={"channels": [{"kind": "feed"}, mail, {"kind": "webhook", "target": "https://x.example/"}]}
    ).json()
    assert [bool(c["secret"]) for c in fresh["channels"]] == [False, False, True]
    assert fresh["channels"][0]["target"] == made.channels[0].target, "the feed keeps its address"
    assert client.patch(here, json={}).status_code == 200


def test_an_alert_is_ended(client: TestClient, context: Context) -> None:
    made = subscribe(context)
    here = f"/api/v1/subscriptions/{made.id}"
    assert client.delete(here, headers={"X-Heritage-Wire": "1"}).status_code == 204
    for answer in (
        client.get(here),
        client.patch(here, json={}),
        client.delete(here, headers={"X-Heritage-Wire": "1"}),
    ):
        assert "there is no subscription" in problem(answer, 404)["detail"].lower()


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"query": "bronze AND"}, "query", "missing at the end"),
        ({"query": 7}, "query", "Expected `str`, got `int`"),
        ({"query": None}, "query", "Expected `str`, got `null`"),
        ({"per": "week"}, "per", "Invalid enum value 'week'"),
        ({"digest": "hourly"}, "digest", "Invalid enum value 'hourly'"),
        ({"name": "n" * 201}, "name", "at most 200 characters"),
        ({"channels": []}, "channels", "name at least one"),
        ({"channels": [{"kind": "fax", "target": "1"}]}, "channels[0].kind", "Invalid enum value 'fax'"),
        (
            {"channels": [{"kind": "feed"}, {"kind": "email", "target": "nobody"}]},
            "channels[1].target",
            "no email address",
        ),
        (
            {"channels": [{"kind": "webhook", "target": "https://x.example", "secret": "s"}]},
            "channels[0].secret",
            "8 to 200",
        ),
        ({"channels": [{"kind": "feed"}, {"kind": "feed"}]}, "channels[1]", "named twice"),
        ({"channels": [{"kind": "feed", "target": "mine"}]}, "channels[0].target", "is made here"),
        ({"channels": [{"target": "x"}]}, "channels[0].kind", "missing required field `kind`"),
        ({"unknown": 1}, "unknown", "unknown field `unknown`"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_fault_of_an_alert_names_its_field(
    client: TestClient, context: Context, method: str, change: dict[str, Any], field: str, words: str
) -> None:
    made = subscribe(context, "marble", FEED)
    address = "/api/v1/subscriptions" + (f"/{made.id}" if method == "PATCH" else "")
    told = problem(client.request(method, address, json={**ALERT, **change}), 422)
    assert told["field"] == field
    assert words in told["message"]
    assert told["detail"] == f"{field}: {told['message']}"
    assert context.store.count(COLLECTION) == 1
    assert client.get(f"/api/v1/subscriptions/{made.id}").json()["query"] == "marble"


def test_a_bad_query_tells_where_and_what_was_expected(client: TestClient) -> None:
    told = problem(client.post("/api/v1/subscriptions", json={**ALERT, "query": "bronze (bell"}), 422)
    assert (told["position"], told["expected"]) == (12, "')'")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'"x"', b'{"query": "x"}', b"null", b'{"a":' * 10_000]
)
def test_what_is_no_body_is_refused_in_words(client: TestClient, body: bytes) -> None:
    for address in ("/api/v1/subscriptions", "/api/v1/sources"):
        answer = client.post(address, content=body, headers={"Content-Type": "application/json"})
        assert problem(answer, 422)["detail"]


def test_alerts_come_page_by_page(client: TestClient, context: Context) -> None:
    made = {subscribe(context, f"bronze{n}").id for n in range(7)}
    seen = list[str]()
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/api/v1/subscriptions", params={"limit": 3, "cursor": cursor}).json()
        assert len(page["results"]) <= 3
        seen += [s["id"] for s in page["results"]]
        cursor = page["next_cursor"]
    assert len(seen) == 7
    assert set(seen) == made


def test_without_an_index_an_alert_is_made_all_the_same(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> Any:
        raise IndexUnavailable("elasticsearch:9200 does not answer")

    class Down:
        search = get = count = staticmethod(down)

    reader: Any = Down()
    with browser(with_(context, reader=reader)) as client:
        answer = client.post("/api/v1/subscriptions", json=ALERT)
    assert (answer.status_code, answer.json()["estimate"]) == (201, None)


def test_the_ledger_comes_newest_first_page_by_page(client: TestClient, context: Context) -> None:
    made = subscribe(context)
    keep(context, *(delivery(n * 20, made.id) for n in range(1, 40)))
    seen, cursor = list[str](), None
    while True:
        page = client.get(
            "/api/v1/deliveries",
            params={"subscription": made.id, "limit": 7, **({"cursor": cursor} if cursor else {})},
        ).json()
        seen += [d["title"] for d in page["results"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [f"Told {n * 20}" for n in range(1, 40)]
    first = client.get(f"/api/v1/deliveries?subscription={made.id}").json()["results"][0]
    assert first["attempts"][0]["said"] == "in the private feed"
    problem(client.get(f"/api/v1/deliveries?subscription={made.id}&cursor=x"), 400)
    problem(client.get("/api/v1/deliveries?subscription=none"), 404)
    problem(client.get("/api/v1/deliveries"), 422)


@pytest.mark.parametrize("cursor", ["gqRhYmNk", "kqoyMDI1LTAxLTAxoWE", "ktb_", "A" * 5000, "%00"])
def test_a_cursor_of_another_make_is_refused(client: TestClient, context: Context, cursor: str) -> None:
    made = subscribe(context)
    problem(client.get(f"/api/v1/deliveries?subscription={made.id}&cursor={cursor}"), 400)


def test_a_source_is_added_changed_and_taken_out(client: TestClient, context: Context) -> None:
    answer = client.post(
        "/api/v1/sources",
        json={"url": "https://www.museum.example.org/news", "interval": "30m", "groups": ["north"]},
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["id"], made["interval"], made["health"], made["origin"]) == (
        "museum.example.org",
        1800.0,
        "new",
        "saved",
    )
    assert made["says"] == "not looked at yet"
    here = answer.headers["location"]
    assert here == "/api/v1/sources/museum.example.org"
    state = SourceState(id=made["id"], source=Source(id=made["id"]), health="failing", says="answered 503; next try in 5 minutes", registered_at=NOW, failures=2, moved_to="https://m.example.org/feed", kind="feed", title="Museum")  # fmt: skip
    context.store.put(source_state_write(state))
    told = client.get(here).json()
    assert (told["health"], told["says"], told["failures"]) == (
        "failing",
        "answered 503; next try in 5 minutes",
        2,
    )
    assert (told["read_from"], told["found_kind"], told["title"]) == (
        "https://m.example.org/feed",
        "feed",
        "Museum",
    )
    changed = client.patch(here, json={"name": "Museum", "interval": None, "delay": "15s"}).json()
    assert (changed["name"], changed["interval"], changed["delay"], changed["groups"]) == (
        "Museum",
        None,
        15.0,
        ["north"],
    )
    assert client.patch(here, json={"enabled": False}).json()["health"] == "disabled"
    assert client.delete(here, headers={"X-Heritage-Wire": "1"}).status_code == 204
    assert "no source" in problem(client.get(here), 404)["detail"]
    problem(client.patch(here, json={"name": "x"}), 404)
    problem(client.delete(here, headers={"X-Heritage-Wire": "1"}), 404)


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "url", "missing required field"),
        ({"url": "ftp://x.example"}, "url", "only http and https"),
        ({"url": WHC.url}, "url", "read already"),
        ({"url": "https://x.example/", "id": "whc"}, "id", "taken by another source"),
        ({"url": "https://x.example/", "kind": "folder"}, "kind", "Invalid enum value 'folder'"),
        ({"url": "https://x.example/", "path": "/etc"}, "path", "unknown field"),
        ({"url": "https://x.example/", "interval": "soon"}, "interval", "is no duration"),
        ({"url": "https://x.example/", "interval": -1}, "interval", "expected 1 second"),
        ({"url": "https://x.example/", "groups": [PAYLOAD]}, "groups", "few letters"),
        ({"url": "https://x.example/", "country": "xx"}, "country", "two letters"),
    ],
)
def test_a_fault_of_a_source_names_its_field(
    client: TestClient, context: Context, body: dict[str, Any], field: str, words: str
) -> None:
    told = problem(client.post("/api/v1/sources", json=body), 422)
    assert told["field"] == field
    assert words in told["message"]
    assert context.store.count(SOURCES) == 0


def test_sources_come_page_by_page_and_by_their_words(client: TestClient, context: Context) -> None:
    every = Sources(context.listed, context.store, lambda: NOW)
    for n in range(5):
        every.add(Source(id=f"s{n}", url=f"https://s{n}.example.org/", name=f"Source {n}", enabled=n != 3))
    seen = list[str]()
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/api/v1/sources", params={"limit": 4, "cursor": cursor}).json()
        seen += [s["id"] for s in page["results"]]
        cursor = page["next_cursor"]
    assert seen == ["s0", "s1", "s2", "s3", "s4", "whc"]
    assert [s["id"] for s in client.get("/api/v1/sources?find=ASIA").json()["results"]] == ["whc"]
    assert [s["id"] for s in client.get("/api/v1/sources?health=disabled").json()["results"]] == ["s3"]
    problem(client.get("/api/v1/sources?health=poorly"), 422)


WRITES = [
    ("POST", "/api/v1/subscriptions", ALERT),
    ("PATCH", "/api/v1/subscriptions/ID", {"name": "x"}),
    ("DELETE", "/api/v1/subscriptions/ID", None),
    ("POST", "/api/v1/sources", {"url": "https://evil.example/"}),
    ("PATCH", "/api/v1/sources/whc", {"name": "x"}),
    ("DELETE", "/api/v1/sources/whc", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_page_of_another_site_writes_nothing(
    client: TestClient, context: Context, method: str, path: str, body: Any
) -> None:
    made = subscribe(context)
    address = path.replace("ID", made.id)
    problem(
        client.request(
            method, address, json=body, headers={"Origin": "https://evil.example", "X-Heritage-Wire": "1"}
        ),
        403,
    )
    problem(
        client.request(
            method, address, json=body, headers={"Sec-Fetch-Site": "cross-site", "X-Heritage-Wire": "1"}
        ),
        403,
    )
    problem(client.request(method, address, content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    assert Subscriptions(context.bus, context.store, lambda: NOW).all() == [made]
    assert context.store.count(SOURCES) == 0


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_who_must_log_in_shows_the_token(
    tmp_path: Path, taxonomy: Taxonomy, method: str, path: str, body: Any
) -> None:
    with dashboard(
        tmp_path, taxonomy, dashboard_host="0.0.0.0", public_url="https://wire.example.org"
    ) as plain:
        context = with_(plain, listed=Listed((WHC,)))
        made = subscribe(context)
        client = browser(context, "203.0.113.9", "wire.example.org")
        address = path.replace("ID", made.id)
        problem(client.request(method, address, json=body), 401)
        for read in (
            "subscriptions",
            f"subscriptions/{made.id}",
            f"deliveries?subscription={made.id}",
            "sources",
            "status",
        ):
            problem(client.get(f"/api/v1/{read}"), 401)
        bearer = {"Authorization": f"Bearer {context.keys.token}"}
        assert client.request(method, address, json=body, headers=bearer).status_code in (200, 201, 204)


def test_everything_is_documented_with_an_example(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in {
        "/api/v1/subscriptions": ("get", "post"),
        "/api/v1/subscriptions/{id}": ("get", "patch", "delete"),
        "/api/v1/deliveries": ("get",),
        "/api/v1/sources": ("get", "post"),
        "/api/v1/sources/{id}": ("get", "patch", "delete"),
        "/api/v1/stream": ("get",),
    }.items():
        for method in methods:
            told = document["paths"][path][method]
            assert told["summary"]
            bodies = [r for status, r in told["responses"].items() if status in ("200", "201")]
            if method != "delete":
                (content,) = bodies[0]["content"].values()
                assert content["example"], (path, method)
            if method in ("post", "patch"):
                (content,) = told["requestBody"]["content"].values()
                assert content["example"]
                assert content["schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "SubscriptionTold" in page.text


def test_the_examples_are_taken_as_they_stand(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path in ("/api/v1/subscriptions", "/api/v1/sources"):
        example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert client.post(path, json=example).status_code == 201
