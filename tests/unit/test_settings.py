"""Settings: one table, read once, and a fault names the setting."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from services.cli.commands.settings import markdown_table, values
from shared.settings import Settings, SettingsError, load_settings
from tests.conftest import ROOT


def test_the_order_of_what_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().batch == 32
    config = tmp_path / "heritage.toml"
    config.write_text("batch = 10\ntries = 7\n")
    monkeypatch.setenv("HERITAGE_WIRE_CONFIG", str(config))
    assert (load_settings().batch, load_settings().tries) == (10, 7)
    (tmp_path / "batch").write_text("11\n")
    monkeypatch.setenv("HERITAGE_WIRE_BATCH_FILE", str(tmp_path / "batch"))
    assert load_settings().batch == 11
    monkeypatch.setenv("HERITAGE_WIRE_BATCH", "12")
    assert load_settings().batch == 12
    assert load_settings(batch=13).batch == 13


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BATCH", "many", "HERITAGE_WIRE_BATCH: .*many"),
        ("BATCH", "0", "HERITAGE_WIRE_BATCH"),
        ("LOG_LEVEL", "LOUD", "HERITAGE_WIRE_LOG_LEVEL.*LOUD"),
        ("CONFIG", "/no/such.toml", "HERITAGE_WIRE_CONFIG=/no/such.toml: no such file"),
        ("BATCH_FILE", "/no/such", "HERITAGE_WIRE_BATCH_FILE=/no/such"),
    ],
)
def test_a_fault_names_the_setting(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"HERITAGE_WIRE_{name}", value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


@pytest.mark.parametrize(("text", "words"), [("batch = ", "CONFIG"), ("colour = 1", "COLOUR")])
def test_a_fault_in_the_file_is_named(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.toml").write_text(text)
    monkeypatch.setenv("HERITAGE_WIRE_CONFIG", str(tmp_path / "c.toml"))
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_every_setting_says_what_it_is_and_the_docs_table_is_the_table() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert (SecretStr in get_args(field.annotation)) == (field.description or "").startswith("Secret"), (
            name
        )
    page = (ROOT / "docs" / "operator.md").read_text()
    begin, end = "<!-- settings:begin -->\n", "\n<!-- settings:end -->"
    told = page[page.index(begin) + len(begin) : page.index(end)].strip()
    assert told == markdown_table(), (
        "run: heritage-wire settings --markdown, and put it into docs/operator.md"
    )


@pytest.mark.parametrize(
    ("servers", "told"),
    [
        ("https://wire:pass-1@one:9200,http://wire:pass-2@two:9200", "https://one:9200,http://two:9200"),
        ("wire:pass-1@one:9200", "one:9200"),  # no address, and yet a password
        ("local", "local"),
    ],
)
def test_no_secret_is_shown(servers: str, told: str) -> None:
    lines = values(
        load_settings(
            index=servers,
            bus="kafka://wire:pass-3@three:9092",
            smtp_password=SecretStr("pass-4"),
            contact="https://wire.example/@us",
        )
    )
    assert "pass-" not in lines
    assert "HERITAGE_WIRE_BUS=kafka://three:9092\n" in lines
    assert f"HERITAGE_WIRE_INDEX={told}\n" in lines
    assert "=https://wire.example/@us\n" in lines
