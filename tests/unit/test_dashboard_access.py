"""Who may see the dashboard and who may change something: login, sessions, forms, hosts, sizes, headers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.dashboard.access import SESSION_COOKIE, SESSION_LASTS, load_keys, new_session, session_holds
from services.dashboard.context import Context
from services.dashboard.forms import CSRF_COOKIE, new_csrf
from services.dashboard.guard import LARGEST_BODY
from shared.settings import load_settings
from shared.store.sqlite import open_sqlite_store
from shared.taxonomy.taxonomy import Taxonomy
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import HOST, NOW, browser, csrf, dashboard

ELSEWHERE = "203.0.113.9"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture
def local(tmp_path: Path, taxonomy: Taxonomy) -> Iterator[Context]:
    """Bound to this machine alone."""
    with dashboard(tmp_path, taxonomy) as context:
        yield context


@pytest.fixture
def served(tmp_path: Path, taxonomy: Taxonomy) -> Iterator[Context]:
    """Bound to every address, as others reach it."""
    with dashboard(
        tmp_path, taxonomy, dashboard_host="0.0.0.0", public_url="https://wire.example.org"
    ) as context:
        yield context


def test_the_keys_are_made_once_and_a_set_token_holds(tmp_path: Path) -> None:
    store = open_sqlite_store(tmp_path)
    first = load_keys(store, load_settings())
    assert load_keys(store, load_settings()) == first
    assert len(first.token) == 32
    said = load_keys(store, load_settings(dashboard_token="a token of our own"))
    assert (said.token, said.key) == ("a token of our own", first.key)
    store.close()


def test_at_the_machine_no_login_is_needed(local: Context) -> None:
    for host in (HOST, "localhost:8480", "[::1]:8480"):
        assert browser(local, host=host).get("/").status_code == 200
    assert browser(local, client="::1").get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": ELSEWHERE}, {"Forwarded": "for=x"}, {"Via": "1.1 proxy"}, {"X-Real-IP": ELSEWHERE}],
)
def test_who_comes_through_a_proxy_is_not_at_the_machine(local: Context, headers: dict[str, str]) -> None:
    assert browser(local).get("/", headers=headers).headers["location"] == "/login?next=%2F"


def test_an_address_told_to_others_needs_a_login_from_everybody(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with dashboard(tmp_path, taxonomy, public_url="https://wire.example.org") as context:
        assert browser(context).get("/").status_code == 303
        assert browser(context, host="wire.example.org").get("/").status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7:8480", "", "[", "wire"]
)
def test_other_names_made_to_point_here_are_refused(local: Context, host: str) -> None:
    answer = browser(local).get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers
    assert browser(local).get("/health/live", headers={"Host": host}).status_code == 200


def test_served_to_others_it_answers_to_its_own_names(served: Context) -> None:
    for host in ("wire.example.org", "192.0.2.7:8480", "dashboard:8480", "localhost"):
        assert browser(served, ELSEWHERE, host).get("/login").status_code == 200, host
    assert browser(served, ELSEWHERE, "evil.example").get("/login").status_code == 421


@pytest.mark.parametrize("path", ["/", "/articles/x", "/events", "/alerts", "/ops", "/nowhere"])
def test_others_are_sent_to_the_login_and_back(served: Context, path: str) -> None:
    with browser(served, ELSEWHERE, "wire.example.org") as client:
        answer = client.get(f"{path}?q=a%26b")
        assert answer.status_code == 303
        login = client.get(answer.headers["location"])
        assert f'name="next" value="{path}?q=a%26b"' in login.text
        assert 'name="q"' not in login.text


@pytest.mark.parametrize(
    "path", ["/api/v1/search", "/api/v1/stream", "/feeds/search.atom", "/metrics", "/openapi.json"]
)
def test_programs_are_told_to_bring_the_token(served: Context, path: str) -> None:
    client = browser(served, ELSEWHERE, "wire.example.org")
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    scheme = "Basic" if path.startswith("/feeds/") else "Bearer"
    assert answer.headers["www-authenticate"] == f'{scheme} realm="Heritage Wire"'
    assert "heritage-wire dashboard --token" in answer.json()["detail"]
    assert client.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_bearer_token_opens(served: Context) -> None:
    client = browser(served, ELSEWHERE, "wire.example.org")
    headers = {"Authorization": f"Bearer {served.keys.token}"}
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/", headers=headers).status_code == 200


def test_logging_in_and_out(served: Context) -> None:
    with browser(served, ELSEWHERE, "wire.example.org") as client:
        client.base_url = "https://wire.example.org"
        token = csrf(client.get("/login?next=/events").text)
        wrong = client.post("/login", data={"csrf": token, "token": "nonsense", "next": "/events"})
        assert wrong.status_code == 403
        assert "That is not the token" in wrong.text
        right = client.post(
            "/login", data={"csrf": token, "token": f" {served.keys.token} ", "next": "/events"}
        )
        assert (right.status_code, right.headers["location"]) == (303, "/events")
        cookie = right.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))
        page = client.get("/")
        assert page.status_code == 200
        assert client.post("/logout", data={"csrf": csrf(page.text)}).headers["location"] == "/login"
        assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "/login", "javascript:x"]
)
def test_a_login_leads_nowhere_else(served: Context, next: str) -> None:
    with browser(served, ELSEWHERE, "wire.example.org") as client:
        client.base_url = "https://wire.example.org"
        token = csrf(client.get("/login").text)
        answer = client.post("/login", data={"csrf": token, "token": served.keys.token, "next": next})
        assert answer.headers["location"] == "/"


def test_guessing_has_to_wait(served: Context) -> None:
    with browser(served, ELSEWHERE, "wire.example.org") as client:
        client.base_url = "https://wire.example.org"
        form = {"csrf": csrf(client.get("/login").text), "token": "guess"}
        answers = [client.post("/login", data=form).status_code for _ in range(7)]
        assert answers == [403] * 5 + [429] * 2
        right = client.post("/login", data={**form, "token": served.keys.token})
        assert right.status_code == 429, "the right token has to wait too"
        assert right.headers["retry-after"] == "60"
        assert served.tries.may_try("198.51.100.1", NOW)
        assert served.tries.may_try(ELSEWHERE, NOW + timedelta(minutes=1))


def test_a_session_ends_with_its_time_its_token_and_any_other_signature(served: Context) -> None:
    keys = served.keys
    session = new_session(keys, NOW)
    assert session_holds(keys, session, NOW + SESSION_LASTS - timedelta(seconds=1))
    assert not session_holds(keys, session, NOW + SESSION_LASTS)
    assert not session_holds(replace(keys, token="another"), session, NOW)
    assert not session_holds(replace(keys, key=b"another"), session, NOW)
    until, _, signature = session.partition(".")
    for forged in (
        "",
        ".",
        "x",
        f"{int(until) + 1}.{signature}",
        f"{until}.",
        f"{until}.é",
        "٣.x",
        session[:-1],
    ):
        assert not session_holds(keys, forged, NOW), forged
    client = browser(served, ELSEWHERE, "wire.example.org")
    client.cookies.set(SESSION_COOKIE, session)
    assert client.get("/").status_code == 200


def test_a_form_counts_only_from_our_own_page(local: Context) -> None:
    with browser(local) as client:
        token = csrf(client.get("/").text)
        good = {"csrf": token, "theme": "dark", "next": "/?q=x"}
        assert client.post("/theme", data=good).headers["location"] == "/?q=x"
        assert client.get("/").text.count('data-theme="dark"') == 1
        assert client.post("/theme", data={**good, "csrf": ""}).status_code == 403
        assert client.post("/theme", data={"theme": "dark"}).status_code == 403
        other = new_csrf(local.keys, local.random)
        assert client.post("/theme", data={**good, "csrf": other}).status_code == 403, "another's cookie"
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            assert client.post("/theme", data=good, headers=headers).status_code == 403, headers
        same = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/theme", data=good, headers=same).status_code == 303
        client.cookies.set(CSRF_COOKIE, "made.up", domain="127.0.0.1")
        assert client.post("/theme", data={**good, "csrf": "made.up"}).status_code == 403


def test_requests_have_a_size(local: Context) -> None:
    client = browser(local)
    assert client.post("/theme", content=b"x" * (LARGEST_BODY + 1)).status_code == 413

    def piecemeal() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 65536 + 1):
            yield b"x" * 65536

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/theme", content=piecemeal(), headers=kind).status_code == 413
    assert client.get("/?q=" + "x" * 20000).status_code == 414


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/?q=(", "/login", "/api/v1/nowhere", "/health/live", "/static/style.css"]
)
def test_every_answer_carries_our_headers(local: Context, path: str) -> None:
    headers = browser(local).get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'; base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == (
        "public, max-age=31536000, immutable" if "static" in path else "private, no-cache"
    )


def test_a_head_is_answered_as_a_get_without_its_body(local: Context) -> None:
    client = browser(local)
    for path in ("/", "/nowhere", "/api/v1/search"):
        head, got = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]


def test_what_breaks_is_told_in_words_and_logged(
    local: Context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(type(local.reader), "search", lambda *_: 1 / 0)
    answer = browser(local).get("/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert "content-security-policy" in answer.headers


def test_health_and_metrics(local: Context) -> None:
    client = browser(local)
    assert client.get("/health/live").text == client.get("/health/ready").text == "ok\n"
    client.get("/nowhere")
    client.request("BREW", "/")
    told = client.get("/metrics").text
    assert 'heritage_wire_http_requests_total{method="GET",route="none",status="404"} 1.0' in told
    assert 'method="other"' in told
    assert "BREW" not in told
    local.store.close()
    assert client.get("/health/live").status_code == 200
