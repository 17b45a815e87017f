"""Deck, section, agency, dateline, canonical address, and the picture with its rights."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.bylines import Opening, agency_in, agency_named, author_names, opening_of
from services.parser.lines import to_lines
from services.parser.pictures import split_caption
from services.parser.read import ReadDocument, read_document
from shared.contracts.article import Dateline, Image

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://www.town-news.example/culture/2026/gate"
TITLE = "Northern gate of the harbour reopens"
DECK = "After forty years of silence the council gives the harbour its oldest door back."
BODY = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall.",
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said.",
)
PUBLISHED = date(2025, 11, 27)


def read(head: str = "", below: str = "", opens: str = "", **more: Any) -> ReadDocument:
    page = (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{TITLE} | Town News</title>{head}</head><body>"
        f"<article><h1>{TITLE}</h1>{below}<p>{opens}{BODY[0]}</p><p>{BODY[1]}</p></article></body></html>"
    )
    told = {"url": URL, "entry": None, "fetched_at": FETCHED, "charset": None, **more}
    return read_document(page.encode(), media_type="text/html", **told)


@pytest.mark.parametrize(
    ("head", "below", "deck"),
    [
        ("", f"<p class='standfirst'>{DECK}</p>", DECK),
        ("", f"<div class='article__subtitle'>{DECK}</div>", DECK),
        ("", f"<h2>{DECK}</h2>", DECK),
        ("", f"<p class='chapo'>{DECK}</p>", DECK),
        ("", "<h2 class='subtitle'>城门修复工程历时四十年终于完成并向公众开放</h2>", "城门修复工程历时四十年终于完成并向公众开放"),
        (f'<script type="application/ld+json">{{"@type": "Article", "alternativeHeadline": "{DECK}"}}</script>', "", DECK),
        ("", f"<h2>{TITLE}</h2>", None),
        ("", "<h2>Read more</h2>", None),
        ("", f"<p>{BODY[1]}</p><h2>{DECK}</h2>", None),
        ("", "<div class='subtitle'><ul><li>In this article you will read of many gates</li></ul></div>", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_deck(head: str, below: str, deck: str | None) -> None:
    assert read(head, below).deck == deck


CRUMBS = """<script type="application/ld+json">{"@type": "BreadcrumbList", "itemListElement": [
  {"@type": "ListItem", "name": "Home"}, {"@type": "ListItem", "item": {"name": "Heritage"}},
  {"@type": "ListItem", "name": "Northern gate of the harbour reopens"}]}</script>"""


@pytest.mark.parametrize(
    ("head", "below", "section"),
    [
        ("<meta property='article:section' content='Culture'>", "", "Culture"),
        ('<script type="application/ld+json">{"@type": "Article", "articleSection": ["Culture", "World"]}</script>', "", "Culture"),
        (CRUMBS, "", "Heritage"),
        ("", "<div class='breadcrumb'><a>Home</a> &gt; <a>News</a> &gt; <a>Culture</a></div>", "Culture"),
        ("", "<div class='breadcrumb'><a>首页</a> &gt; <a>文化</a> &gt; <a>正文</a></div>", "文化"),
        ("<meta property='article:section' content='Town News'><meta property='og:site_name' content='Town News'>", "", None),
        ("<meta property='article:section' content='Uncategorized'>", "", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_section(head: str, below: str, section: str | None) -> None:
    assert read(head, below).section == section


NOTHING = Opening()
OPENINGS = [
    ("BEIJING, April 20 (Xinhua) -- ", Opening("BEIJING", date(2025, 4, 20), "Xinhua")),
    ("Xi'an, Dec. 25 (Xinhua) -- ", Opening("Xi'an", date(2024, 12, 25), "Xinhua")),
    ("中新社北京4月20日電(記者 王明)", Opening("北京", date(2025, 4, 20), "China News Service")),
    ("新华社西安2025年11月26日电（记者王明）", Opening("西安", date(2025, 11, 26), "Xinhua")),
    ("PARIS — ", Opening("PARIS", None, None)),
    ("WASHINGTON (AP) — ", Opening("WASHINGTON", None, "AP")),
    ("Lahore, Pakistan, 26 May 2023 - ", Opening("Lahore", date(2023, 5, 26), None)),
    ("PALO ALTO, CALIFORNIA (April 27, 2015) – ", Opening("PALO ALTO", date(2015, 4, 27), None)),
    ("NEW DELHI, Nov 26 (PTI) ", Opening("NEW DELHI", date(2025, 11, 26), "PTI")),
    ("LONDON, Nov 26, 2025 /PRNewswire/ -- ", Opening("LONDON", date(2025, 11, 26), "PR Newswire")),
    ("MOSCOW, November 26. /TASS/. ", Opening("MOSCOW", date(2025, 11, 26), "TASS")),
    ("МОСКВА, 26 ноя - РИА Новости. ", Opening("МОСКВА", date(2025, 11, 26), "RIA Novosti")),
    ("(ANSA) - ROMA, 26 NOV - ", Opening("ROMA", date(2025, 11, 26), "ANSA")),
    ("Madrid, 26 nov (EFE).- ", Opening("Madrid", date(2025, 11, 26), "EFE")),
    ("Lisboa, 26 nov 2025 (Lusa) - ", Opening("Lisboa", date(2025, 11, 26), "Lusa")),
    ("PARIS, 26 nov 2025 (AFP) - ", Opening("PARIS", date(2025, 11, 26), "AFP")),
    ("BERLIN (dpa) - ", Opening("BERLIN", None, "dpa")),
    ("ANKARA (AA) - ", Opening("ANKARA", None, "Anadolu")),
    ("Jakarta (ANTARA) - ", Opening("Jakarta", None, "Antara")),
    ("SEOUL, Nov. 26 (Yonhap) -- ", Opening("SEOUL", date(2025, 11, 26), "Yonhap")),
    ("(서울=연합뉴스) 홍길동 기자 = ", Opening("서울", None, "Yonhap")),
    ("【北京共同】", Opening("北京", None, "Kyodo")),
    ("تهران - ایرنا - ", Opening("تهران", None, "IRNA")),
    ("Tehran, IRNA – ", Opening("Tehran", None, "IRNA")),
    ("TEHRAN, Nov. 26 (MNA) – ", Opening("TEHRAN", date(2025, 11, 26), "Mehr")),
    ("بیجنگ (شِنہوا) ", Opening("بیجنگ", None, "Xinhua")),
    ("القاهرة في 26 نوفمبر /أ ش أ/ ", Opening("القاهرة", date(2025, 11, 26), "MENA")),
    ("(SeaPRwire) – تشينغداو، الصين، 21 يونيو 2024 – ", Opening("تشينغداو", date(2024, 6, 21), "SeaPRwire")),
    ("Ulan Bator, November 26 /MONTSAME/. ", Opening("Ulan Bator", date(2025, 11, 26), "Montsame")),
    ("Breaking - ", NOTHING),
    ("UPDATED :2024-02-05\n", NOTHING),
    ("Xinhua News Agency 2023-04-26\n", NOTHING),
    ("Friday 4 March 2022 – ", NOTHING),
    ("The gate fell on 4 March 2022 - nobody was hurt. ", NOTHING),
    ("In 2019, the town (Oslo) - which had no gate - ", NOTHING),
    ("", NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("opens", "expected"), OPENINGS)
def test_the_dateline(opens: str, expected: Opening) -> None:
    assert opening_of(to_lines(f"{opens}{BODY[0]}\n{BODY[1]}"), PUBLISHED) == expected


def test_a_dateline_of_its_own_line_and_one_too_far_down() -> None:
    alone = opening_of(to_lines(f"{TITLE}\nOslo / Bergen, 4 March 2022\n{BODY[0]}"), PUBLISHED)
    assert (alone.place, alone.day) == ("Oslo", date(2022, 3, 4))
    assert opening_of(to_lines(f"{BODY[0]}\n{BODY[1]}\nPARIS — {BODY[0]}"), PUBLISHED) == NOTHING


def test_an_article_has_its_dateline_and_agency() -> None:
    document = read(
        "<meta property='article:published_time' content='2025-11-27'>", opens="OSLO, Nov. 26 (AFP) -- "
    )
    assert document.dateline == Dateline(place="OSLO", date="2025-11-26")
    assert document.agency == "AFP"


@pytest.mark.parametrize(
    ("head", "below", "agency", "authors"),
    [
        ("<meta name='author' content='AFP'>", "", "AFP", ()),
        ("<meta name='author' content='Ann Lee'>", "", None, ("Ann Lee",)),
        ('<script type="application/ld+json">{"@type": "Article", "author": [{"name": "Ann Lee"}, {"name": "Reuters"}]}</script>', "", "Reuters", ("Ann Lee",)),
        ("", "<p>By Ann Lee/Xinhua</p>", "Xinhua", ("Ann Lee",)),
        ("", "<p>来源：新华社</p>", "Xinhua", ()),
        ("", "", None, ()),
    ],
)  # fmt: skip
def test_the_agency_is_no_author(head: str, below: str, agency: str | None, authors: tuple[str, ...]) -> None:
    document = read(head, below)
    assert (document.agency, document.authors) == (agency, authors)


def test_agencies_go_by_many_names() -> None:
    assert agency_named("Agence France-Presse") == agency_in("Ann Lee / AFP") == "AFP"
    assert agency_named("新华社") == agency_named("XINHUA NEWS AGENCY") == "Xinhua"
    # Short names are words too.
    assert agency_named("map") is agency_named("Petra Meier") is None


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Von Anna Meier und Jo Weiß", ("Anna Meier", "Jo Weiß")),
        ("Por María José Núñez", ("María José Núñez",)),
        ("Автор: Иван Петров", ("Иван Петров",)),
        ("بقلم: أحمد علي", ("أحمد علي",)),
        ("记者：王小明", ("王小明",)),
        ("文/张三 李四", ("张三", "李四")),
        ("홍길동 기자", ("홍길동",)),
        ("Yazan: Ayşe Yılmaz", ("Ayşe Yılmaz",)),
        ("Ann Lee, PhD", ("Ann Lee",)),
        ("Ann Lee, Senior Editor", ("Ann Lee",)),
        ("Staff Reporter", ()),
        ("Town News Team", ()),
    ],
)
def test_bylines_in_many_languages(raw: str, names: tuple[str, ...]) -> None:
    assert author_names(raw) == names


@pytest.mark.parametrize(
    ("line", "caption", "credit", "terms"),
    [
        ("The gate. (Photo: Ann Lee/AFP)", "The gate.", "Ann Lee/AFP", None),
        ("The gate at dusk. Photo by Wu Li for Town News", "The gate at dusk.", "Wu Li for Town News", None),
        ("The gate [Photo/Xinhua]", "The gate", "Xinhua", None),
        ("The gate (Xinhua/Tao Li)", "The gate", "Xinhua/Tao Li", None),
        ("The gate © Ann Lee", "The gate", "Ann Lee", None),
        ("Das Tor. Foto: Anna Meier/dpa", "Das Tor.", "Anna Meier/dpa", None),
        ("La porte. Crédit photo : Jean Petit", "La porte.", "Jean Petit", None),
        ("城门 图片来源：新华社", "城门", "新华社", None),
        ("The gate, 2020. Getty Images", "The gate, 2020.", "Getty Images", None),
        ("The gate. AP Photo/Ann Lee", "The gate.", "AP Photo/Ann Lee", None),
        ("Visitors. Credit: Ann Lee, CC BY 4.0", "Visitors.", "Ann Lee, CC BY 4.0", "CC BY 4.0"),
        ("The gate, CC BY-SA 4.0", "The gate, CC BY-SA 4.0", None, "CC BY-SA 4.0"),
        ("The gate (2019)", "The gate (2019)", None, None),
        ("The source of the river", "The source of the river", None, None),
        ("", None, None, None),
    ],
)
def test_a_caption_is_parted_from_its_credit(
    line: str, caption: str | None, credit: str | None, terms: str | None
) -> None:
    found = split_caption(line)
    assert (found.caption, found.credit, found.license) == (caption, credit, terms)


PICTURE = "https://www.town-news.example/i/gate.jpg"
SHARED = f"<meta property='og:image' content='{PICTURE}'>"


def figure(inner: str, name: str = "gate-1024x683.jpg") -> str:
    return f"<figure><img src='/i/{name}'>{inner}</figure>"


LD_IMAGE = """<script type="application/ld+json">{"@type": "NewsArticle", "image": {"@type": "ImageObject", "url": "/i/gate.jpg",
  "caption": "The gate at dusk.", "creditText": "Ann Lee", "license": "https://terms.example/by", "copyrightNotice": "Town"}}</script>"""
REFERRED = """<script type="application/ld+json">{"@graph": [{"@type": "Article", "image": {"@id": "#p"}},
  {"@type": "ImageObject", "@id": "#p", "url": "/i/gate.jpg", "copyrightHolder": {"name": "Museum"}}]}</script>"""


@pytest.mark.parametrize(
    ("head", "below", "expected"),
    [
        (LD_IMAGE, "", Image(url=PICTURE, caption="The gate at dusk.", credit="Ann Lee", license="https://terms.example/by")),
        (REFERRED, "", Image(url=PICTURE, credit="Museum")),
        (SHARED, figure("<figcaption>The gate. <span class='credit'>Ann Lee/AFP</span></figcaption>"), Image(url=PICTURE, caption="The gate.", credit="Ann Lee/AFP")),
        (SHARED, figure("<figcaption>The gate. Photo: Ann Lee</figcaption>"), Image(url=PICTURE, caption="The gate.", credit="Ann Lee")),
        (SHARED, figure("<figcaption>The gate. <a rel='license' href='https://terms.example/by'>Terms</a></figcaption>"), Image(url=PICTURE, caption="The gate. Terms", license="https://terms.example/by")),
        (SHARED, figure("<figcaption>Another wall.</figcaption>", "wall.jpg") + figure("<figcaption>The gate.</figcaption>"), Image(url=PICTURE, caption="The gate.")),
        (SHARED + "<meta property='og:image:alt' content='A gate'>", "", Image(url=PICTURE, caption="A gate")),
        (SHARED, "", Image(url=PICTURE)),
        ("", figure("<figcaption>The gate.</figcaption>"), None),
        ("<meta property='og:image' content='/site-logo.png'>", "", None),
    ],
)  # fmt: skip
def test_the_picture_and_its_rights(head: str, below: str, expected: Image | None) -> None:
    assert read(head, below).image == expected


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ("<link rel='canonical' href='/gate'>", "https://www.town-news.example/gate"),
        ("<link rel='canonical' href='https://www.town-news.example/gate#comments'>", "https://www.town-news.example/gate"),
        ("<meta property='og:url' content='https://www.town-news.example/gate'>", "https://www.town-news.example/gate"),
        ("<link rel='canonical' href='https://www.town-news.example/'>", None),
        ("<meta property='og:url' content='https://www.town-news.example'>", None),
        ("<link rel='canonical' href='javascript:x'>", None),
        ("<link rel='canonical' href='http://[x'>", None),
    ],
)  # fmt: skip
def test_the_canonical_address(head: str, canonical: str | None) -> None:
    assert read(head).canonical_url == canonical


@given(st.text(max_size=200))
def test_no_text_breaks_bylines_captions_and_datelines(text: str) -> None:
    author_names(text)
    agency_in(text)
    split_caption(text)
    opening_of(to_lines(text), PUBLISHED)
