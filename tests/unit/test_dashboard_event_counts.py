"""The page and the JSON of an event tell how many there were, by source where they disagree."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from shared.contracts.events import Composed, Count, EventDocument, event_write
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import browser, dashboard
from tests.unit.dashboard_filled import shown, words
from tests.unit.dashboard_html import PAYLOAD

COUNTS = (
    Count(what="country", number="33", sources=("Agency", PAYLOAD)),
    Count(what="country", number="35", sources=("Paper",)),
    Count(what="site", number="24", sources=("Agency", "Paper")),
)
EVENT = EventDocument(
    id="ev-a",
    founded_at=datetime(2025, 1, 1, tzinfo=UTC),
    founder="a",
    facts=Composed(title="An assembly", counts=COUNTS, languages=("en",), articles=2),
    articles=("a", "b"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with dashboard(tmp_path_factory.mktemp("counts"), shipped_taxonomy()) as context:
        context.store.put_many([event_write(EVENT)])
        yield browser(context)


def test_the_page_tells_a_disagreement_by_source(client: TestClient) -> None:
    agreed, disputed = None, None
    for entry in shown(client, "/events/ev-a").xpath("//ul[contains(@class,'counts')]/li"):
        if "sites" in words(entry):
            agreed = words(entry)
        else:
            disputed = words(entry)
    assert agreed == "24 sites"
    assert disputed == f"33 or 35 countries, by source: 33: Agency, {' '.join(PAYLOAD.split())}35: Paper"


def test_the_json_has_them_all(client: TestClient) -> None:
    told = client.get("/api/v1/events/ev-a").json()["counts"]
    assert [(c["what"], c["number"], len(c["sources"])) for c in told] == [
        ("country", "33", 2),
        ("country", "35", 1),
        ("site", "24", 2),
    ]
