"""The articles, events and records that the dashboard's tests look at, a hostile one among them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.dashboard.context import Context
from shared.contracts.aliases import ALIASES, Alias
from shared.contracts.article import (
    AllianceTag,
    Article,
    ArticleSource,
    Carrier,
    Dateline,
    DateSpan,
    EventRef,
    EventTypeTag,
    Evidence,
    Image,
    LanguagePart,
    Organisation,
    Outcome,
    Place,
    Removed,
)
from shared.contracts.deliveries import Delivery, delivery_write
from shared.contracts.events import Composed, EventAlliance, EventDocument, event_write
from shared.contracts.messages import StepOutcome
from shared.identity import article_id
from shared.journeys import put_together, write_of
from tests.contract.index_articles import article
from tests.unit.dashboard_app import NOW
from tests.unit.dashboard_html import PAYLOAD

ASSEMBLY = EventRef(id="ev-assembly", title="ACHA: 2nd General Assembly, Chongqing")
SECRET = "beyond the excerpt"
FURNITURE = (
    ("Share this", "share or subscribe bar"),
    ("By Ann Lee", "byline"),
    ("Follow us", "share or subscribe bar"),
    *((f"Old news {number}", "links to other articles") for number in range(5)),
)


def tagged(id: str, title: str, text: str, day: int, **more: Any) -> Article:
    at = datetime(2025, 11, day, tzinfo=UTC)
    told = Evidence(text=title[:4], field="title", start=0, end=4)
    settled: dict[str, Any] = {
        "alliances": (
            AllianceTag(
                id="acha",
                name="Alliance for Cultural Heritage in Asia",
                role="subject",
                confidence=0.95,
                rule="name in the title",
                evidence=(told,),
            ),
        ),
        "event_types": (EventTypeTag(id="general_assembly", confidence=0.9, rule="named", evidence=()),),
        "published_at": at,
        "published_precision": "day",
        "event": ASSEMBLY,
    }
    return article(id, title, text, **(settled | more))


def hostile() -> Article:
    proof = (Evidence(text=PAYLOAD[:9], field="text", start=0, end=9),)
    return article(
        "hostile",
        f"{PAYLOAD} title",
        f"{PAYLOAD}\n{PAYLOAD} zanzibar",
        url="javascript:alert(1)//hostile.example/",
        canonical_url="javascript:alert(1)//hostile.example/",
        source=ArticleSource(id=PAYLOAD, name=PAYLOAD, country="FR"),
        summary=PAYLOAD,
        authors=(PAYLOAD,),
        language='en"onmouseover="alert(1)',
        image=Image(url="javascript:x", caption=PAYLOAD, credit=PAYLOAD, license=PAYLOAD),
        deck=PAYLOAD,
        agency=PAYLOAD,
        dateline=Dateline(place=PAYLOAD, date=PAYLOAD),
        section=PAYLOAD,
        published_zone=PAYLOAD,
        alliances=(
            AllianceTag(
                id=PAYLOAD, name=PAYLOAD, role="subject", confidence=1.0, rule=PAYLOAD, evidence=proof
            ),
        ),
        event_types=(EventTypeTag(id=PAYLOAD, confidence=1.0, rule=PAYLOAD, evidence=proof),),
        event=EventRef(id="ev-hostile", title=PAYLOAD),
        places=(Place(name=PAYLOAD, country=PAYLOAD, evidence=proof),),
        organisations=(Organisation(name=PAYLOAD, id=PAYLOAD, evidence=proof),),
        dates=(DateSpan(start=PAYLOAD, end=PAYLOAD, evidence=proof),),
        outcomes=(Outcome(kind=PAYLOAD, name=PAYLOAD, evidence=proof),),
        removed=(Removed(text=PAYLOAD, reason=PAYLOAD),),
        language_parts=(LanguagePart(language=PAYLOAD, script=PAYLOAD, share=1.0),),
        carried_by=(Carrier(source=PAYLOAD, url="javascript:alert(1)"),),
        template=PAYLOAD,
        content_hash=PAYLOAD,
        published_from=PAYLOAD,
    )


ARTICLES = (
    tagged("report", "ACHA assembly ends", "The charter was signed in Chongqing.", 29),
    tagged("preview", "Congress prepared", "Delegates will meet.", 24, phase="preview"),
    tagged("copy", "ACHA assembly ends", "The charter was signed again.", 30, duplicate_of="report"),
    tagged(
        "farsi",
        "مجمع عمومی",
        "دومین مجمع عمومی برگزار شد",
        30,
        language="fa",
        source=ArticleSource(id="tehran", name="Tehran Desk", country="IR"),
    ),
    article(
        "loner",
        "A museum opens",
        "Bronze and mosaic.",
        published_at=datetime(2024, 3, 1, 7, 5, tzinfo=UTC),
        published_precision="minute",
        published_from="page",
        published_zone="+08:00",
        published_zone_from="country",
        deck="After forty years the harbour has its gate back.",
        authors=("Ann Lee",),
        agency="AFP",
        section="Culture",
        dateline=Dateline(place="OSLO", date="2024-02-29"),
        image=Image(
            url="https://news.example.org/i.jpg", caption="The gate", credit="Bo Chen", license="CC BY 4.0"
        ),
        removed=tuple(Removed(text=text, reason=reason) for text, reason in FURNITURE),
        language_parts=(
            LanguagePart(language="en", script="Latn", share=0.8),
            LanguagePart(language="fr", script="Latn", share=0.2),
        ),
    ),
    article(
        "excerpt",
        "World heritage list grows",
        "Site after site was listed. " * 20 + SECRET,
        rights="excerpt",
        published_at=datetime(2023, 1, 1, tzinfo=UTC),
        removed=(Removed(text="Subscribe to us", reason="call to subscribe"),),
    ),
    hostile(),
)


def events() -> Iterator[EventDocument]:
    facts = Composed(
        title=ASSEMBLY.title,
        alliances=(EventAlliance(id="acha", name="Alliance for Cultural Heritage in Asia"),),
        event_types=("general_assembly",),
        start="2025-11-26",
        end="2025-11-29",
        places=("Chongqing",),
        outcomes=("Chongqing Consensus",),
        languages=("en", "fa"),
        first_published="2025-11-24",
        last_published="2025-11-30",
        articles=4,
    )
    ids = ("report", "preview", "copy", "farsi")
    yield EventDocument(id="ev-assembly", founded_at=NOW, founder="report", facts=facts, articles=ids)
    yield EventDocument(id="ev-merged", founded_at=NOW, founder="x", redirect="ev-assembly")
    yield EventDocument(id="ev-empty", founded_at=NOW, founder="y")
    bad = Composed(
        title=PAYLOAD,
        alliances=(EventAlliance(id=PAYLOAD, name=PAYLOAD),),
        event_types=(PAYLOAD,),
        places=(PAYLOAD,),
        outcomes=(PAYLOAD,),
        languages=(PAYLOAD,),
        start="2025-02-01",
        articles=1,
    )
    yield EventDocument(id="ev-hostile", founded_at=NOW, founder="z", facts=bad, articles=("hostile",))


def fill(context: Context) -> None:
    """Events, addresses, a journey and an alert that is ahead of the index."""
    context.store.put_many([event_write(event) for event in events()])
    amp = "https://news.example.org/amp/report"
    alias = Alias(address=amp, article="report", url="https://news.example.org/report", first_seen_at=NOW)
    context.store.create(ALIASES, article_id(amp), msgspec.json.encode(alias))
    step = StepOutcome(
        id="1", service="parser", topic="fetched", partition=0, offset=0, url="https://x.example/?a=1&b=2",
        result="ended", reason=f"no article: {PAYLOAD}", at=NOW, ms=3.0,
    )  # fmt: skip
    context.store.put(write_of(put_together(step.url, [step])))
    told = Delivery(
        id="d", subscription="s", channel="feed", target="", status="delivered", reason="new", article="ahead",
        url="https://news.example.org/ahead", title=PAYLOAD, created_at=NOW,
        matched=(Evidence(text=PAYLOAD, field="text", start=0, end=3),),
    )  # fmt: skip
    context.store.put(delivery_write(told))
