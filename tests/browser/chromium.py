"""A real browser for tests: the machine's own Chromium, which asks nobody but us."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Text must stand out from what is behind it: 4.5 to 1, large text 3 to 1 (WCAG 2.2, AA).
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


def chromium_path() -> str:
    """Where Chromium is; without one the test is skipped with what to do."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not named:
        pytest.skip("no Chromium on this machine: install the package 'chromium', or name it in CHROMIUM")
    return named


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, running."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    path: str = "",
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
    error: int | None = None,
) -> Iterator[Page]:
    """A page in a fresh profile; whatever the browser complains of, a refused script say, fails the test.

    `error` is the status the page is meant to have, which the browser tells as a complaint.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        meant = error is not None and f"responded with a status of {error} " in said.text
        if said.type in ("error", "warning") and not meant:
            complaints.append(said.text)

    page = context.new_page()
    page.on("console", heard)
    page.on("pageerror", lambda failure: complaints.append(str(failure)))
    try:
        if path:
            page.goto(path)
        yield page
        assert not complaints, complaints
    finally:
        context.close()


def faint(page: Page) -> list[str]:
    """Texts of the page that do not stand out enough."""
    found: list[str] = page.evaluate(CONTRAST)
    return found
