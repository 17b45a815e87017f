"""The command as people use it: real processes, what they print, and errors that say what to do."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from services.cli.main import commands
from shared.status import GROUPS
from tests.integration.documents import page, story

COMMAND = [sys.executable, "-m", "services.cli.main"]


def heritage(
    *arguments: str | Path, data: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    options = ["--data", str(data)] if data else []
    return subprocess.run(
        [*COMMAND, *map(str, arguments), *options],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after an ingest of a page, a text, a page without an article and a photo."""
    root = tmp_path_factory.mktemp("commands")
    press = root / "press"
    press.mkdir()
    (press / "one.html").write_text(page(1))
    title, _, body = story(2)
    (press / "two.txt").write_text(f"{title}\n\n{body}\n")
    (press / "empty.html").write_text("<html><body></body></html>")
    (press / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    done = heritage("ingest", press, data=root / "data")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.startswith("indexed ") for line in lines) == 2
    assert any(line.startswith("ended ") and "empty.html: not an article" in line for line in lines)
    assert any(line.startswith("passed ") and "photo.jpg" in line and ".jpg" in line for line in lines)
    assert lines[-1] == "4 documents: 1 ended, 2 indexed, 1 passed over."
    return root


def test_ingest_again_changes_nothing(ingested: Path) -> None:
    again = heritage("ingest", ingested / "press" / "one.html", data=ingested / "data")
    assert again.returncode == 0
    assert again.stdout.startswith("indexed ")
    assert "unchanged" in again.stdout
    found = json.loads(heritage("search", '"dossier 1"', "--json", data=ingested / "data").stdout)
    assert found["total"] == 1
    assert found["results"][0]["revision"] == 1


def test_search_prints_and_gives_json(ingested: Path) -> None:
    plain = heritage("search", '"dossier 1"', data=ingested / "data")
    assert plain.returncode == 0
    assert plain.stdout.startswith("1 article for")
    answer = json.loads(
        heritage("search", "dossier", "--json", "--limit", "1", data=ingested / "data").stdout
    )
    assert set(answer) == {"results", "total", "next_cursor", "facets", "took_ms"}
    assert answer["total"] == 2
    result = answer["results"][0]
    for key in ("id", "url", "title", "text", "alliances", "event_types", "event", "highlights", "removed"):
        assert key in result
    for highlight in result["highlights"]:
        assert result[highlight["field"]][highlight["start"] : highlight["end"]] == highlight["text"]
    rest = heritage("search", "dossier", "--json", "--cursor", answer["next_cursor"], data=ingested / "data")
    assert json.loads(rest.stdout)["results"][0]["id"] != result["id"]


def test_a_bad_query_gets_its_position_and_what_was_expected(ingested: Path) -> None:
    bad = heritage("search", "heritage AND (restoration", data=ingested / "data")
    assert bad.returncode == 1
    assert "^" in bad.stderr
    assert "expected" in bad.stderr
    unknown = heritage("search", "aliance:acha", data=ingested / "data")
    assert "alliance" in unknown.stderr


def test_nothing_found_says_what_to_do(ingested: Path) -> None:
    nothing = heritage("search", "zyzzyva", data=ingested / "data")
    assert nothing.returncode == 0
    assert "Nothing matches" in nothing.stdout


def test_journey_by_path_and_by_address(ingested: Path) -> None:
    path = ingested / "press" / "two.txt"
    plain = heritage("journey", path, data=ingested / "data")
    assert "state: indexed" in plain.stdout
    for service in ("parser", "events", "indexer"):
        assert service in plain.stdout
    told = json.loads(heritage("journey", path.as_uri(), "--json", data=ingested / "data").stdout)
    assert told["state"] == "indexed"
    unknown = heritage("journey", "https://nobody.example/", data=ingested / "data")
    assert unknown.returncode == 1
    assert "nothing is known" in unknown.stderr


def test_status_tells_the_whole_state(ingested: Path) -> None:
    state = json.loads(heritage("status", "--json", data=ingested / "data").stdout)
    assert state["searchable"] == 2
    assert state["dead_letters"] == 0
    assert {s["name"] for s in state["services"]} == set(GROUPS)
    assert all(s["waiting"] == 0 and s["running"] == 0 for s in state["services"])
    assert "searchable: 2 articles" in heritage("status", data=ingested / "data").stdout


def test_dead_letters_are_listed_shown_replayed_and_dropped(tmp_path: Path) -> None:
    import zstandard

    from services.cli.wiring import Wiring
    from shared.contracts.messages import FetchedDocument, Source
    from shared.contracts.wire import Outgoing, encode, new_traceparent
    from shared.settings import load_settings

    data = tmp_path / "data"
    with Wiring(load_settings(data=data)) as wiring:
        damaged = FetchedDocument(
            url="https://desk.example/damaged", final_url="https://desk.example/damaged", media_type="text/html",
            source=Source(id="desk", url="https://desk.example/"), body=zstandard.compress(b"<p>x</p>")[:-2],
            size=8, sha256="", fetched_at=wiring.clock(),
        )  # fmt: skip
        producer = wiring.bus().producer()
        message = Outgoing("fetched", damaged.url, damaged)
        producer.produce([encode(message, message_id="m1", traceparent=new_traceparent(), mode="live")])
    (tmp_path / "good.txt").write_text("A short notice\n\n" + story(5)[2])
    assert heritage("ingest", tmp_path / "good.txt", data=data).returncode == 0
    (letter,) = [json.loads(x) for x in heritage("dead", "list", "--json", data=data).stdout.splitlines()]
    assert letter["url"] == "https://desk.example/damaged"
    assert "cannot be unpacked" in heritage("dead", "list", data=data).stdout
    shown = heritage("dead", "show", letter["id"][:8], data=data).stdout
    assert "cannot be unpacked" in shown
    assert '"desk"' in shown
    assert "1 replayed" in heritage("dead", "replay", "--all", data=data).stdout
    assert "No dead letters" in heritage("dead", "list", data=data).stdout
    (tmp_path / "good.txt").write_text("A longer notice\n\n" + story(6)[2])
    assert heritage("ingest", tmp_path / "good.txt", data=data).returncode == 0
    replayed = heritage("dead", "list", data=data).stdout
    assert "cannot be unpacked" in replayed, "what fails again is a dead letter again"
    assert "1 dropped" in heritage("dead", "drop", "--all", data=data).stdout
    assert "no dead letter" in heritage("dead", "drop", "feed", data=data).stderr


def test_parse_prints_one_article_a_line(tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text(page(1))
    (tmp_path / "two.txt").write_text("\n\n".join(story(2)[::2]))
    done = heritage("parse", tmp_path / "one.html", tmp_path / "two.txt")
    assert done.returncode == 0, done.stderr
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["input"] == str(tmp_path / "one.html")
    assert first["title"] == story(1)[0]
    assert first["event"] is None
    assert second["title"] == story(2)[0]
    for tag in (*first["alliances"], *first["event_types"]):
        assert tag["evidence"]


def test_parse_reads_standard_input_and_takes_an_address() -> None:
    done = heritage("parse", "-", "--url", "https://desk.example/a?utm_source=x", stdin=page(4))
    (article,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (article["input"], article["url"]) == ("-", "https://desk.example/a")


def test_parse_tells_what_it_cannot_parse_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html></html>")
    (tmp_path / "b.html").write_text(page(4))
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    done = heritage("parse", tmp_path)
    assert done.returncode == 1
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == [str(tmp_path / "b.html")]
    assert "a.html: " in done.stderr
    assert "c.png: not a kind of file" in done.stderr
    assert "Traceback" not in done.stderr


def test_up_says_when_articles_can_be_searched_and_stops_cleanly(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.html").write_text(page(1))
    (tmp_path / "sources.yaml").write_text("sources: [{id: inbox, kind: folder, path: in, interval: 1s}]\n")
    arguments = [
        "up",
        "--no-sample",
        "--port",
        "0",
        "--sources",
        str(tmp_path / "sources.yaml"),
        "--data",
        str(tmp_path / "data"),
    ]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    deadline = threading.Timer(150, process.kill)  # reading from it must come to an end
    deadline.start()
    told = []
    for line in process.stdout:
        told.append(line)
        if "Ctrl-C" in line:
            break
    assert any(line.startswith("1 article is searchable") for line in told), told
    assert any("heritage-wire search" in line for line in told)
    (tmp_path / "in" / "two.html").write_text(page(2))
    for line in process.stdout:
        told.append(line)
        if line.startswith("2 articles are searchable"):
            break
    (dashboard,) = [line.split()[1] for line in told if line.startswith("Dashboard: http://127.0.0.1:")]
    with urllib.request.urlopen(dashboard, timeout=10) as answer:
        assert b"2 articles" in answer.read()
    process.send_signal(signal.SIGINT)
    assert process.stdout.read().endswith("Stopped.\n")
    process.stdout.close()
    deadline.cancel()
    assert process.wait(30) == 0
    state = json.loads(heritage("status", "--json", data=tmp_path / "data").stdout)
    assert all(s["running"] == 0 for s in state["services"])


def test_services_end_with_their_parent(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "up", "--no-sample", "--port", "0", "--data", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60

    def running() -> int:
        done = heritage("status", "--json", data=tmp_path)
        return sum(s["running"] for s in json.loads(done.stdout)["services"]) if done.returncode == 0 else 0

    while running() < 5:
        assert time.monotonic() < deadline
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while running():
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["search", "x"], "nothing has been collected yet"),
        (["status"], "nothing has been collected yet"),
        (["journey", "https://x.example/"], "nothing has been collected yet"),
        (["dead", "list"], "nothing has been collected yet"),
        (["ingest", "/no/such/file"], "no such file"),
        (["parse", "/no/such/file"], "no such file"),
        (["parse", "a", "b", "--url", "https://x.example/"], "single document"),
        (["parse", "-", "--url", "nonsense"], "not an address"),
        (["up", "--sources", "/no/such.yaml"], "/no/such.yaml"),
        (["frobnicate"], "No such command"),
    ],
)
def test_beginners_errors_are_one_clear_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = (
        heritage(*arguments) if arguments == ["frobnicate"] else heritage(*arguments, data=tmp_path / "none")
    )
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments in (["up", "--port", port], ["dashboard", "--port", port]):
            done = heritage(*arguments, data=tmp_path / "data")
            assert done.returncode == 1
            assert f"port {port} on 127.0.0.1 is taken" in done.stderr
            assert "--port N" in done.stderr


def test_a_sources_file_with_an_unknown_kind_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("sources: [{id: whc, url: 'https://whc.example/rss', kind: pigeon}]\n")
    done = heritage("up", "--port", "0", "--sources", tmp_path / "s.yaml", data=tmp_path / "data")
    assert done.returncode == 1
    assert "source whc" in done.stderr
    assert "pigeon" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_doctor_finds_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    good = heritage("doctor", data=tmp_path / "data")
    assert good.returncode == 0, good.stdout
    assert "Everything is in order" in good.stdout


def test_every_command_has_help_with_an_example() -> None:
    asked = click.Context(commands)
    every = {name: commands.get_command(asked, name) for name in commands.list_commands(asked)}
    assert {"up", "search", "crawler", "delivery"} <= every.keys()
    listings: dict[str, Mapping[str, click.Command | None]] = {"": every}
    listings |= {
        f"{name} ": group.commands for name, group in every.items() if isinstance(group, click.Group)
    }
    for prefix, listed in listings.items():
        for name, command in listed.items():
            assert command, name
            assert command.help, name
            assert f"heritage-wire {prefix}{name}" in command.help, name
