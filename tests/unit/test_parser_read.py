"""Whole documents: the five seeds, pages and feed entries, and what holds no article."""

import json
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.read import ReadDocument, read_document
from services.parser.refusals import NotAnArticle
from shared.contracts.messages import FeedEntry
from shared.errors import BadMessage

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://www.town-news.example/news/gate"
FIRST = "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall."
SECOND = (
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said."
)
SEEDS = ("seed-000", "seed-001", "seed-002", "seed-003", "seed-004")


def read(
    body: str | bytes,
    media_type: str = "text/plain",
    url: str = URL,
    entry: FeedEntry | None = None,
    **more: Any,
) -> ReadDocument:
    raw = body.encode() if isinstance(body, str) else body
    told: dict[str, Any] = {"charset": None, "fetched_at": FETCHED, **more}
    return read_document(raw, media_type=media_type, url=url, entry=entry, **told)


def page(head: str = "", body: str = "") -> str:
    return (
        f"<html lang='en'><head><title>Gate to be restored | Town News</title>{head}</head><body>"
        f"<article><h1>Gate to be restored</h1>{body}<p>{FIRST}</p><p>{SECOND}</p></article></body></html>"
    )


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest, seeds: Path) -> tuple[dict[str, Any], ReadDocument]:
    labels = [json.loads(line) for line in (seeds / "labels.jsonl").read_text("utf-8").strip().split("\n")]
    label = next(label for label in labels if label["id"] == request.param)
    body = (seeds / label["file"]).read_bytes()
    return label, read(body, url=label["url"] or f"file:///{label['file']}")


def test_a_seed_loses_its_boilerplate(seed: tuple[dict[str, Any], ReadDocument]) -> None:
    label, document = seed
    text = squeezed(document.text)
    assert [s for s in label["boilerplate_snippets"] if squeezed(s) in text] == []
    gone = squeezed(" ".join(r.text for r in document.removed))
    assert all(squeezed(s) in gone for s in label["boilerplate_snippets"])
    assert all(r.reason for r in document.removed)


def test_a_seed_keeps_what_it_says(seed: tuple[dict[str, Any], ReadDocument]) -> None:
    label, document = seed
    kept = squeezed(document.title) + "\n" + squeezed(document.text)
    assert [s for s in label["must_keep"] if squeezed(s) not in kept] == []
    assert document.language == label["language"]
    assert document.published_at is None


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("000_82cb45d0f0f961ab.txt", "“All parties firmly believe"),
        ("002_33049a0f8c357e13.txt", "China, other Asian countries advance cultural heritage conservation"),
        ("003_eb94cbe667097870.txt", "Multilateral conference"),
        ("004_3c7d5d8b684a2cee.txt", "Chongqing China Three Gorges Museum and Sichuan Museum Cooperate"),
    ],
)
def test_a_seed_has_a_sensible_title(name: str, title: str, seeds: Path) -> None:
    assert read((seeds / name).read_bytes()).title.startswith(title)


def test_the_seed_with_a_byline_names_its_author(seeds: Path) -> None:
    assert read((seeds / "000_82cb45d0f0f961ab.txt").read_bytes()).authors == ("Yang Yan",)


def test_the_damaged_seed_is_repaired(seeds: Path) -> None:
    document = read((seeds / "002_33049a0f8c357e13.txt").read_bytes())
    assert document.repaired
    assert " – the Asian Dialogue" in document.text
    assert "¨" not in document.text


def test_a_page() -> None:
    head = """<link rel="canonical" href="/gate"><meta property="og:image" content="/gate.jpg">
      <meta name="description" content="The northern gate of the town wall will be restored from next spring.">
      <script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-02-27T08:00:00+02:00",
        "dateModified": "2026-02-28T09:00:00Z", "author": {"name": "Ann Lee"}}</script>"""
    document = read(page(head, "<p>Share this article</p>"), "text/html; charset=utf-8")
    assert document.title == "Gate to be restored"
    assert document.text == f"{FIRST}\n\n{SECOND}"
    assert document.summary.startswith("The northern gate of the town wall")
    assert (document.authors, document.language) == (("Ann Lee",), "en")
    assert document.published_at == datetime(2026, 2, 27, 6, tzinfo=UTC)
    assert (document.published_precision, document.published_from) == ("second", "json-ld")
    assert document.modified_at == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert document.canonical_url == "https://www.town-news.example/gate"
    assert document.image is not None
    assert document.image.url == "https://www.town-news.example/gate.jpg"


JSON_LD = '<script type=\'application/ld+json\'>{"@type": "Article", "datePublished": "2026-02-02"}</script>'
META = "<meta property='article:published_time' content='2026-02-03'>"
STAMP = "<p>Published: 4 February 2026</p>"
DATED_URL = "https://www.town-news.example/2026/02/05/gate"
ENTRY = FeedEntry(
    title="Gate to be restored", published=datetime(2026, 2, 1, 9, 30, tzinfo=UTC), authors=("Bo Chen",)
)


@pytest.mark.parametrize(
    ("head", "body", "url", "entry", "day", "origin"),
    [
        (JSON_LD + META, STAMP, DATED_URL, ENTRY, 1, "feed"),
        (JSON_LD + META, STAMP, DATED_URL, None, 2, "json-ld"),
        (META, STAMP, DATED_URL, None, 3, "meta"),
        ("", STAMP, DATED_URL, None, 4, "page"),
        ("", "", DATED_URL, None, 5, "url"),
        (
            "",
            "<p>OSLO, 6 February 2026 (Agency) - The gate of the town, closed for years, will open again.</p>",
            URL,
            None,
            6,
            "dateline",
        ),
        ("", "<p>Copyright 2026 Town News</p>", URL, None, None, None),
        (JSON_LD.replace("2026", "2031"), "", DATED_URL, None, 5, "url"),
    ],
)
def test_publication_dates_are_trusted_in_order(
    head: str, body: str, url: str, entry: FeedEntry | None, day: int | None, origin: str | None
) -> None:
    document = read(page(head, body), "text/html", url, entry)
    found = document.published_at.date().isoformat() if document.published_at else None
    assert (found, document.published_from) == (f"2026-02-{day:02}" if day else None, origin)


def test_the_day_of_the_fetch_in_a_page_does_not_beat_the_address() -> None:
    document = read(page("", "<time datetime='2026-03-01'>today</time>"), "text/html", DATED_URL)
    assert document.published_from == "url"


def test_a_feed_entry_is_read_whole_and_named_by_the_feed() -> None:
    document = read("<p>The gate opens on Friday.</p>", "text/html", entry=ENTRY)
    assert (document.title, document.text) == ("Gate to be restored", "The gate opens on Friday.")
    assert (document.authors, document.published_from) == (("Bo Chen",), "feed")


def test_a_note_of_one_line_keeps_it_as_text() -> None:
    document = read("Northern gate opens")
    assert (document.title, document.text) == ("Northern gate opens", "Northern gate opens")


def test_a_page_sent_as_text_is_read_as_a_page() -> None:
    assert read("<!doctype html>" + page()).text == f"{FIRST}\n\n{SECOND}"


def test_a_page_in_another_encoding() -> None:
    body = page("<meta charset='windows-1252'>", "<p>Le café où l’on se réunit est fermé depuis l’hiver.</p>")
    assert "café où l’on" in read(body.encode("cp1252"), "text/html").text


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b"", "text/html", "empty"),
        (b" \n\t ", "text/plain", "empty"),
        (b"words", "application/pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "PNG"),
        (b"words", "image/svg+xml", "image/svg"),
        (b"{}", "application/json", "application/json"),
        (b"<html><body></body></html>", "text/html", "nothing is left"),
        (b"I Agree\n\nAbout Us | Contact Us", "text/plain", "nothing is left"),
        (b"ab\n" * 30_000, "text/plain", "too large"),
        (b"word " * 300_000, "text/plain", "too large"),
    ],
)
def test_what_holds_no_article_says_why(body: bytes, media_type: str, why: str) -> None:
    with pytest.raises(NotAnArticle, match=why):
        read(body, media_type)


def test_every_refusal_names_the_document() -> None:
    with pytest.raises(NotAnArticle, match="town-news"):
        read(b"")
    with pytest.raises(BadMessage, match="town-news"):
        read("<html>" + "<b>" * 70_000, "text/html")


def test_reading_twice_gives_the_same() -> None:
    assert read(page(JSON_LD), "text/html") == read(page(JSON_LD), "text/html")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["text/html", "text/plain", ""]), st.text(max_size=10))
def test_no_bytes_break_the_reader(body: bytes, media_type: str, charset: str) -> None:
    try:
        document = read(body, media_type, charset=charset)
    except (NotAnArticle, BadMessage):
        return
    assert document.text
    assert document.title == document.title.strip()


MARKUP = [
    "<p>",
    "</p>",
    "<div class='x'>",
    "</div>",
    "<table><tr><td>",
    "<!--",
    "<script>",
    "<h1>",
    "<li>",
    "&amp;#8212;",
    "<a href='",
    FIRST,
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(MARKUP), max_size=25))
def test_no_markup_breaks_the_reader(pieces: list[str]) -> None:
    try:
        read("<html><body>" + "".join(pieces), "text/html")
    except (NotAnArticle, BadMessage):
        return


def test_hostile_documents_cost_little() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for body in (
        "<title>" + "a | " * 60_000 + f"</title><h1>{'b' * 50_000}</h1><p>{FIRST}</p>",
        "(Photo/" * 90_000,
    ):
        read(body, "text/html" if body.startswith("<") else "text/plain")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 10
