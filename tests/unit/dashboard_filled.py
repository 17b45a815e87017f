"""What the desk's tests share: forms sent as a browser would, entries of the ledger, hostile words everywhere."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from lxml import html

from services.dashboard.context import Context
from shared.contracts.article import Article, EventRef, Evidence
from shared.contracts.deliveries import Attempt, Delivery, delivery_write
from shared.contracts.messages import Channel, Subscription
from shared.subscriptions import Subscriptions
from shared.taxonomy.taxonomy import Taxonomy
from tests.unit.dashboard_app import NOW, csrf, dashboard
from tests.unit.dashboard_html import PAYLOAD, assert_safe

FEED = Channel(kind="feed", target="")
HOOK = Channel(kind="webhook", target="https://hooks.example.org/in?key=abc")


def prepared(data: Path, taxonomy: Taxonomy, articles: Sequence[Article] = ()) -> Path:
    """A data folder with these articles, made once and copied for each test: making one takes a second."""
    with dashboard(data, taxonomy, articles):
        return data


@contextmanager
def copied(prepared: Path, data: Path, taxonomy: Taxonomy) -> Iterator[Context]:
    """A dashboard over a copy of a data folder."""
    shutil.copytree(prepared, data)
    with dashboard(data, taxonomy) as context:
        yield context


def send(client: TestClient, page: str, address: str, **fields: Any) -> Response:
    """Open a page and send a form to an address, with the token that the page holds."""
    token = csrf(client.get(page).text)
    answer: Response = client.post(address, data={"csrf": token, **fields})
    return answer


def shown(client: TestClient, path: str, status: int = 200) -> Any:
    """A page as a tree, found to be safe."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    assert_safe(answer.text)
    return html.fromstring(answer.text)


def words(tree: Any) -> str:
    """The text of an element, in one line."""
    return " ".join(tree.text_content().split())


def subscribe(context: Context, query: str = "bronze", *channels: Channel, **more: Any) -> Subscription:
    """An alert, made in November so that the ledger begins before today."""
    made = Subscriptions(context.bus, context.store, lambda: NOW - timedelta(days=40), names=context.taxonomy)
    return made.create(more.pop("name", ""), query, channels=channels or (FEED,), **more)


def delivery(number: int, subscription: str, **changes: Any) -> Delivery:
    """An entry of the ledger, `number` hours old."""
    at = NOW - timedelta(hours=number)
    given: dict[str, Any] = {
        "id": f"d{number:04}",
        "subscription": subscription,
        "channel": "feed",
        "target": "private feed",
        "status": "delivered",
        "reason": "new",
        "article": f"a{number:03}",
        "url": f"https://news.example.org/a{number:03}",
        "title": f"Told {number}",
        "language": "en",
        "source": "Example",
        "created_at": at,
        "attempts": (Attempt(at=at, ok=True, said="in the private feed"),),
        "delivered_at": at,
    }
    return Delivery(**{**given, **changes})


def hostile_delivery(subscription: str) -> Delivery:
    """An entry whose every text is an attack."""
    return delivery(
        1,
        subscription,
        id=f"x{PAYLOAD}"[:100],
        subscription_name=PAYLOAD,
        target=PAYLOAD,
        status="failed",
        article=PAYLOAD,
        url="javascript:alert(1)",
        title=PAYLOAD,
        language='en"onmouseover="alert(1)',
        source=PAYLOAD,
        event=EventRef(id=PAYLOAD, title=PAYLOAD),
        matched=(Evidence(text=PAYLOAD, field="title", start=0, end=4),),
        attempts=(Attempt(at=NOW, ok=False, said=PAYLOAD),),
        delivered_at=None,
    )


def keep(context: Context, *entries: Delivery) -> None:
    """Put entries into the ledger."""
    context.store.put_many([delivery_write(entry) for entry in entries])
