"""The reader's pages in a real browser: nothing is refused or loaded from elsewhere, keys, evidence, themes, narrow screens."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from services.dashboard.app import create_app
from tests.browser.chromium import faint, opened
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import dashboard, serving
from tests.unit.dashboard_articles import ARTICLES, fill

PAGES = (
    "/",
    "/?q=charter&lang=en",
    "/?q=charter&unit=event",
    "/?q=(",
    "/articles/report",
    "/articles/farsi",
    "/articles/hostile",
    "/events",
    "/events/ev-assembly",
    "/alliances",
    "/alliances/acha",
    "/api/docs",
    "/nowhere",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over a few articles, served as the product serves it."""
    with dashboard(tmp_path_factory.mktemp("browser"), shipped_taxonomy(), ARTICLES) as context:
        fill(context)
        with serving(context, create_app(context)) as address:
            yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_legible_and_fit(
    served: str, browser: Browser, path: str, scheme: Literal["light", "dark"]
) -> None:
    asked: list[str] = []
    error = 400 if path == "/?q=(" else 404 if path == "/nowhere" else None
    with opened(browser, width=390, scheme=scheme, error=error) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served + path)
        assert faint(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert all(url.startswith((served, "data:", "about:")) for url in asked), asked


def test_a_slash_goes_to_the_search_and_j_from_result_to_result(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/?q=charter") as page:
        results = page.locator(".card h2 a")
        for key, at in (("j", 0), ("j", 1), ("j", 1), ("k", 0), ("k", 0)):
            page.keyboard.press(key)
            assert results.nth(at).evaluate("e => e === document.activeElement")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("bronze/")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?q=bronze%2F")


def test_light_and_dark_are_chosen_without_a_flash(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/", scheme="light") as page:
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        page.click("[data-theme-toggle]")
        dark = page.evaluate(ground)
        assert dark != light
        page.goto(f"{served}/events")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark", (
            "said by the server, at once"
        )
        assert page.evaluate(ground) == dark
        page.click("[data-theme-toggle]")
        assert page.evaluate(ground) == light


def test_the_theme_can_be_chosen_without_scripts(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/events", scripts=False) as page:
        page.click("[data-theme-toggle]")
        assert page.url == f"{served}/events"
        assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_label_and_its_words_light_up_together(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/articles/report") as page:
        words, label = page.locator("mark#title-0-4"), page.locator("[data-label='alliance-acha']")
        label.hover()
        assert "lit" in (words.get_attribute("class") or "")
        words.hover()
        assert "lit" in (label.get_attribute("class") or "")
        page.locator(".brand").hover()
        assert "lit" not in (words.get_attribute("class") or "")


def test_a_label_leads_to_its_words_without_scripts(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/articles/report", scripts=False) as page:
        before = page.locator("mark#title-0-4").evaluate("e => getComputedStyle(e).backgroundColor")
        page.click("[data-label='alliance-acha'] a[href='#title-0-4']")
        assert page.url.endswith("#title-0-4")
        after = page.locator("mark#title-0-4").evaluate("e => getComputedStyle(e).backgroundColor")
        assert after != before


def test_everything_is_reached_by_the_tab_key_and_the_place_is_seen(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/articles/report") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('main')")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
