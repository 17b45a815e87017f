"""What services warn of in their logs comes to the terminal once, in one line each, whatever else stands there."""

from pathlib import Path

import pytest

from services.cli.service_logs import Warnings

AT = "2026-03-02T09:00:00+0000"


@pytest.fixture
def logs(tmp_path: Path) -> dict[str, Path]:
    logs = {name: tmp_path / f"{name}.log" for name in ("parser", "events")}
    for name, log in logs.items():
        log.write_text(f"{AT} {name} WARNING {name} waits: said before we listened\n")
    return logs


@pytest.fixture
def warnings(logs: dict[str, Path]) -> Warnings:
    warnings = Warnings()
    for name, log in logs.items():
        warnings.listen(name, log)
    return warnings


def say(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_warnings_and_last_words_are_told_and_nothing_else(warnings: Warnings, logs: dict[str, Path]) -> None:
    assert warnings.new() == []
    say(logs["parser"], f"{AT} parser INFO read 3 messages\n{AT} parser ERROR parser stops: no rights\n")
    say(logs["parser"], "Traceback (most recent call last):\n  File x\nValueError: 1\nError: no such topic\n")
    assert warnings.new() == ["parser: parser stops: no rights", "parser: no such topic"]
    assert warnings.new() == []


def test_a_line_is_told_when_it_is_whole(warnings: Warnings, logs: dict[str, Path]) -> None:
    say(logs["events"], f"{AT} events WARNING disk is")
    assert warnings.new() == []
    say(logs["events"], " full\n")
    assert warnings.new() == ["events: disk is full"]


def test_what_all_wait_for_is_told_by_the_first(warnings: Warnings, logs: dict[str, Path]) -> None:
    for name, log in logs.items():
        say(log, f"{AT} {name} WARNING {name} waits and tries again by itself: the store is away\n")
    assert warnings.new() == ["parser waits and tries again by itself: the store is away"]
    say(logs["events"], f"{AT} events WARNING events waits: the bus is away\n")
    assert warnings.new() == ["events waits: the bus is away"]
    for name, log in logs.items():
        say(log, f"{AT} {name} WARNING {name} goes on: what it waited for is there\n")
    assert warnings.new() == ["parser goes on: what it waited for is there"]
    say(logs["parser"], f"{AT} parser WARNING parser waits: the store is away\n")
    assert warnings.new() == ["parser waits: the store is away"]


def test_a_service_that_cannot_start_tells_why_once(warnings: Warnings, logs: dict[str, Path]) -> None:
    for _ in range(5):
        say(logs["parser"], "Error: the topic is too small\n")
    assert warnings.new() == ["parser: the topic is too small"]
    say(logs["parser"], "Error: the topic is too small\n")
    assert warnings.new() == []


def test_a_very_long_log_is_read_in_parts(warnings: Warnings, logs: dict[str, Path]) -> None:
    say(logs["parser"], "x" * 3_000_000 + f"\n{AT} parser WARNING done\n")
    assert [line for _ in range(5) for line in warnings.new()] == ["parser: done"]
