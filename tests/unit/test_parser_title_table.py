"""What a page's title is, whatever its markup, feed and site make of it; one page each."""

import html
import json
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from services.parser.read import read_document
from shared.contracts.messages import FeedEntry

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall.",
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said.",
)
NEWS = "https://www.town-news.example/2026/gate"
GATE = "Northern gate of the harbour reopens"
LONG = "Northern gate of the harbour reopens after forty years of silence and rubble"


class Case(NamedTuple):
    """`title` is the `<title>`, `h1` the headings, `og` and `headline` what networks and machines are told."""

    expected: str
    title: str = ""
    h1: tuple[str, ...] = ()
    og: str = ""
    site: str = ""
    headline: str = ""
    feed: str = ""
    url: str = NEWS
    head: str = ""
    raw: str = ""


def title_of(case: Case) -> str:
    """The title as read. Entities in the case stand in the page as they are."""
    parts = [f"<title>{case.title}</title>" if case.title else "", case.head]
    parts += [f'<meta property="og:title" content="{case.og}">'] if case.og else []
    parts += [f'<meta property="og:site_name" content="{html.escape(case.site)}">'] if case.site else []
    if case.headline:
        told = json.dumps({"@type": "NewsArticle", "headline": case.headline})
        parts.append(f'<script type="application/ld+json">{told}</script>')
    headings = "".join(f"<h1>{heading}</h1>" for heading in case.h1)
    text = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    page = f"<!doctype html><html><head><meta charset='utf-8'>{''.join(parts)}</head><body>{case.raw}<article>{headings}{text}</article></body></html>"
    entry = FeedEntry(title=case.feed) if case.feed else None
    read = read_document(
        page.encode(), media_type="text/html", charset=None, url=case.url, entry=entry, fetched_at=FETCHED
    )
    return read.title


# The site's name behind the headline, with any separator.
SUFFIXES = [
    *(Case(GATE, f"{GATE}{sign}Town News") for sign in (" | ", " - ", " – ", " — ", " · ", " • ", " » ", " « ", " : ", " :: ", "|", " || ", " / ", " // ", " ~ ", " > ", " < ", " ★ ", " → ", " -- ", "｜", " │ ", " ‹ ")),
    Case(GATE, f"{GATE} | The Evening Post", site="The Evening Post", url="https://eveningpost.example/a"),
    Case(GATE, f"{GATE} - The Evening Post", site="Evening Post", url="https://ep.example/a"),
    Case(GATE, f"{GATE} - EP", site="Evening Post", url="https://news.example/a"),
    Case(GATE, f"{GATE} - Evening Post Online", site="Evening Post", url="https://x.example/a"),
    Case(GATE, f"{GATE} - @eveningpost", head="<meta name='twitter:site' content='@eveningpost'>", url="https://x.example/a"),
    Case(GATE, f"{GATE} - Evening Post", head="<meta name='application-name' content='Evening Post'>", url="https://x.example/a"),
    Case(GATE, f"{GATE} - Evening Post", head="<script type='application/ld+json'>{\"@type\":\"WebSite\",\"name\":\"Evening Post\"}</script>", url="https://x.example/a"),
    Case(GATE, f"{GATE} - eveningpost.example", url="https://www.eveningpost.example/a"),
    Case("Gate reopens today", "Gate reopens today | Farm Bank Finance Services", url="https://www.fbfs.example/a"),
    Case(GATE, f"{GATE} | Unknown Gazette", url="https://ug.example/a"),
    Case(GATE, f"{GATE} | Culture | Town News"),
    Case(GATE, f"{GATE} - Culture - Town News | Town News", site="Town News", h1=(GATE,)),
    Case(GATE, f"{GATE} | 26 November 2025 | Town News"),
    Case(GATE, f"{GATE} - News - Town News"),
    Case(GATE, f"{GATE} | Page 2 | Town News"),
    Case(GATE, f"{GATE} (page 2 of 3) | Town News"),
]  # fmt: skip

# Before it.
PREFIXES = [
    Case(GATE, f"Town News | {GATE}"), Case(GATE, f"Town News - {GATE}"), Case(GATE, f"Town News » {GATE}"),
    Case(GATE, f"Town News: {GATE}", site="Town News"), Case(GATE, f"Home | {GATE}"), Case(GATE, f"News | {GATE} | Town News"),
    Case(GATE, f"Accueil » Actualités » {GATE}"), Case(GATE, f"Inicio - Noticias - {GATE}"), Case(GATE, f"Press release | {GATE}"),
    Case(GATE, f"Startseite – {GATE} – Stadtblatt", site="Stadtblatt"), Case(GATE, f"TN - {GATE}", site="Town News"),
    Case(GATE, f"Town News Culture | {GATE}"),
]  # fmt: skip

# Other scripts.
SCRIPTS = [
    Case("城门重新开放 市民争相参观", "城门重新开放 市民争相参观_新闻_示例网"),
    Case("城门重新开放 市民争相参观", "城门重新开放 市民争相参观-示例网", site="示例网"),
    Case("城门重新开放 市民争相参观", "城门重新开放 市民争相参观--示例频道--示例网"),
    Case("城门重新开放 市民争相参观", "城门重新开放 市民争相参观 - 示例新闻网"),
    Case("城门重新开放 市民争相参观", "城门重新开放 市民争相参观丨示例日报"),
    Case("城门重新开放 市民争相参观", "首页 > 新闻 > 城门重新开放 市民争相参观"),
    Case("【转载】城门重新开放 市民争相参观", "【转载】城门重新开放 市民争相参观_示例网"),
    Case("北の門が四十年ぶりに公開される", "北の門が四十年ぶりに公開される：港町新聞デジタル", site="港町新聞デジタル"),
    Case("北の門が四十年ぶりに公開される", "北の門が四十年ぶりに公開される | 港町ニュース"),
    Case("40년 만에 다시 열린 북문, 시민 품으로", "40년 만에 다시 열린 북문, 시민 품으로 < 문화 < 기사본문 - 항구신문", site="항구신문"),
    Case("إعادة افتتاح البوابة الشمالية بعد أربعين عاما", "إعادة افتتاح البوابة الشمالية بعد أربعين عاما | أخبار المدينة"),
    Case("إعادة افتتاح البوابة الشمالية بعد أربعين عاما", "أخبار المدينة - إعادة افتتاح البوابة الشمالية بعد أربعين عاما", site="أخبار المدينة"),
    Case("دروازه شمالی پس از چهل سال بازگشایی شد", "دروازه شمالی پس از چهل سال بازگشایی شد - خبرگزاری بندر", site="خبرگزاری بندر"),
    Case("השער הצפוני נפתח מחדש אחרי ארבעים שנה", "השער הצפוני נפתח מחדש אחרי ארבעים שנה - חדשות העיר", site="חדשות העיר"),
    Case("Северные ворота открылись через сорок лет", "Северные ворота открылись через сорок лет — Вести порта", site="Вести порта"),
    Case("Северные ворота открылись через сорок лет", "Главная / Новости / Северные ворота открылись через сорок лет"),
    Case("Η βόρεια πύλη ανοίγει ξανά μετά από σαράντα χρόνια", "Η βόρεια πύλη ανοίγει ξανά μετά από σαράντα χρόνια | Νέα Λιμάνι"),
    Case("ประตูเหนือเปิดอีกครั้งหลังสี่สิบปี", "ประตูเหนือเปิดอีกครั้งหลังสี่สิบปี | ข่าวเมืองท่า"),
    Case("उत्तरी द्वार चालीस वर्ष बाद फिर खुला", "उत्तरी द्वार चालीस वर्ष बाद फिर खुला | समाचार"),
    Case("Kuzey kapısı kırk yıl sonra açıldı", "Kuzey kapısı kırk yıl sonra açıldı - Haberler - Liman Postası", site="Liman Postası"),
    Case("Cổng phía bắc mở lại sau bốn mươi năm", "Cổng phía bắc mở lại sau bốn mươi năm | Tin tức"),
    Case("Հյուսիսային դարպասը բացվեց քառասուն տարի անց", "Հյուսիսային դարպասը բացվեց քառասուն տարի անց | Լուրեր"),
]  # fmt: skip

# What belongs to the headline though it looks like more.
KEPT = [
    Case("Gate reopens after forty years - a harbour story", "Gate reopens after forty years - a harbour story"),
    Case("Gate: how it came back to the harbour", "Gate: how it came back to the harbour | Town News"),
    Case("Town News wins prize for gate report", "Town News wins prize for gate report - Town News", site="Town News"),
    Case("Museum of the Gate opens in Oslo", "Museum of the Gate opens in Oslo | Museum of the Gate", site="Museum of the Gate", url="https://gate.example/a"),
    Case("Guardian of the harbour: the gate at forty", "Guardian of the harbour: the gate at forty | The Guardian", site="The Guardian", url="https://guardian.example/a"),
    Case("2024–2025 season opens at the northern gate", "2024–2025 season opens at the northern gate | Town News"),
    Case("Twenty-two gates, one wall", "Twenty-two gates, one wall - Town News"),
    Case("Gate 1/2: the long way home", "Gate 1/2: the long way home | Town News"),
    Case("“Nobody believed in the gate” – director", "“Nobody believed in the gate” – director | Town News"),
    Case("Is this the end of the northern gate?", "Is this the end of the northern gate? | Town News"),
    Case("Preview: gate festival opens on Friday", "Preview: gate festival opens on Friday | Town News"),
    Case("C++ and the gate: a museum’s software", "C++ and the gate: a museum’s software | Town News"),
]  # fmt: skip

# Headings against what is told elsewhere.
HEADINGS = [
    Case(GATE, f"{GATE} | Town News", h1=(GATE,)),
    Case(GATE, f"{GATE} | Town News", h1=("Town News", GATE)),
    Case(GATE, f"{GATE} | Town News", h1=("News", GATE)),
    Case(GATE, "Town News: home", og=GATE, site="Town News"),
    Case(LONG, f"{GATE} | Town News", h1=(LONG,)),
    Case(LONG, "Northern gate of the harbour reopens after… | Town News", h1=(LONG,)),
    Case(LONG, "x", og="Northern gate of the harbour reopens after forty ye...", h1=(LONG,)),
    Case(GATE, "Everything about the gate | Town News", og="Everything about the gate", h1=(GATE,)),
    Case("Best gate guide of 2026", "Best gate guide of 2026", h1=("How the old wall came back",)),
    Case(GATE, f"{GATE} | Town News", h1=(f"<span>Culture</span> {GATE}",)),
    Case(GATE, f"{GATE} | Town News", og=GATE, h1=(f"{GATE} (town-news.example) 87",)),
    Case(GATE, f"{GATE} | Town News", og=GATE, h1=(f"{GATE} <small>Posted on July 1, 2024 by ann</small>",)),
    Case(GATE, f"{GATE} | Town News", h1=("Heritage",)),
    Case("Heritage law passed in the harbour town", "Heritage law passed in the harbour town", h1=("Heritage",)),
    Case(GATE, "", h1=("Northern <em>gate</em> of the\n harbour reopens",)),
    Case(GATE, "Untitled Document", og=GATE),
    Case(GATE, "Home", h1=(GATE,)),
    Case(GATE, "", headline=GATE),
    Case(LONG, f"{LONG[:40]}…", headline=LONG),
    Case(GATE, f"{GATE} | Town News", h1=(GATE, GATE)),
    Case("What the gate means for the harbour", "The gate: what it means | Town News", og="What the gate means for the harbour", h1=("What the gate means for the harbour",)),
]  # fmt: skip

# Labels, letters, damage.
DRESS = [
    Case(GATE, f"LIVE: {GATE} | Town News"), Case(GATE, f"Live updates: {GATE}"), Case(GATE, f"BREAKING: {GATE}"),
    Case(GATE, f"UPDATE 2-{GATE}"), Case(GATE, f"[VIDEO] {GATE}"), Case(GATE, f"WATCH | {GATE}"), Case(GATE, f"EN DIRECT : {GATE}"),
    Case("城门重新开放 市民争相参观", "【直播】城门重新开放 市民争相参观_示例网"), Case("إعادة افتتاح البوابة الشمالية", "عاجل | إعادة افتتاح البوابة الشمالية"),
    Case(GATE, f"{GATE.upper()} | Town News", h1=(GATE.upper(),), og=GATE),
    Case(GATE.upper(), f"{GATE.upper()} | Town News", h1=(GATE.upper(),)),
    Case("Gate & wall of the harbour reopen", "Gate &amp;amp; wall of the harbour reopen | Town News"),
    Case("Gate’s wall – reopened at last", "Gate&rsquo;s wall &ndash; reopened at last | Town News"),
    Case("Gate’s wall reopened at last", "Gateâ€™s wall reopened at last | Town News"),
    Case("Café at the gate reopens", "CafÃ© at the gate reopens | Town News"),
    Case("Café at the gate reopens", "x", og="Caf&Atilde;&copy; at the gate reopens"),
    Case('"Gate reopens", says the museum', "&quot;Gate reopens&quot;, says the museum | Town News"),
    Case("Gate reopens for all at the harbour", "Gate\u00a0reopens\u200b for\u00ad all at  the harbour | Town News"),
    Case("Gate reopens <again> at the harbour", "Gate reopens &lt;again&gt; at the harbour | Town News"),
    Case("«La porte» rouvre après quarante ans", "«La porte» rouvre après quarante ans | Le Port"),
    Case("Das Tor öffnet nach vierzig Jahren", "Das Tor o\u0308ffnet nach vierzig Jahren | Stadtblatt"),
]  # fmt: skip

# With the title a feed told.
FEEDS = [
    Case(LONG, "Town News", feed=LONG, site="Town News"), Case(LONG, f"{LONG} | Town News", feed="Northern gate of the harbour reopens after…"),
    Case(LONG, "Northern gate of the harbour reopens after…", feed=LONG), Case(GATE, "", feed=f"{GATE} - Town News", site="Town News"),
    Case(GATE, "", feed=f"{GATE} - Town News"), Case(GATE, f"{GATE} | Town News", feed=GATE),
    Case(LONG, "Northern gate", feed=LONG), Case(GATE, f"{GATE} | Town News", feed="Something else altogether"),
    Case("Gate & wall of the harbour reopen", "", feed="Gate & wall of the harbour reopen"),
    Case("Café at the gate reopens", "", feed="CafÃ© at the gate reopens"),
    Case(GATE, "", feed=f"LIVE: {GATE}"),
]  # fmt: skip

CASES = [*SUFFIXES, *PREFIXES, *SCRIPTS, *KEPT, *HEADINGS, *DRESS, *FEEDS]


def name(case: Case) -> str:
    return " / ".join(filter(None, (case.title, *case.h1, case.og, case.headline, case.feed, case.site)))[:90]


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_title_of(case: Case) -> None:
    assert title_of(case) == case.expected


def test_there_is_a_case_for_everything() -> None:
    assert len(CASES) >= 120
    assert len(set(CASES)) == len(CASES)
