"""Putting labels right, as a browser and as a program: the form, what is kept, what the article says then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from services.dashboard.context import Context
from shared.contracts.messages import Correction
from shared.contracts.wire import decode
from shared.corrections.keeping import Corrections
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import NOW, browser, csrf, dashboard
from tests.unit.dashboard_articles import ARTICLES, fill
from tests.unit.dashboard_html import PAYLOAD, assert_safe

FORM = "/articles/report/correct"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with dashboard(tmp_path, shipped_taxonomy(), ARTICLES) as context:
        fill(context)
        yield context


@pytest.fixture
def client(context: Context) -> TestClient:
    return browser(context)


def page(client: TestClient, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[-500:]
    assert_safe(answer.text)
    return html.fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def sent(client: TestClient, path: str = FORM, **fields: Any) -> tuple[int, html.HtmlElement]:
    """Send the form as it stands but for these fields; the status, and the page it leads to."""
    form = page(client, FORM if path == FORM else path).xpath("//form[contains(@class, 'correct')]")[0]
    filled = {name: value for name, value in form.form_values() if name != "more"}
    answer = client.post(path, data={**filled, **{k.replace("__", ":"): v for k, v in fields.items()}})
    if answer.status_code == 303:
        return 303, page(client, answer.headers["location"])
    assert_safe(answer.text)
    return answer.status_code, html.fromstring(answer.text)


def kept(context: Context, article: str = "report") -> dict[str, tuple[str, ...]]:
    corrections = Corrections(context.bus, context.store, context.clock)
    return {c.field: c.right for c in corrections.of_article(article)}


def topic(context: Context) -> list[Correction]:
    ((place, (first, _)),) = context.bus.ends("corrections").items()
    return [decode(record).message for record in context.bus.read(place, first, 100)]


def test_the_article_leads_to_each_part_of_the_form(client: TestClient) -> None:
    shown = page(client, "/articles/report")
    links = {words(a): a.get("href") for a in shown.xpath("//section[@class='wrong']//a")}
    assert list(links) == ["Wrong alliance", "Wrong event", "Missing", "Wrong type", "Wrong phase"]
    form = page(client, FORM)
    for address in links.values():
        path, _, part = address.partition("#")
        assert path == FORM
        assert form.xpath(f"//*[@id='{part}']"), part


def test_the_form_shows_every_label_with_its_words_and_holds_together(client: TestClient) -> None:
    form = page(client, FORM)
    legends = [words(e) for e in form.xpath("//fieldset[@class='verdict']/legend")]
    assert legends == ["Alliance for Cultural Heritage in Asia", "General assembly"]
    assert [words(q) for q in form.xpath("//fieldset[@class='verdict']//q")] == ["ACHA"]
    ids = form.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in form.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labelled = field.get("aria-label") or field.xpath("ancestor::label") or field.get("id")
        assert labelled, html.tostring(field)
    for each in form.xpath("//input[@type='radio']"):
        assert each.xpath("ancestor::fieldset/legend")
    assert form.xpath("//input[@name='event' and @value='own']")


def test_a_form_sent_as_it_stands_changes_nothing_and_says_so(client: TestClient, context: Context) -> None:
    status, shown = sent(client)
    assert status == 422
    assert words(shown.xpath("//*[@role='alert']")[0]).startswith("Nothing differs from the labels")
    assert kept(context) == {}


def test_what_is_said_holds_at_once_and_shows_who_said_it(client: TestClient, context: Context) -> None:
    fields: dict[str, Any] = {
        "alliance__acha": "mention",
        "add-alliance": ["iccrom"],
        "add-alliance-as": ["subject"],
        "add-type": ["award"],
        "add-type-as": ["main"],
        "phase": "followup",
        "note": "The prize is the news.",
    }
    status, shown = sent(client, **fields)
    assert status == 303
    assert kept(context) == {
        "alliances": ("iccrom", "acha:mention"),
        "event_types": ("award", "general_assembly"),
        "phase": ("followup",),
    }
    assert [c.was for c in topic(context)] == [("acha",), ("general_assembly",), ("background",)]
    aside = words(shown.xpath("//aside")[0])
    assert "by a reader, 1 December 2025" in aside
    assert "Its name does not stand in what is shown" in aside
    assert "Seen as: followed up (by a reader, 1 December 2025)" in aside
    assert "The prize is the news." in aside
    assert words(shown.xpath("//*[@role='status']")[0]).startswith("Kept. It holds for this article")
    told = client.get("/api/v1/articles/report").json()
    assert [(t["id"], t["role"], t["rule"]) for t in told["alliances"]] == [
        ("iccrom", "subject", "correction"),
        ("acha", "mention", "correction"),
    ]
    again = page(client, FORM)
    assert again.xpath("//input[@name='alliance:iccrom' and @checked]/@value") == ["subject"]


def test_a_label_is_taken_away_and_taken_back_again(client: TestClient, context: Context) -> None:
    status, shown = sent(client, alliance__acha="not")
    assert (status, kept(context)) == (303, {"alliances": ()})
    assert "Taken away: Alliance for Cultural Heritage in Asia" in words(shown.xpath("//aside")[0])
    path = shown.xpath("//section[@id='corrections']//form/@action")[0]
    token = csrf(client.get("/articles/report").text)
    for _ in range(2):  # pressed twice is no fault
        answer = client.post(path, data={"csrf": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/articles/report?made=withdrawn")
    assert kept(context) == {}
    assert topic(context)[-1].withdrawn
    assert not page(client, "/articles/report").xpath("//section[@id='corrections']")


def test_another_event_of_these_weeks_is_offered_and_one_by_its_address(
    client: TestClient, context: Context
) -> None:
    asked = page(client, "/articles/loner/correct")
    assert asked.xpath("//input[@name='event']/@value") == ["keep", "own", "other"]
    fields: dict[str, Any] = {"event": "other", "other_event": "http://127.0.0.1:8480/events/ev-merged?x=1"}
    status, shown = sent(client, "/articles/loner/correct", **fields)
    assert (status, kept(context, "loner")) == (303, {"event": ("ev-assembly", "report")})
    assert "ACHA: 2nd General Assembly" in words(shown.xpath("//section[@class='event-box']")[0])
    status, shown = sent(client, event="own")
    assert kept(context) == {"event": ()}
    status, shown = sent(client, event="other", other_event="/events/nowhere")
    assert status == 422
    assert "'nowhere' is no event" in words(shown.xpath("//*[@id='fault-event']")[0])
    assert shown.xpath("//input[@name='other_event']/@value") == ["/events/nowhere"]


def test_events_of_the_same_alliance_are_offered(client: TestClient, context: Context) -> None:
    answer = client.post(
        "/api/v1/articles/loner/corrections",
        json={"alliances": [{"id": "acha"}]},
        headers={"x-heritage-wire": "1"},
    )
    assert answer.status_code == 201
    # The loner is of March 2024: nothing of its months; the report's own event is not offered to it again.
    assert page(client, "/articles/loner/correct").xpath("//input[@name='event']/@value") == [
        "keep",
        "own",
        "other",
    ]
    assert page(client, FORM).xpath("//input[@name='event']/@value") == ["keep", "own", "other"]
    context.store.delete("corrections", "report.event")


def test_one_more_row_is_given_without_scripts_and_nothing_typed_is_lost(client: TestClient) -> None:
    fields: dict[str, Any] = {
        "more": "alliance",
        "add-alliance": ["iccrom"],
        "add-alliance-as": ["mention"],
        "note": "so far",
    }
    status, shown = sent(client, **fields)
    assert status == 200
    assert [s.value for s in shown.xpath("//select[@name='add-alliance']")] == ["iccrom", ""]
    assert shown.xpath("//select[@name='add-alliance-as']")[0].value == "mention"
    assert shown.xpath("//textarea[@name='note']")[0].value.strip() == "so far"


def test_a_form_that_is_not_ours_is_refused(client: TestClient, context: Context) -> None:
    page(client, FORM)
    for path in (FORM, "/articles/report/corrections/phase/withdraw"):
        assert client.post(path, data={"phase": "preview", "csrf": "made up"}).status_code == 403
    answer = client.post(
        "/api/v1/articles/report/corrections", content="{}", headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 415
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/api/v1/articles/report/corrections", json={}, headers=foreign).status_code == 403
    assert kept(context) == {}


def test_strangers_must_log_in(context: Context) -> None:
    stranger = browser(context, client="203.0.113.9")
    assert stranger.get(FORM).status_code == 303
    assert stranger.post("/api/v1/articles/report/corrections", json={"phase": "preview"}).status_code == 401
    told = {"authorization": f"Bearer {context.keys.token}"}
    answer = stranger.post("/api/v1/articles/report/corrections", json={"phase": "preview"}, headers=told)
    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/articles/nobody/correct", "/articles/report/corrections/title/withdraw"])
def test_what_is_not_there_is_told(client: TestClient, path: str) -> None:
    if path.endswith("withdraw"):
        token = csrf(client.get(FORM).text)
        assert client.post(path, data={"csrf": token}).status_code == 404
    else:
        page(client, path, 404)


def test_a_hostile_article_is_corrected_as_any_other(client: TestClient, context: Context) -> None:
    path = "/articles/hostile/correct"
    fields: dict[str, Any] = {f"alliance:{PAYLOAD}": "mention", "note": PAYLOAD}
    status, _ = sent(client, path, **fields)
    assert status == 303
    assert kept(context, "hostile") == {"alliances": (f"{PAYLOAD}:mention",)}
    page(client, path)


def test_the_api_puts_right_lists_and_takes_back(client: TestClient) -> None:
    path = "/api/v1/articles/report/corrections"
    body = {
        "alliances": [{"id": "ACHA"}, {"id": "unesco", "role": "mention"}],
        "event": "own",
        "note": "read it",
    }
    answer = client.post(path, json=body)
    assert answer.status_code == 201
    assert [(c["id"], c["right"], c["was"]) for c in answer.json()["results"]] == [
        ("report.alliances", ["acha", "unesco:mention"], ["acha"]),
        ("report.event", [], ["ev-assembly"]),
    ]
    assert [c["field"] for c in client.get(path).json()["results"]] == ["alliances", "event"]
    assert client.delete(f"{path}/event", headers={"x-heritage-wire": "1"}).status_code == 204
    assert client.delete(f"{path}/event", headers={"x-heritage-wire": "1"}).status_code == 404
    assert [c["field"] for c in client.get(path).json()["results"]] == ["alliances"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alliances": [{"id": "nobody at all"}]}, "alliances"),
        ({"alliances": [{"id": "acha", "role": "hero"}]}, "alliances[0].role"),
        ({"event_types": ["party"]}, "event_types"),
        ({"phase": "soon"}, "phase"),
        ({"event": "ev-none"}, "event"),
        ({"phase": "preview", "note": "x" * 2000}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(
    client: TestClient, body: dict[str, object], field: str
) -> None:
    answer = client.post("/api/v1/articles/report/corrections", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert client.post("/api/v1/articles/nobody/corrections", json={}).status_code == 404
    assert client.get("/api/v1/articles/nobody/corrections").status_code == 404


def test_the_api_tells_of_it(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    assert set(told["paths"]["/api/v1/articles/{id}/corrections"]) == {"get", "post"}
    assert "CorrectionSent" in told["components"]["schemas"]
    assert NOW.year == 2025
