"""Alerts on the dashboard: made from a search, changed, tried, told of, followed by a feed reader; nothing typed is lost."""

import re
from collections.abc import Iterator
from dataclasses import replace as with_
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
import pytest
from fastapi.testclient import TestClient
from lxml import html

from services.dashboard.context import Context
from services.dashboard.revealing import COOKIE
from shared.bus.port import Partition
from shared.contracts.article import EventRef, Evidence
from shared.contracts.deliveries import Attempt
from shared.contracts.messages import Alert, Channel
from shared.contracts.wire import decode
from shared.store.port import Write
from shared.subscriptions import COLLECTION, Subscriptions
from shared.taxonomy.taxonomy import Taxonomy
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import HOST, NOW, browser, dashboard
from tests.unit.dashboard_filled import (
    FEED,
    HOOK,
    copied,
    delivery,
    hostile_delivery,
    keep,
    prepared,
    send,
    shown,
    subscribe,
    words,
)
from tests.unit.dashboard_html import PAYLOAD, assert_safe

ELSEWHERE = "203.0.113.9"
FIND = EventRef(id="ev-find", title="A find")
ARTICLES = (
    article("one", "Bronze bell found", "The bronze bell was cast long ago.", published_at=NOW - timedelta(days=2), event=FIND),
    article("two", "Bell again", "Again the bronze bell.", published_at=NOW - timedelta(days=1), event=FIND),
    article("three", "A statue", "Of bronze too.", published_at=NOW - timedelta(days=3)),
    article("old", "Marble", "Marble only.", published_at=NOW - timedelta(days=300)),
    article("excerpt", "Excerpt", "silver " + "word " * 200 + "beyond", rights="excerpt", published_at=NOW),
)  # fmt: skip


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return shipped_taxonomy()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    """A data folder with the articles, to be copied."""
    return prepared(tmp_path_factory.mktemp("filled"), taxonomy, ARTICLES)


@pytest.fixture
def context(tmp_path: Path, taxonomy: Taxonomy, filled: Path) -> Iterator[Context]:
    with copied(filled, tmp_path / "data", taxonomy) as context:
        yield context


@pytest.fixture
def client(context: Context) -> Iterator[TestClient]:
    with browser(context) as client:
        yield client


def kept(context: Context) -> Any:
    """The one alert there is."""
    (only,) = Subscriptions(context.bus, context.store, lambda: NOW).all()
    return only


def test_without_alerts_the_page_says_how_to_make_one(client: TestClient) -> None:
    assert "No alerts yet" in words(shown(client, "/alerts"))


def test_a_search_leads_to_a_filled_form_and_one_press_makes_the_alert(
    client: TestClient, context: Context
) -> None:
    form = shown(client, "/alerts/new?q=alliance:acha")
    assert form.xpath("//input[@name='name']/@value") == ["Alliance for Cultural Heritage in Asia"]
    assert words(form.xpath("//textarea[@name='query']")[0]) == "alliance:acha"
    assert form.xpath("//input[@name='feed']/@checked")
    fields = {i.get("name"): i.get("value") for i in form.xpath("//form[@id='alert-form']//input[@name]")}
    fields |= {
        "query": "alliance:acha",
        "per": "event",
        "email": "",
        "webhook": "",
        "secret": "",
        "apprise": "",
    }
    del fields["digest"]
    answer = client.post("/alerts", data=fields)
    made = kept(context)
    assert answer.headers["location"] == f"/alerts/{made.id}?made=yes"
    assert (made.query, made.per, made.digest, [c.kind for c in made.channels]) == (
        "alliance:acha", "event", None, ["feed"],
    )  # fmt: skip
    page = shown(client, answer.headers["location"])
    address = page.xpath("//input[@id='feed-made']/@value")[0]
    assert address == f"http://{HOST}/feeds/alerts/{made.channels[0].target}.atom"
    assert client.get(address).status_code == 200


def test_one_press_makes_a_private_feed_and_a_second_finds_it(client: TestClient, context: Context) -> None:
    for said in ("yes", "before"):
        answer = send(client, "/alerts", "/alerts/feed", query="bronze bell")
        assert answer.headers["location"] == f"/alerts/{kept(context).id}?made={said}"
    bad = send(client, "/alerts", "/alerts/feed", query="bronze AND")
    assert bad.headers["location"] == "/alerts/new?q=bronze+AND"


def test_the_estimate_counts_events_and_shows_what_would_have_come(client: TestClient) -> None:
    per_event = shown(client, "/alerts/estimate?query=bronze")
    assert "2 events (3 articles) in the last 30 days" in words(per_event)
    assert [words(a) for a in per_event.xpath("//li//a")] == ["Bell again", "A statue"]
    assert words(per_event.xpath("//mark")[0]) == "bronze"
    assert "3 articles (2 events)" in words(shown(client, "/alerts/estimate?query=bronze&per=article"))
    older = words(shown(client, "/alerts/estimate?query=marble"))
    assert "0 events" in older
    assert "Older ones that match:" in older
    assert "Nothing here matches yet" in words(shown(client, "/alerts/estimate?query=zinc"))
    fault = shown(client, "/alerts/estimate?query=bronze+AND")
    assert "Expected: a word" in words(fault)
    assert shown(client, "/alerts/estimate").xpath("//p")


def test_an_estimate_shows_no_more_than_rights_allow(client: TestClient) -> None:
    answer = client.get("/alerts/estimate?query=beyond")
    assert "Excerpt" in answer.text
    assert "beyond" not in answer.text


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"query": "bronze AND"}, "query", "is missing at the end"),
        ({"query": ""}, "query", "The query is empty"),
        ({"name": "n" * 250}, "name", "At most 200 characters"),
        (
            dict.fromkeys(("feed", "email", "webhook", "secret", "apprise"), ""),
            "channels",
            "Name at least one",
        ),
        ({"email": ["a@b.org", "nobody"]}, "email-1", "is no email address"),
        ({"webhook": "ftp://x.example"}, "webhook-0", "begins with https://"),
        ({"webhook": "", "secret": "long enough by far"}, "webhook-0", "is missing"),
        ({"webhook": "https://x.example", "secret": "short"}, "webhook-0-secret", "8 to 200 characters"),
        ({"apprise": "nonsense"}, "apprise-0", "no address that Apprise knows"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(
    client: TestClient, context: Context, change: dict[str, Any], field: str, message: str
) -> None:
    typed = {
        "query": "bronze bell", "name": "My bells", "per": "article", "digest": "daily", "feed": "yes",
        "email": "desk@example.org", "webhook": "https://x.example/hook", "secret": "s" * 10, "apprise": "ntfy://bells",
    } | change  # fmt: skip
    answer = send(client, "/alerts", "/alerts", **typed)
    assert answer.status_code == 422
    assert_safe(answer.text)
    assert context.store.count(COLLECTION) == 0
    page: Any = html.fromstring(answer.text)
    (fault,) = page.xpath(f"//*[@id='fault-{field}']")
    assert message in words(fault)
    (where,) = page.xpath(f"//*[@aria-describedby='fault-{field}']")
    assert where.get("aria-invalid") == "true"
    assert words(page.xpath("//textarea[@name='query']")[0]) == typed["query"].strip()
    for name in ("name", "email", "webhook", "secret", "apprise"):
        values = [typed[name]] if isinstance(typed[name], str) else typed[name]
        assert page.xpath(f"//form[@id='alert-form']//input[@name='{name}']/@value") == values
    assert page.xpath("//input[@value='article']/@checked")
    assert page.xpath("//input[@value='daily']/@checked")
    assert bool(page.xpath("//input[@name='feed']/@checked")) == (typed["feed"] == "yes")


def test_every_bad_address_is_told_at_once(client: TestClient) -> None:
    typed = {"query": "bronze AND", "email": ["nobody", "a@b.org", "no one"], "webhook": "x", "secret": "s"}
    page: Any = html.fromstring(send(client, "/alerts", "/alerts", **typed).text)
    faults = page.xpath("//*[starts-with(@id, 'fault-')]/@id")
    assert faults == ["fault-query", "fault-email-0", "fault-email-2", "fault-webhook-0"]


def test_further_fields_and_counting_work_without_a_script(client: TestClient, context: Context) -> None:
    typed = {"query": "bronze", "email": "a@example.org"}
    more = send(client, "/alerts", "/alerts", **typed, more="email")
    assert more.status_code == 200
    assert more.text.count('name="email"') == 2
    counted = send(client, "/alerts", "/alerts", **typed, look="yes")
    assert "2 events" in re.sub(r"<[^>]*>", "", counted.text)
    assert context.store.count(COLLECTION) == 0


def test_a_secret_is_shown_once_to_who_made_it(client: TestClient, context: Context) -> None:
    answer = send(client, "/alerts", "/alerts", query="bronze", webhook=HOOK.target)
    made = kept(context)
    (secret,) = (c.secret for c in made.channels)
    assert secret.startswith("whsec_")
    with browser(context) as another:
        assert secret not in another.get(f"/alerts/{made.id}").text
    first = shown(client, answer.headers["location"])
    assert first.xpath("//input[@id='secret-0']/@value") == [secret]
    assert secret not in client.get(f"/alerts/{made.id}").text, "once"

    again = send(client, f"/alerts/{made.id}", f"/alerts/{made.id}/secret", number="0")
    (other,) = (c.secret for c in kept(context).channels)
    assert other != secret
    assert other in client.get(again.headers["location"]).text
    assert send(client, f"/alerts/{made.id}", f"/alerts/{made.id}/secret", number="7").status_code == 404


def test_a_reveal_is_for_one_alert_and_ends(client: TestClient, context: Context) -> None:
    send(client, "/alerts", "/alerts", query="bronze", webhook=HOOK.target)
    other = subscribe(context, "marble", HOOK)
    assert str(other.channels[0].secret) not in client.get(f"/alerts/{other.id}").text
    forged = browser(context)
    forged.cookies.set(COOKIE, f"{int(NOW.timestamp()) + 60}.forged")
    assert str(other.channels[0].secret) not in forged.get(f"/alerts/{other.id}").text
    send(client, "/alerts", "/alerts", query="zinc", webhook=HOOK.target)
    made = next(s for s in Subscriptions(context.bus, context.store, lambda: NOW).all() if s.query == "zinc")
    for minutes, there in ((6, False), (4, True)):
        now = NOW + timedelta(minutes=minutes)
        late = browser(with_(context, clock=partial(max, now, now)))
        late.cookies.set(COOKIE, client.cookies[COOKIE])
        assert (str(made.channels[0].secret) in late.get(f"/alerts/{made.id}").text) is there


def test_changing_keeps_secrets_and_the_feed_address(client: TestClient, context: Context) -> None:
    made = subscribe(context, "bronze", FEED, HOOK)
    typed = {
        "name": "Bells",
        "query": "bronze bell",
        "per": "article",
        "feed": "yes",
        "webhook": HOOK.target,
        "secret": "",
    }
    answer = send(client, f"/alerts/{made.id}", f"/alerts/{made.id}", **typed)
    assert answer.headers["location"] == f"/alerts/{made.id}?made=changed"
    after = kept(context)
    assert (after.name, after.query, after.per) == ("Bells", "bronze bell", "article")
    assert after.channels == made.channels
    page = client.get(answer.headers["location"])
    assert str(made.channels[1].secret) not in page.text, "nothing new to show"
    bad = send(client, f"/alerts/{made.id}", f"/alerts/{made.id}", **typed | {"query": "bronze ("})
    assert bad.status_code == 422
    assert 'id="fault-query"' in bad.text
    assert kept(context).query == "bronze bell"


def test_pausing_resuming_and_deleting(client: TestClient, context: Context) -> None:
    made = subscribe(context)
    here = f"/alerts/{made.id}"
    send(client, here, f"{here}/pause")
    assert not kept(context).enabled
    assert "paused" in words(shown(client, "/alerts"))
    send(client, here, f"{here}/test")
    assert len(alerts_sent(context)) == 1, "a test goes out all the same"
    send(client, here, f"{here}/resume")
    assert kept(context).enabled
    assert send(client, here, f"{here}/delete").headers["location"] == "/alerts"
    assert "No alerts yet" in words(shown(client, "/alerts"))
    assert "There is no alert" in words(shown(client, here, 404))
    assert send(client, "/alerts", f"{here}/pause").status_code == 404


def alerts_sent(context: Context) -> list[Alert]:
    return [
        decode(record).message
        for place, (first, end) in context.bus.ends("alerts").items()
        for record in context.bus.read(Partition("alerts", place.number), first, end - first)
    ]


def test_a_test_goes_to_every_channel_with_the_latest_article(client: TestClient, context: Context) -> None:
    made = subscribe(context, "bell", FEED, HOOK, name="Bells")
    answer = send(client, f"/alerts/{made.id}", f"/alerts/{made.id}/test")
    assert answer.headers["location"] == f"/alerts/{made.id}?made=tested#ledger"
    sent = alerts_sent(context)
    assert [a.channel for a in sent] == list(made.channels)
    assert {a.article.id for a in sent} == {"two"}
    assert sent[0].matched[0] == Evidence(text="Bell", field="title", start=0, end=4)
    assert all(a.id.startswith("test-") and a.subscription_name == "Test: Bells" for a in sent)
    assert len({a.id for a in sent}) == 2


def test_a_test_without_any_article_says_what_it_is(client: TestClient, context: Context) -> None:
    made = subscribe(context, "zinc", name="Zinc")
    send(client, f"/alerts/{made.id}", f"/alerts/{made.id}/test")
    (sent,) = alerts_sent(context)
    assert sent.article.title == "A test of the alert “Zinc”"
    assert sent.article.title[2:6] == sent.matched[0].text == "test"
    assert sent.article.url == f"http://{HOST}/alerts/{made.id}"


def test_the_ledger_says_why_each_came_and_what_became_of_it(client: TestClient, context: Context) -> None:
    made = subscribe(context, "bronze", FEED, HOOK)
    matched = (
        Evidence(text="bronze", field="text", start=4, end=10),
        Evidence(text="gone", field="text", start=0, end=4),
    )
    tries = tuple(Attempt(at=NOW, ok=False, said=said) for said in ("answered 503", "cannot be reached"))
    about = {"article": "one", "title": "Bronze bell found", "event": FIND, "matched": matched}
    hook: dict[str, Any] = {"channel": "webhook", "target": "https://hooks.example.org/…"}
    waiting: dict[str, Any] = {
        "id": "w", "status": "waiting", "attempts": tries, "next_try": NOW + timedelta(minutes=5), "delivered_at": None,
    }  # fmt: skip
    keep(context, delivery(2, made.id, **about), delivery(2, made.id, **about, **hook, **waiting))
    page = shown(client, f"/alerts/{made.id}")
    (told,) = page.xpath("//article")
    assert words(told.xpath(".//h3")[0]) == "Bronze bell found"
    assert words(told.xpath(".//p[@class='passage']")[0]).startswith("The bronze bell was cast")
    assert [words(m) for m in told.xpath(".//p[@class='passage']//mark")] == ["bronze"]
    assert "It matched by gone" in words(told)
    assert "A find" in words(told)
    assert "Private feed: delivered 2 hours ago" in words(told)
    assert "cannot be reached; next try in 5 minutes 2 tries" in words(told)
    assert "answered 503" in words(told)
    assert "1 delivered, 1 waiting" in words(page.xpath("//h2[@id='ledger-heading']")[0])
    assert page.xpath("//*[@data-fresh]/@data-fresh") == [f"/alerts/{made.id}/now"]
    (fresh,) = shown(client, f"/alerts/{made.id}/now").xpath("//article")
    assert words(fresh) == words(told)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "held", "attempts": (), "next_try": NOW.replace(hour=20)}, "waits for the digest of 2025-12-01 20:00 UTC"),
        ({"status": "gone", "attempts": (Attempt(at=NOW, ok=False, said="answered 410"),)}, "switched off: answered 410"),
        ({"status": "cancelled", "attempts": (Attempt(at=NOW, ok=False, said="it was removed"),)}, "not sent: it was removed"),
        ({"status": "waiting", "attempts": ()}, "on its way"),
        ({"status": "failed", "attempts": (Attempt(at=NOW, ok=False, said="no"),) * 10}, "failed after 10 tries: no"),
        ({"attempts": (Attempt(at=NOW, ok=True, said="x"),) * 3}, "delivered 1 hour ago, at try 3"),
        ({"reason": "revision"}, "changed article"),
        ({"id": "test-1"}, "test"),
    ],
)  # fmt: skip
def test_every_state_of_an_entry_has_its_words(
    client: TestClient, context: Context, changes: dict[str, Any], said: str
) -> None:
    made = subscribe(context)
    keep(context, delivery(1, made.id, **changes))
    assert said in words(shown(client, f"/alerts/{made.id}").xpath("//article")[0])


def test_the_ledger_is_read_page_by_page_over_months(client: TestClient, context: Context) -> None:
    made = subscribe(context)
    keep(context, *(delivery(n * 16, made.id) for n in range(1, 56)))
    keep(context, delivery(3, "sub-another", title="Another's"))
    path, seen = f"/alerts/{made.id}", list[str]()
    while path:
        page = shown(client, path)
        seen += [words(h) for h in page.xpath("//article/h3")]
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert seen == [f"Told {n * 16}" for n in range(1, 56)]
    assert client.get(f"/alerts/{made.id}?cursor=nonsense").status_code == 400


def test_the_list_tells_how_each_stands(client: TestClient, context: Context) -> None:
    made = subscribe(context, name="Bells")
    keep(
        context,
        delivery(5, made.id),
        delivery(9, made.id, status="failed"),
        delivery(11, made.id, status="held"),
    )
    (row,) = shown(client, "/alerts").xpath("//li[@id]")
    assert row.get("id") == made.id, "mails link to it"
    for said in (
        "Bells",
        "once per event",
        "Private feed",
        "5 hours ago",
        "Told 5",
        "1 delivered",
        "1 waiting",
        "1 failed",
    ):
        assert said in words(row)


def test_many_alerts_are_found_by_their_words(client: TestClient, context: Context) -> None:
    for n in range(30):
        subscribe(context, f"bronze title:number{n}", name=f"Alert {n}")
    first = shown(client, "/alerts")
    assert len(first.xpath("//li[@id]")) == 25
    second = shown(client, first.xpath("//a[@rel='next']/@href")[0])
    assert len(second.xpath("//li[@id]")) == 5
    assert [words(h) for h in shown(client, "/alerts?find=NUMBER17").xpath("//li/div/h2")] == ["Alert 17"]
    assert "No alert has these words" in words(shown(client, "/alerts?find=nothing&start=99999"))


def test_a_query_that_is_none_any_more_is_told(client: TestClient, context: Context) -> None:
    made = subscribe(context)
    stored = context.store.get(COLLECTION, made.id)
    assert stored
    body = stored.body.replace(b'"bronze"', b'"alliance:nobody"', 2).replace(
        b'"name":"alliance:nobody"', b'"name":"x"'
    )
    context.store.put(Write(COLLECTION, made.id, body, stored.labels))
    assert "It matches nothing: query: 'nobody' is no alliance" in words(shown(client, "/alerts"))
    assert "It matches nothing any more" in words(shown(client, f"/alerts/{made.id}"))


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_a_private_feed_has_what_was_told_there(client: TestClient, context: Context, kind: str) -> None:
    made = subscribe(context, name="Bells")
    told = {"matched": (Evidence(text="bronze", field="text", start=4, end=10),), "event": FIND}
    keep(context, delivery(1, made.id, **told), delivery(30, made.id), delivery(2, made.id, channel="email"))
    keep(context, delivery(3, made.id, status="cancelled"), delivery(4, "sub-other", title="Another's"))
    address = f"/feeds/alerts/{made.channels[0].target}.{kind}"
    answer = client.get(address)
    if kind == "json":
        titles = [item["title"] for item in answer.json()["items"]]
    else:
        read = feedparser.parse(answer.content)
        assert not read.bozo
        assert read.feed.title == "Bells – Heritage Wire"
        titles = [entry.title for entry in read.entries]
    assert titles == ["Told 1", "Told 30"]
    assert "bronze" in answer.text
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_private_feed_asks_for_its_token_alone(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with dashboard(
        tmp_path, taxonomy, dashboard_host="0.0.0.0", public_url="https://wire.example.org"
    ) as context:
        made = subscribe(context)
        reader = browser(context, ELSEWHERE, "wire.example.org")
        token = made.channels[0].target
        assert reader.get(f"/feeds/alerts/{token}.atom").status_code == 200
        assert reader.get(f"/feeds/alerts/{token[:-1]}.atom").status_code == 404
        assert reader.get("/feeds/search.atom").status_code == 401
        assert reader.get("/alerts").status_code == 303
        assert reader.get(f"/alerts/{made.id}").status_code == 303
        Subscriptions(context.bus, context.store, lambda: NOW).remove(made.id)
        gone = reader.get(f"/feeds/alerts/{token}.json")
        assert (gone.status_code, gone.json()["detail"].startswith("There is no such feed")) == (404, True)


@pytest.mark.parametrize("action", ["", "/pause", "/resume", "/delete", "/test", "/secret"])
def test_nothing_changes_without_our_own_form(client: TestClient, context: Context, action: str) -> None:
    made = subscribe(context, "bronze", HOOK)
    assert client.post(f"/alerts/{made.id}{action}", data={"number": "0"}).status_code == 403
    for address in ("/alerts", "/alerts/feed"):
        assert client.post(address, data={"query": "x", "feed": "yes"}).status_code == 403
    assert kept(context) == made
    assert not alerts_sent(context)


def test_hostile_words_stay_words(client: TestClient, context: Context) -> None:
    quoted = '"' + PAYLOAD.replace("\\", "").replace('"', '\\"') + '"'
    target = f"https://hooks.example.org/{PAYLOAD}".replace(" ", "")
    channels = [FEED, Channel(kind="webhook", target=target, secret="<script>alert(1)</script>")]
    made = Subscriptions(context.bus, context.store, lambda: NOW - timedelta(days=9)).create(
        PAYLOAD, quoted, channels=channels
    )
    keep(context, hostile_delivery(made.id))
    for path in ("/alerts", f"/alerts/{made.id}", f"/alerts/{made.id}?made=yes", f"/alerts/new?q={quoted}"):
        assert "alert(1)" in words(shown(client, path)), path
    answer = send(
        client,
        "/alerts",
        "/alerts",
        query=PAYLOAD,
        name=PAYLOAD,
        email=PAYLOAD,
        webhook=PAYLOAD,
        apprise=PAYLOAD,
    )
    assert answer.status_code == 422
    assert_safe(answer.text)
    for kind in ("atom", "rss"):
        assert "<script" not in client.get(f"/feeds/alerts/{made.channels[0].target}.{kind}").text
    assert_safe(client.get("/alerts", params={"find": PAYLOAD}).text)
