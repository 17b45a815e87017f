"""`heritage-wire subscribe` and `subscriptions` as people use them, and an alert for what is ingested then."""

import json
from pathlib import Path

import pytest

from services.cli.wiring import Wiring
from shared.settings import load_settings
from tests.integration.documents import story
from tests.integration.test_alerts import alerts
from tests.integration.test_commands import heritage

HOOK = "http://127.0.0.1:9/hook?token=abc"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_subscribe_says_all_and_the_secret_once(data: Path) -> None:
    made = heritage(
        "subscribe", "alliance:acha", "museum", "--webhook", HOOK, "--email", "desk@example.org",
        "--digest", "daily", "--name", "Asia desk", data=data,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    for words in (
        "Asia desk",
        "alliance:acha museum",
        "once per event, gathered daily",
        HOOK,
        "desk@example.org",
        "whsec_",
        "In the last 30 days it would have told of 0 articles.",
    ):
        assert words in made.stdout
    assert "'heritage-wire up' starts them" in made.stderr
    assert "HERITAGE_WIRE_SMTP_HOST" in made.stderr
    id = made.stdout.split()[0]
    listed = heritage("subscriptions", "list", data=data).stdout
    shown = heritage("subscriptions", "show", id[:8], data=data).stdout
    for told in (listed, shown, heritage("subscriptions", "list", "--json", data=data).stdout):
        assert id in told
        assert "whsec_" not in told
        assert "abc" not in told
    assert "active" in listed
    assert "deliveries: none yet" in shown
    removed = heritage("subscriptions", "remove", id, data=data)
    assert removed.stdout == f"removed {id}  Asia desk\n"
    assert "No subscriptions" in heritage("subscriptions", "list", data=data).stdout


def test_as_json_it_is_the_answer_of_the_api(data: Path) -> None:
    made = json.loads(
        heritage("subscribe", "museum", "--webhook", HOOK, "--per", "article", "--json", data=data).stdout
    )
    assert (made["query"], made["per"], made["digest"]) == ("museum", "article", None)
    assert made["channels"][0]["secret"].startswith("whsec_")
    assert made["estimate"] == {"articles": 0, "events": 0, "days": 30}
    shown = json.loads(heritage("subscriptions", "show", made["id"], "--json", data=data).stdout)
    assert (shown["id"], shown["fault"], shown["deliveries"]) == (made["id"], None, {})
    assert shown["channels"][0]["secret"] is None


def test_what_is_wrong_is_said_where_it_is(data: Path) -> None:
    bad = heritage("subscribe", "museum (temple", "--webhook", HOOK, data=data)
    assert bad.returncode == 1
    assert bad.stderr.splitlines()[1:3] == ["  museum (temple", " " * 16 + "^"]
    assert "expected ')'" in bad.stderr
    assert "say where alerts go" in heritage("subscribe", "museum", data=data).stderr
    nowhere = heritage("subscribe", "museum", "--email", "desk", data=data)
    assert nowhere.returncode == 1
    assert "'desk' is no email address" in nowhere.stderr
    unknown = heritage("subscriptions", "remove", "sub-0", data=data)
    assert unknown.returncode == 1
    assert "nothing has been collected" in unknown.stderr or "no subscription begins with" in unknown.stderr


def test_what_is_ingested_then_is_told(data: Path, tmp_path: Path) -> None:
    made = json.loads(heritage("subscribe", '"dossier 2"', "--webhook", HOOK, "--json", data=data).stdout)
    for number in (2, 3):
        title, _, body = story(number)
        (tmp_path / f"{number}.txt").write_text(f"{title}\n\n{body}\n")
    done = heritage("ingest", tmp_path / "2.txt", tmp_path / "3.txt", data=data)
    assert done.returncode == 0, done.stderr
    with Wiring(load_settings(data=data)) as wiring:
        (alert,) = alerts(wiring.bus())
    assert (alert.subscription, alert.article.url) == (made["id"], (tmp_path / "2.txt").as_uri())
    assert [e.text for e in alert.matched] == ["dossier 2"]
    again = json.loads(heritage("subscribe", '"dossier 2"', "--webhook", HOOK, "--json", data=data).stdout)
    assert again["id"] != made["id"]
