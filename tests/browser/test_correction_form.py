"""Putting labels right in a real browser: by keys, without scripts, in both themes, narrow, right to left."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from services.dashboard.app import create_app
from tests.browser.chromium import faint, opened
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import dashboard, serving
from tests.unit.dashboard_articles import ARTICLES, fill


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over a few articles."""
    with dashboard(tmp_path_factory.mktemp("corrections"), shipped_taxonomy(), ARTICLES) as context:
        fill(context)
        with serving(context, create_app(context)) as address:
            yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("article", ["report", "farsi", "hostile", "loner"])
def test_the_form_is_legible_and_fits(
    served: str, browser: Browser, article: str, scheme: Literal["light", "dark"]
) -> None:
    with opened(browser, f"{served}/articles/{article}/correct", width=390, scheme=scheme) as page:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert faint(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_label_is_changed_and_one_added_and_the_article_says_so(
    served: str, browser: Browser, *, scripts: bool
) -> None:
    with opened(browser, f"{served}/articles/report", scripts=scripts) as page:
        page.click("text=Wrong alliance")
        assert page.url.endswith("/articles/report/correct#alliances")
        page.check("input[name='alliance:acha'][value='mention']")
        page.select_option("select[name='add-alliance']", "iccrom")
        page.click("button[name='more'][value='alliance']")
        rows = page.locator("select[name='add-alliance']")
        assert rows.count() == 2
        assert rows.nth(0).input_value() == "iccrom"
        rows.nth(1).select_option("icomos")
        page.locator("select[name='add-alliance-as']").nth(1).select_option("mention")
        page.check("input[name='phase'][value='followup']")
        page.click(".form-end .button.primary")
        page.wait_for_url("**/articles/report?made=corrected")
        assert "Kept." in page.inner_text("[role='status']")
        said = page.inner_text("aside.why")
        assert "by a reader" in said
        assert page.locator(".label.subject[data-label='alliance-iccrom']").count() == 1
        assert page.locator(".label.mention[data-label='alliance-icomos']").count() == 1
        assert faint(page) == []
        page.click("#corrections button >> nth=0")
        page.wait_for_url("**/articles/report?made=withdrawn")
        assert page.locator("[data-label='alliance-iccrom']").count() == 0


def test_it_is_done_by_keys_alone(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/articles/report/correct") as page:
        page.locator("input[name='alliance:acha']:checked").focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert page.locator("input[name='alliance:acha'][value='not']").is_checked()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "add-alliance"
        for _ in range(60):
            if page.evaluate("document.activeElement.matches('.form-end .button.primary')"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles/report?made=corrected")
        assert "Taken away" in page.inner_text("#corrections")


def test_a_fault_is_told_where_it_is(served: str, browser: Browser) -> None:
    with opened(browser, f"{served}/articles/farsi/correct", error=422) as page:
        page.check("input[name='event'][value='other']")
        page.fill("input[name='other_event']", "/events/nowhere")
        page.click(".form-end .button.primary")
        assert "is no event" in page.inner_text("#fault-event")
        field = page.locator("input[name='other_event']")
        assert field.get_attribute("aria-invalid") == "true"
        assert field.get_attribute("aria-describedby") == "fault-event"
        assert page.locator("input[name='event'][value='other']").is_checked()
        assert page.locator(".lead p[dir='rtl']").count() == 1
