"""Newsletters and pages of several whole texts fall into items; articles never fall apart. Videos have their description."""

import re
from importlib import resources
from typing import Any

import pytest
import yaml
import zstandard

from services.crawler.documents import document
from services.parser.items import item_documents
from services.parser.parse import read as read_fetched
from services.parser.read import read_document
from services.parser.refusals import NotAnArticle, SeveralTexts
from shared.contracts.messages import Source
from tests.unit.parser_pages import FETCHED, PARAGRAPHS, SUBJECTS, URL, page, read, teaser
from tests.unit.pdf_samples import Text, column, pdf

DATA: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    resources.files("services.parser").joinpath("collections.yaml").read_text("utf-8")
)
ROWS = [(kind, row) for kind, rows in DATA.items() for row in rows]
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def sections(count: int, date: bool = False) -> str:
    dated = "<p>{} May 2024</p>" if date else ""
    return "".join(
        f"<section><h2>{SUBJECTS[n]}</h2>{dated.format(n + 1)}{BODY}</section>" for n in range(count)
    )


def items_of(body: str, url: str = URL) -> list[str]:
    with pytest.raises(SeveralTexts) as e:
        read(body, url)
    return [item.title for item in e.value.items]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{k}-{r['languages'][0]}" for k, r in ROWS])
def test_titles_of_collections_are_known(kind: str, row: dict[str, Any]) -> None:
    words = re.compile(row["pattern"], re.IGNORECASE)
    assert [e for e in row["examples"] if not words.search(e)] == []
    assert [e for e in row["counter_examples"] if words.search(e)] == []


def test_an_issue_of_a_newsletter_falls_into_its_items() -> None:
    body = page("<h1>Museum Newsletter no. 8, July 2024</h1><p>Dear readers,</p>" + sections(3))
    assert items_of(body) == list(SUBJECTS[:3])


def test_what_an_issue_says_above_its_items_is_one_too() -> None:
    title = "Museum Newsletter no. 8, July 2024"
    opening = "".join(f"<p>Dear readers, {p[0].lower()}{p[1:]}</p>" for p in PARAGRAPHS)
    assert items_of(page(f"<h1>{title}</h1>{opening}{sections(3)}", title)) == [title, *SUBJECTS[:3]]


def test_press_releases_one_below_the_other_are_each_a_text() -> None:
    assert items_of(page("<h1>Press releases</h1>" + sections(2))) == list(SUBJECTS[:2])


def test_whole_texts_that_each_have_a_date_are_items() -> None:
    assert items_of(page("<h1>What is new</h1>" + sections(4, date=True))) == list(SUBJECTS[:4])


ARTICLE = '<meta property="og:type" content="article">'


@pytest.mark.parametrize(
    "body",
    [
        page("<h1>Ten finds of the year</h1>" + sections(6)),
        page("<h1>Museum Newsletter no. 8</h1>" + sections(4), head=ARTICLE),
        page("<h1>What is new</h1>" + sections(4, date=True), head=ARTICLE),
        page("<h1>Museum Newsletter no. 8</h1>" + sections(1)),
        page(f"<h1>Museum Newsletter no. 8</h1>{BODY * 5}<h2>Opening hours</h2><p>{PARAGRAPHS[0]}</p>"),
    ],
)
def test_an_article_with_headings_stays_whole(body: str) -> None:
    assert read(body).text


def test_an_item_is_never_split_again() -> None:
    assert read(page("<h1>Press releases</h1>" + sections(2)), f"{URL}#1").text


def test_a_newsletter_of_teasers_is_a_list() -> None:
    with pytest.raises(NotAnArticle, match="a list of other pages") as e:
        read(page("<h1>Museum Newsletter no. 8</h1>" + "".join(teaser(n, PARAGRAPHS[0]) for n in range(6))))
    assert not isinstance(e.value, SeveralTexts)


def test_each_item_is_a_document_of_its_own() -> None:
    body = page("<h1>Museum Newsletter no. 8, July 2024</h1>" + sections(3, date=True)).encode()
    whole = document(body, url=URL, media_type="text/html", source=Source(id="museum"), now=FETCHED)
    with pytest.raises(SeveralTexts) as e:
        read_fetched(whole)
    documents = item_documents(whole, e.value.items)
    assert [d.url for d in documents] == [f"{URL}#1", f"{URL}#2", f"{URL}#3"]
    assert len(zstandard.decompress(documents[0].body)) == documents[0].size
    first = read_fetched(documents[0])
    assert first.title == SUBJECTS[0]
    assert first.text.startswith(PARAGRAPHS[0])
    assert first.published_at is not None
    assert first.published_at.date().isoformat() == "2024-05-01"


def test_a_newsletter_as_pdf_falls_into_its_items() -> None:
    pages = [
        [Text(60, 800, "Museum Newsletter no. 8, July 2024", 24)],
        [
            *[
                t
                for n in range(2)
                for t in (Text(60, 700 - 250 * n, SUBJECTS[n], 16), *column(60, 670 - 250 * n, PARAGRAPHS))
            ],
        ],
    ]
    with pytest.raises(SeveralTexts) as e:
        read_document(
            pdf(pages), media_type="application/pdf", charset=None, url=URL, entry=None, fetched_at=FETCHED
        )
    assert [i.title for i in e.value.items] == list(SUBJECTS[:2])
    assert e.value.items[0].paragraphs[0].startswith("The council")


VIDEO = """<script type='application/ld+json'>{"@type": "VideoObject", "name": "The gate from above",
 "uploadDate": "2026-02-20", "description": "%s"}</script>"""


def test_a_video_has_its_description_for_a_text() -> None:
    told = " ".join(PARAGRAPHS)
    body = page("<div id='player'></div><p>1,204 views</p>", "The gate from above - Tube", VIDEO % told)
    document = read(body)
    assert (document.title, document.text) == ("The gate from above", told)
    assert document.published_at is not None
    short = page("<div id='player'></div>", "The gate - Tube", VIDEO % "A flight.")
    with pytest.raises(NotAnArticle, match="a video, with a description of 9 letters"):
        read(short)


def test_a_video_told_by_its_meta_elements() -> None:
    head = f'<meta property="og:type" content="video.other"><meta property="og:description" content="{" ".join(PARAGRAPHS)}">'
    assert read(page("<video src='/v.mp4'></video>", "The gate", head)).text == " ".join(PARAGRAPHS)


def test_an_article_with_a_video_keeps_its_own_text() -> None:
    long = "".join(f"<p>On day {n}: {p}</p>" for n in range(4) for p in PARAGRAPHS)
    document = read(
        page(f"<h1>The gate opens</h1>{long}", "The gate opens", VIDEO % "Seen from above by a drone.")
    )
    assert "On day 3" in document.text
    assert "drone" not in document.text
