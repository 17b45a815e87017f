"""Pictures of every page, in light, dark, narrow and right-to-left: `./test --screenshots` puts them in ./screenshots."""

import json
import urllib.request
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium, opened
from tests.browser.product import started
from tests.conftest import ROOT
from tests.integration.receivers import web_receiver

FOLDER = ROOT / "screenshots"
LOOKS: dict[str, tuple[int, Literal["light", "dark"]]] = {
    "light": (1280, "light"),
    "dark": (1280, "dark"),
    "narrow": (390, "light"),
    "narrow-dark": (390, "dark"),
}


def asked(address: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the API answers."""
    headers = {"Content-Type": "application/json", "X-Requested-With": "heritage-wire"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{address}/api/v1/{path}", data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def pages(address: str, alert: str) -> dict[str, str]:
    """Every page that a person can open, by the name of its picture."""
    article = asked(address, "search?q=alliance:acha+lang:en+type:general_assembly")["results"][0]
    arabic = asked(address, "search?q=alliance:acha+lang:ar")["results"][0]
    return {
        "search-first": "/",
        "search": "/?q=alliance:acha",
        "search-events": "/?q=heritage&unit=event",
        "search-arabic": "/?q=lang:ar+OR+lang:fa+OR+lang:ur",
        "search-nothing": "/?q=zeppelin",
        "search-fault": "/?q=(museum+AND",
        "article": f"/articles/{article['id']}",
        "article-right-to-left": f"/articles/{arabic['id']}",
        "article-correct": f"/articles/{article['id']}/correct",
        "article-correct-right-to-left": f"/articles/{arabic['id']}/correct",
        "events": "/events",
        "event": f"/events/{article['event']['id']}",
        "alliances": "/alliances",
        "alliance": "/alliances/acha",
        "alerts": "/alerts",
        "alert-new": "/alerts/new?q=alliance:acha",
        "alert": f"/alerts/{alert}",
        "sources": "/sources",
        "source": f"/sources/{article['source']['id']}",
        "ops": "/ops",
        "api": "/api/docs",
        "not-found": "/nowhere",
    }


def picture(browser: Browser, address: str, name: str, path: str) -> None:
    """One page in every look."""
    error = {"search-fault": 400, "not-found": 404}.get(name)
    for look, (width, scheme) in LOOKS.items():
        with opened(browser, address + path, width=width, scheme=scheme, error=error) as page:
            page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=True)


@pytest.mark.screenshots
def test_pictures_of_every_page(tmp_path: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    settings = {"HERITAGE_WIRE_SAMPLE_LATE": "20"}
    with web_receiver() as receiver, started(tmp_path / "data", settings) as running, chromium() as browser:
        address = running.wait_for(r"Dashboard: (\S+?)/?$", 90)[1]
        hooks = [{"kind": "webhook", "target": receiver.url(path)} for path in ("/ok", "/fail/9")]
        wish = {"name": "News of the alliance", "query": "alliance:acha", "per": "event", "channels": hooks}
        alert = asked(address, "subscriptions", wish)["id"]
        running.wait_for(r"60 articles are searchable", 90)
        for name, path in pages(address, alert).items():
            picture(browser, address, name, path)
