"""Articles to be indexed: one at a time with what a test cares about, or many, in many scripts."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.article import (
    AllianceTag,
    Article,
    ArticleSource,
    EventRef,
    EventTypeTag,
    Phase,
    Place,
    Quality,
    Role,
)

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)

# By language: plain words, some of them inflections of one another, some names that several languages share.
WORDS: dict[str, tuple[str, ...]] = {
    "en": (
        "Visits",
        "visited",
        "the",
        "temple",
        "temples",
        "heritage",
        "café",
        "Xi’an",
        "co-operation",
        "ACHA",
    ),
    "fr": ("Musée", "musées", "patrimoine", "l’été", "œuvre", "rénové", "rénovation", "temple", "ACHA"),
    "de": ("Straße", "Häuser", "Haus", "Welterbe", "Denkmäler", "Denkmal", "ACHA"),
    "ru": ("музей", "музеи", "музея", "наследие", "наследия", "Ёлка", "Казань", "ACHA"),
    "el": ("Μουσείο", "μουσεία", "Ακρόπολη", "κληρονομιά", "ὁδός"),
    "ar": ("المتحف", "متاحف", "التُّراث", "مدينة", "إحياء", "القاهره", "٢٠٢٥"),
    "he": ("מוזיאון", "מורשת", "ירושלים", "שָׁלוֹם"),
    "hi": ("संग्रहालय", "विरासत", "धरोहर", "मंदिर", "मंदिरों"),
    "zh": ("文化遗产", "亚洲", "重庆", "保护", "故宫博物院", "ACHA"),
    "ja": ("文化遺産", "京都のお寺", "ミュージアム", "ﾐｭｰｼﾞｱﾑ", "世界遺産"),
    "ko": ("문화유산", "유산을", "서울", "박물관", "경주에서"),
    "th": ("มรดกโลก", "พิพิธภัณฑ์", "วัดพระแก้ว", "กรุงเทพ"),
    "km": ("អង្គរវត្ត", "បេតិកភណ្ឌ", "ប្រាសាទ"),
    "und": ("2025", "42", "Ⅻ", "ﬁne", "naïve", "e\u0301te\u0301", "x" * 70, "🏛️", "…", "&", "<b>"),
}


def article(id: str, title: str = "A title", text: str = "", **changes: Any) -> Article:
    """One article; everything not said is plain and the same each time."""
    settled: dict[str, Any] = {
        "url": f"https://news.example.org/{id}",
        "canonical_url": f"https://news.example.org/{id}",
        "source": ArticleSource(id="example", name="Example"),
        "first_seen_at": BEGIN,
        "fetched_at": BEGIN,
        "language": "en",
        "content_hash": "0",
        "parse_version": 1,
    }
    return Article(id=id, title=title, text=text, **(settled | changes))


def many(count: int, seed: int, length: int = 25) -> list[Article]:
    """Varied articles: every language, few events and values, many equal dates; the same for the same seed."""
    chance = random.Random(seed)
    return [_varied(chance, number, length) for number in range(count)]


def _varied(chance: random.Random, number: int, length: int) -> Article:
    language = chance.choice(list(WORDS))
    others = WORDS["en"] + WORDS["und"]
    words = [chance.choice(WORDS[language] if chance.random() < 0.8 else others) for _ in range(length)]
    cut = chance.randint(0, min(6, length))
    day = BEGIN + timedelta(days=chance.randint(0, 20), hours=chance.choice((0, 0, 13)))
    event = chance.randint(0, 12)
    host = chance.choice(("example.org", "news.example.org", "heritage.example.com", "xn--bcher-kva.example"))
    return article(
        f"a{number:05}",
        _joined(chance, words[:cut]),
        _joined(chance, words[cut:]),
        url=f"https://{host}/{number}",
        canonical_url=f"https://{host}/{number}",
        language=language,
        published_at=day if chance.random() < 0.7 else None,
        first_seen_at=day + timedelta(days=1),
        source=ArticleSource(
            id=f"source-{chance.randint(1, 4)}",
            name="Source",
            country=chance.choice((None, "CN", "FR")),
            quality=chance.choice(("official", "press")),
        ),
        authors=tuple(chance.sample(("Ana Ruiz", "José Núñez", "李雷"), chance.randint(0, 2))),
        alliances=_alliances(chance),
        event_types=_types(chance),
        phase=chance.choice(("preview", "report", "background")),
        event=EventRef(id=f"event-{event}", title=f"Event {event}") if event else None,
        places=tuple(
            Place(name=name, country="CN") for name in chance.sample(("Chongqing", "重庆", "Xi'an"), 2)
        ),
        duplicate_of="a00000" if chance.random() < 0.1 else None,
    )


def _joined(chance: random.Random, words: Sequence[str]) -> str:
    return "".join(word + chance.choice((" ", ", ", "\n", "")) for word in words)


def _alliances(chance: random.Random) -> tuple[AllianceTag, ...]:
    roles: tuple[Role, ...] = ("subject", "mention")
    return tuple(
        AllianceTag(id=id, name=id, role=chance.choice(roles), confidence=1.0, rule="name", evidence=())
        for id in chance.sample(("acha", "icomos", "Whc"), chance.randint(0, 2))
    )


def _types(chance: random.Random) -> tuple[EventTypeTag, ...]:
    return tuple(
        EventTypeTag(id=id, confidence=1.0, rule="name", evidence=())
        for id in chance.sample(("assembly", "forum", "agreement"), chance.randint(0, 2))
    )


PHASES: tuple[Phase, ...] = ("preview", "report", "followup", "background")
QUALITIES: tuple[Quality, ...] = ("official", "agency", "press", "aggregator")
