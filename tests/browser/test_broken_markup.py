"""What a real browser shows of broken markup is what the parser is held to."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.unit.broken_markup import AFTER, BEFORE, MARKUP, page


def test_the_table_of_broken_markup_is_true(browser: Browser, tmp_path: Path) -> None:
    shown = {}
    with browser.new_page() as tab:
        for name, (markup, _) in MARKUP.items():
            (tmp_path / "page.html").write_text(page(markup))
            tab.goto((tmp_path / "page.html").as_uri())
            seen = tab.evaluate("document.body.innerText")
            assert BEFORE in seen, name
            shown[name] = AFTER in seen
    assert shown == {name: after for name, (_, after) in MARKUP.items()}
