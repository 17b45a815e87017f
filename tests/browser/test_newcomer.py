"""What a newcomer does, with the product as it is started by hand, a real browser and a receiver of alerts."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from services.cli.commands.sample import remembered
from services.sample.press import load_press
from tests.browser.chromium import chromium, opened
from tests.browser.product import started
from tests.integration.receivers import WebReceiver, web_receiver
from tests.waiting import wait_until

LATE = timedelta(seconds=60)
SEARCHABLE_WITHIN = 30.0
ALERTED_WITHIN = 5.0
PATIENCE = 90.0


def search(page: Page, query: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.keyboard.press("Enter")


def make_alert(page: Page, address: str) -> str:
    """From the results of a search to an alert. Returns the secret that is shown once."""
    page.get_by_role("link", name="Alert me").click()
    assert page.get_by_label("Query", exact=True).input_value() == "alliance:acha"
    page.get_by_label("Address of webhook 1").fill(address)
    page.get_by_role("button", name="Make the alert").first.click()
    expect(page.get_by_role("status")).to_contain_text("The alert is on")
    return page.get_by_label(re.compile("^Secret of http")).input_value()


def the_post(receiver: WebReceiver, appears_at: datetime, secret: str) -> dict[str, object]:
    """The one message that came, its signature checked, in time."""
    left = (appears_at - datetime.now(UTC)).total_seconds() + ALERTED_WITHIN
    assert left > ALERTED_WITHIN, "the alert was made before the article appeared"
    wait_until(lambda: bool(receiver.posts), left, lambda: f"{receiver.posts}")
    assert datetime.now(UTC) >= appears_at
    (post,) = receiver.posts
    Webhook(secret).verify(post.body.decode(), post.headers)
    told: dict[str, object] = msgspec.json.decode(post.body)
    return told


@pytest.mark.slow
@pytest.mark.alone
def test_from_the_first_page_to_the_first_alert(tmp_path: Path) -> None:
    with started(tmp_path / "data") as running, web_receiver() as receiver, chromium() as browser:
        address = running.wait_for(r"Dashboard: (\S+?)/?$", PATIENCE)[1]
        with opened(browser, address) as page:
            expect(page).to_have_title(re.compile("Heritage Wire"))
            running.wait_for(r"\d\d articles are searchable", SEARCHABLE_WITHIN)
            search(page, "alliance:acha")
            expect(page.locator(".card").first).to_be_visible()
            expect(page.locator(".card mark").first).to_be_visible()

            secret = make_alert(page, receiver.url("/ok"))
            alert = page.url.partition("?")[0]
            state = remembered(tmp_path / "data")
            assert state
            # The press tells its times to the second.
            told = the_post(receiver, (state.started_at + LATE).replace(microsecond=0), secret)

            late = next(a for a in load_press().articles.values() if a.published is None)
            article = told["data"]["article"]  # type: ignore[index]
            assert article["title"] == late.title
            assert any(word["text"] in article["text"] + article["title"] for word in told["data"]["matched"])  # type: ignore[index]

            page.goto(f"{address}/articles/{article['id']}")
            expect(page.locator("main mark").first).to_be_visible()
            page.get_by_role("link", name=article["event"]["title"]).first.click()
            expect(page.get_by_role("heading", level=1)).to_contain_text(article["event"]["title"])

            page.goto(alert)
            expect(page.locator(".told h3")).to_have_text([late.title])
            expect(page.locator(".told")).to_contain_text("elivered")
        assert len(receiver.posts) == 1
