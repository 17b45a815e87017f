"""`heritage-wire sources`: listing, adding, trying out, and lists that come and go as files."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.main import commands
from services.crawler.lists import read_list, to_opml, to_yaml
from services.crawler.sources import SourcesError
from shared.contracts.messages import Source
from tests.integration.crawling import Reply, Site, item, page, rss
from tests.unit.runner_turns import Clock

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HERITAGE_WIRE_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.delenv("HERITAGE_WIRE_SAMPLE", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(commands, ["sources", *words, "--data", str(tmp_path / "data")])

    return run


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(Clock()) as site:
        yield site


def here(site: Site, path: str) -> str:
    return site.url(path, "127.0.0.1")


def test_adding_listing_switching_and_removing(run: Run) -> None:
    added = run(
        "add",
        "https://desk.example/feed?utm_source=x",
        "--name",
        "The Desk",
        "--interval",
        "10m",
        "--group",
        "press",
    )
    assert added.exit_code == 0, added.output
    assert "Added desk.example." in added.output
    (told,) = [json.loads(line) for line in run("list", "--json").output.splitlines()]
    source = told["source"]
    assert (source["id"], source["name"], source["interval"], source["groups"]) == (
        "desk.example",
        "The Desk",
        600.0,
        ["press"],
    )
    assert (told["origin"], told["state"]) == ("saved", None)
    assert run("off", "desk.example").exit_code == 0
    assert "0 sources; 1 switched off" in run("list").output
    assert "disabled" in run("list", "--all").output
    assert run("on", "desk.example").exit_code == 0
    assert "not looked at yet" in run("list").output
    assert "Its articles stay" in run("remove", "desk.example").output
    assert run("list").output == "0 sources.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "desk.example"), "only http and https"),
        (("add", "file:///etc/passwd"), "only http and https"),
        (("add", "https://d.example/", "--interval", "often"), "--interval: 'often' is no duration"),
        (("add", "https://d.example/", "--id", "a b"), "an id is letters"),
        (("remove", "nobody"), "there is no source 'nobody'"),
        (("off", "nobody"), "there is no source 'nobody'"),
        (("check", "nobody"), "there is no source 'nobody'"),
        (("import", "/no/such/file"), "No such file"),
        (("export", "/no/such/folder/x.yaml"), "No such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Run, words: tuple[str, ...], says: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


def test_the_same_address_twice_is_refused(run: Run) -> None:
    assert run("add", "https://desk.example/feed").exit_code == 0
    again = run("add", "https://desk.example/feed", "--id", "other")
    assert again.exit_code == 1
    assert "desk.example" in again.output


def test_check_says_what_is_there(run: Run, site: Site) -> None:
    site.pages["127.0.0.1/robots.txt"] = Reply("User-agent: *\nDisallow: /no/\nCrawl-delay: 8")
    site.pages["127.0.0.1/old"] = Reply(status=301, headers={"Location": "/feed"})
    dated = item("First of all", "/1", published="Mon, 02 Mar 2026 08:00:00 GMT")
    site.pages["127.0.0.1/feed"] = Reply(
        rss(dated, item("Second", "/2")), headers={"Content-Type": "application/rss+xml"}
    )
    told = run("check", here(site, "/old"))
    assert told.exit_code == 0, told.output
    for line in (
        f"redirect  {here(site, '/old')}",
        f"address   {here(site, '/feed')}",
        "robots    allows it",
        "answer    200, application/rss+xml, ",
        "manners   8 seconds between two requests to its host; looked at as often as it has news",
        "kind      feed: Desk",
        "entries   2",
        "          2026-03-02  First of all",
        "          ?           Second",
    ):
        assert line in told.output
    forbidden = run("check", here(site, "/no/feed"))
    assert forbidden.exit_code == 1
    assert "fault     the robots.txt of 127.0.0.1 does not allow it" in forbidden.output
    assert site.count("/no/feed", "127.0.0.1") == 0
    gone = run("check", here(site, "/gone"))
    assert "fault     127.0.0.1 answers 404 (not found)" in gone.output
    assert run("list").output == "0 sources.\n"


def test_discover_finds_feeds_and_tries_them(run: Run, site: Site) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/posts.xml">'
    site.pages["127.0.0.1/"] = Reply(
        f"<html><head>{head}</head><body><a href='/dead.rss'>RSS</a></body></html>",
        headers={"Content-Type": "text/html"},
    )
    site.pages["127.0.0.1/posts.xml"] = Reply(rss(item("One", "/1")))
    told = run("discover", here(site, "/"))
    assert told.exit_code == 0, told.output
    assert f"feed  {here(site, '/posts.xml')}: 1 entries · Desk" in told.output
    assert f"no    {here(site, '/dead.rss')}: 127.0.0.1 answers 404 (not found)" in told.output
    site.pages["127.0.0.1/plain"] = page("No feed and no list.")
    assert "no list of articles was found" in run("discover", here(site, "/plain")).output


def test_lists_go_out_and_come_in_again(run: Run, tmp_path: Path) -> None:
    run("add", "https://a.example/feed", "--name", "A & B", "--group", "press", "--language", "fr")
    run("add", "https://b.example/list", "--kind", "listing", "--selector", "h3 > a", "--delay", "10s")
    opml, yaml = tmp_path / "out.opml", tmp_path / "out.yaml"
    assert "1 is no feed" in run("export", str(opml)).output
    assert run("export", str(yaml)).exit_code == 0
    assert "read already" in run("import", str(yaml)).output
    for id in ("a.example", "b.example"):
        run("remove", id)
    assert run("import", str(opml)).output == "1 source added.\n"
    assert "1 source added." in run("import", str(yaml)).output
    told = [json.loads(line)["source"] for line in run("list", "--json").output.splitlines()]
    assert [(s["url"], s["name"]) for s in told] == [
        ("https://a.example/feed", "A & B"),
        ("https://b.example/list", None),
    ]
    assert (told[1]["selector"], told[1]["delay"], told[1]["kind"]) == ("h3 > a", 10.0, "listing")


OPML = """<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body><outline text="Heritage / Asia">
<outline text="Desk  News" type="rss" xmlUrl="https://desk.example/rss"/><outline text="Other" xmlUrl="https://desk.example/atom"/>
<outline text="No address"/></outline></body></opml>"""


def test_an_opml_of_a_feed_reader(tmp_path: Path) -> None:
    path = tmp_path / "reader.xml"
    path.write_text(OPML)
    one, two = read_list(path, ["desk.example"])
    assert (one.id, one.name, one.url, one.groups) == (
        "desk.example-2", "Desk News", "https://desk.example/rss", ("Heritage Asia",),
    )  # fmt: skip
    assert two.id == "desk.example-3"
    again = tmp_path / "again.opml"
    again.write_bytes(to_opml([one, two]))
    assert [(s.url, s.name) for s in read_list(again)] == [(one.url, one.name), (two.url, two.name)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<opml version='2.0'></opml>", "no feeds are named"),
        (b"<opml", "no feeds|not YAML|expected a list"),
        (b"\xff\xfe\x00", "not YAML|expected a list"),
        (b"", "expected a list"),
        (
            b'<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>',
            "no feeds",
        ),
    ],
)
def test_a_list_that_is_none_says_so(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    with pytest.raises(SourcesError, match=says):
        read_list(path)


def test_yaml_leaves_defaults_out_and_keeps_every_field(tmp_path: Path) -> None:
    full = Source(
        id="f", url="https://f.example/{query}", name="名", kind="query", query="a b", interval=60.0, delay=7.0,
        groups=("x",), language="zh", country="CN", rights="excerpt", quality="official", enabled=False,
    )  # fmt: skip
    path = tmp_path / "s.yaml"
    path.write_bytes(to_yaml([full, Source(id="g", url="https://g.example/")]))
    assert "rights: full" not in path.read_text()
    assert read_list(path) == (full, Source(id="g", url="https://g.example/"))
