"""The reader's pages over real engines: search, articles, events, alliances, whatever strangers' words say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import NOW, browser, dashboard
from tests.unit.dashboard_articles import ARTICLES, ASSEMBLY, SECRET, fill
from tests.unit.dashboard_html import PAYLOAD, assert_safe


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser at the machine, over the articles above."""
    with dashboard(tmp_path_factory.mktemp("pages"), shipped_taxonomy(), ARTICLES) as context:
        fill(context)
        yield browser(context)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser at a machine where nothing has arrived yet."""
    with dashboard(tmp_path_factory.mktemp("empty"), shipped_taxonomy()) as context:
        yield browser(context)


def page(client: TestClient, path: str, status: int = 200) -> html.HtmlElement:
    """A page, which must be safe."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.text[-500:])
    assert_safe(answer.text)
    return html.fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def links(element: html.HtmlElement, within: str = "//main") -> dict[str, str]:
    return {words(a): a.get("href") for a in element.xpath(f"{within}//a")}


PATHS = (
    "/",
    "/?q=*",
    "/?q=zanzibar",
    "/?q=zanzibar&unit=event",
    "/?q=charter&lang=en&on=2025-11",
    "/?q=nothing-of-the-kind",
    "/events",
    "/events?alliance=acha&type=general_assembly&month=2025-11",
    "/events/ev-assembly",
    "/events/ev-hostile",
    "/events/ev-empty",
    "/alliances",
    "/alliances/acha",
    "/articles/report",
    "/articles/copy",
    "/articles/farsi",
    "/articles/excerpt",
    "/articles/hostile",
    "/api/docs",
    "/login",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_holds_together_and_runs_nothing_of_strangers(client: TestClient, path: str) -> None:
    shown = page(client, path)
    assert len(shown.xpath("//h1")) == 1, "one heading for the page"
    assert shown.xpath("//html/@lang") == ["en"]
    ids = shown.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in shown.xpath("//input[not(@type='hidden')] | //select"):
        assert shown.xpath(f"//label[@for='{field.get('id')}']") or field.xpath("ancestor::label"), (
            field.attrib
        )
    for form in shown.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@name='csrf']/@value")
    for anchor in shown.xpath("//main//a[starts-with(@href, '#')]/@href"):
        assert anchor[1:] in ids, anchor


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/?q={PAYLOAD}", 400),
        (f"/?q=x&lang={PAYLOAD}", 200),
        (f"/?alliance={PAYLOAD}", 400),
        (f"/?cursor={PAYLOAD}", 400),
        (f"/articles/{PAYLOAD}", 404),
        (f"/events/{PAYLOAD}", 404),
        (f"/alliances/{PAYLOAD}", 404),
        (f"/events?alliance={PAYLOAD}", 200),
        (f"/events/ev-assembly?lang={PAYLOAD}", 200),
        (f"/login?next=/{PAYLOAD}", 200),
        ("/articles/ahead", 202),
        ("/articles/https://x.example/?a=1&b=2", 404),
    ],
)
def test_what_the_address_says_is_escaped_too(client: TestClient, path: str, status: int) -> None:
    page(client, path, status)


def test_a_newcomer_is_told_what_will_come(newcomer: TestClient) -> None:
    front = page(newcomer, "/")
    assert "Nothing has arrived yet" in words(front)
    assert links(front)["Alliance for Cultural Heritage in Asia"] == "/alliances/acha"
    assert "No events yet" in words(page(newcomer, "/events"))
    assert "No article is about it yet" in words(page(newcomer, "/alliances/acha"))
    assert "Nothing matches" in words(page(newcomer, "/?q=charter"))


def test_the_front_page_shows_what_came_last_first(client: TestClient) -> None:
    front = page(client, "/")
    titles = [words(h) for h in front.xpath("//article/h2")]
    assert titles[:4] == ["ACHA assembly ends", "مجمع عمومی", "ACHA assembly ends", "Congress prepared"]
    (farsi,) = front.xpath("//h2[@lang='fa']")
    assert farsi.get("dir") == "rtl"
    assert "7 articles" in words(front.xpath("//h1")[0])


def test_found_words_are_marked(client: TestClient) -> None:
    found = page(client, "/?q=charter")
    assert [words(m) for m in found.xpath("//article//mark")] == ["charter", "charter"]
    assert found.xpath("//input[@id='q']/@value") == ["charter"]


def test_filters_narrow_and_are_taken_away_again(client: TestClient) -> None:
    found = page(client, "/?q=assembly")
    facets = links(found, "//aside")
    english = facets["English2"]
    assert english == "/?q=assembly&lang=en"
    narrowed = page(client, english)
    assert links(narrowed, "//ul[@class='chips']")["Language English remove"] == "/?q=assembly"
    assert links(narrowed, "//aside")["English2"] == "/?q=assembly"
    assert links(narrowed)["Alert me"] == "/alerts/new?q=assembly+lang%3Aen"
    assert narrowed.xpath("//form[@role='search']//input[@name='lang']/@value") == ["en"]


def test_a_question_of_alternatives_is_put_in_brackets_before_it_is_narrowed(client: TestClient) -> None:
    found = page(client, "/?q=charter+OR+bronze&source=example&place=")
    assert words(found.xpath("//h1/span/code")[0]) == "(charter OR bronze) source:example"
    assert "3 articles" in words(found.xpath("//h1")[0])


def test_the_timeline_leads_into_its_periods(client: TestClient) -> None:
    found = page(client, "/?alliance=acha")
    bars = found.xpath("//figure//a")
    assert [(bar.get("aria-label"), bar.get("href")) for bar in bars] == [
        ("24 November 2025: 1 article", "/?alliance=acha&on=2025-11-24"),
        ("29 November 2025: 1 article", "/?alliance=acha&on=2025-11-29"),
        ("30 November 2025: 2 articles", "/?alliance=acha&on=2025-11-30"),
    ]
    assert "2 articles" in words(page(client, bars[2].get("href")).xpath("//h1")[0])


def test_a_query_that_cannot_be_read_shows_where_and_what_was_expected(client: TestClient) -> None:
    shown = page(client, "/?q=alliance:unesko", 400)
    assert words(shown.xpath("//mark[@class='wrong']")[0]) == "u"
    told = words(shown.xpath("//*[@role='alert']")[0])
    assert "'unesko' is no alliance that is known (at character 10). Expected: unesco" in told
    assert shown.xpath("//details[@id='help']/@open")
    assert "The filter alliance: 'nonsense' is no alliance" in words(page(client, "/?alliance=nonsense", 400))


def test_pages_follow_one_another(tmp_path: Path) -> None:
    many = [
        article(f"a{n:03}", f"Title {n}", "bronze", published_at=NOW - timedelta(days=n)) for n in range(45)
    ]
    with dashboard(tmp_path, shipped_taxonomy(), many) as context:
        client, path, seen = browser(context), "/?q=bronze&sort=date", list[str]()
        while path:
            shown = page(client, path)
            seen += [words(h) for h in shown.xpath("//article/h2")]
            path = next(iter(shown.xpath("//a[@rel='next']/@href")), "")
        assert seen == [f"Title {n}" for n in range(45)]


def test_one_result_per_event(client: TestClient) -> None:
    shown = page(client, "/?q=alliance:acha&unit=event")
    assert [words(h) for h in shown.xpath("//article/h2")] == [ASSEMBLY.title]
    assert "1 event" in words(shown.xpath("//h1")[0])


def test_an_article_shows_its_evidence_in_place(client: TestClient) -> None:
    shown = page(client, "/articles/report")
    (mark,) = shown.xpath("//h1/mark")
    assert (mark.get("id"), words(mark)) == ("title-0-4", "ACHA")
    assert shown.xpath("//li[@data-label='alliance-acha']//a[@href='#title-0-4']")
    assert "95 %" in words(shown.xpath("//li[@data-label='alliance-acha']")[0])
    assert "name in the title" in words(shown)
    assert links(shown)[ASSEMBLY.title] == "/events/ev-assembly"
    assert (
        shown.xpath("//a[@rel='noreferrer noopener external']/@href")[0] == "https://news.example.org/report"
    )


def test_what_was_removed_is_told_by_reason(client: TestClient) -> None:
    shown = page(client, "/articles/loner")
    groups = {
        words(group.find("summary")): [words(item) for item in group.xpath(".//li")]
        for group in shown.xpath("//details[@class='removed']")
    }
    assert list(groups) == [
        "Byline: 1 piece",
        "Links to other articles: 5 pieces",
        "Share or subscribe bar: 2 pieces",
    ]
    assert groups["Share or subscribe bar: 2 pieces"] == ["Share this", "Follow us"]
    # Many of them are not in the way; a few are open at once.
    assert not shown.xpath("//details[@class='removed'][@open]")
    assert "English 80 %, French 20 %" in words(shown)


def test_who_wrote_where_and_when_is_told(client: TestClient) -> None:
    shown = page(client, "/articles/loner")
    (deck,) = shown.xpath("//p[@class='deck']")
    assert words(deck) == "After forty years the harbour has its gate back."
    byline = [words(part) for part in shown.xpath("//p[@class='byline']/span")]
    assert byline[-3:] == ["Culture", "by Ann Lee", "agency: AFP"]
    said = words(shown)
    assert "Picture there: The gate (Bo Chen) Terms: CC BY 4.0" in said
    assert "(from page, to the minute; clock at +08:00, taken from the source’s country)" in said
    assert "OSLO, 2024-02-29" in said


def test_a_copy_names_its_leader(client: TestClient) -> None:
    assert links(page(client, "/articles/copy"))["ACHA assembly ends"] == "/articles/report"


def test_of_an_excerpt_no_more_than_the_excerpt_is_shown(client: TestClient) -> None:
    for path in (
        "/articles/excerpt",
        "/?q=beyond",
        "/?q=listed",
        "/feeds/search.json?q=listed",
        "/api/v1/articles/excerpt",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert SECRET not in answer.text, path
        assert "Subscribe to us" not in answer.text, path
        assert "Site after site" in answer.text or path == "/?q=beyond", path
    assert "terms allow no republication" in client.get("/articles/excerpt").text


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example.org/amp/report",
        "HTTPS://NEWS.example.org:443/amp/report?utm_source=x",
    ],
)
def test_any_address_leads_to_the_article(client: TestClient, address: str) -> None:
    answer = client.get(f"/articles/{address}")
    assert (answer.status_code, answer.headers["location"]) == (302, "/articles/report")
    assert client.get(f"/api/v1/articles/{address}").json()["id"] == "report"


def test_what_became_no_article_says_what_became_of_it(client: TestClient) -> None:
    shown = words(page(client, "/articles/https://x.example/?b=2&a=1", 404))
    assert "This document is no article here" in shown
    assert "No article: " in shown
    assert "parser" in shown


def test_an_article_the_index_has_not_yet_shows_what_the_alert_told(client: TestClient) -> None:
    shown = page(client, "/articles/ahead", 202)
    assert "before the index has it" in words(shown)
    assert shown.xpath("//meta[@http-equiv='refresh']/@content") == ["5"]


def test_an_event_folds_copies_under_their_leader(client: TestClient) -> None:
    shown = page(client, "/events/ev-assembly")
    stories = shown.xpath("//ol[@class='stories']/li")
    assert [words(s.xpath(".//h2")[0]) for s in stories] == [
        "مجمع عمومی",
        "ACHA assembly ends",
        "Congress prepared",
    ]
    assert "1 copy" in words(stories[1])
    assert "Chongqing Consensus" in words(shown)
    only = page(client, links(shown, "//nav[@aria-label='Language']")["Persian 1"])
    assert [words(h) for h in only.xpath("//ol[@class='stories']//h2")] == ["مجمع عمومی"]
    same = page(client, links(shown, "//nav[@aria-label='Source']")["Tehran Desk 1"])
    assert [words(h) for h in same.xpath("//ol[@class='stories']//h2")] == ["مجمع عمومی"]


def test_a_merged_event_leads_to_the_one_it_is_today(client: TestClient) -> None:
    answer = client.get("/events/ev-merged")
    assert (answer.status_code, answer.headers["location"]) == (301, "/events/ev-assembly")
    assert "no articles any more" in words(page(client, "/events/ev-empty"))


def test_events_are_listed_by_month(client: TestClient) -> None:
    shown = page(client, "/events")
    assert [words(h) for h in shown.xpath("//section/h2")] == ["November 2025", "February 2025"]
    assert [words(h) for h in page(client, "/events?alliance=acha").xpath("//h3")] == [ASSEMBLY.title]
    assert "No such events" in words(page(client, "/events?month=1999-01"))
    assert client.get("/events?cursor=nonsense").status_code == 400


def test_an_alliance_tells_who_it_is_and_what_is_new(client: TestClient) -> None:
    shown = page(client, "/alliances/acha")
    assert "Beijing" in words(shown)
    assert [words(d) for d in shown.xpath("//dd[@lang='zh']")] == ["亚洲文化遗产保护联盟"]
    assert links(shown)["Alert me"] == "/alerts/new?q=alliance%3Aacha"
    assert len(shown.xpath("//article")) == 5, "an event and four articles"
