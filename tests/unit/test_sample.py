"""The sample documents: whole, labelled as samples, and in our own words."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import lxml.html
import pytest

from tests.conftest import OUTSIDE

SAMPLE = Path(str(files("services.crawler") / "sample"))
PRESS = SAMPLE / "press"
KINDS = {".html": 17, ".txt": 5, ".xml": 2}
# Names of vocabularies, not addresses that anybody would visit.
VOCABULARIES = {
    "https://schema.org",
    "https://ogp.me/ns#",
    "http://purl.org/rss/1.0/modules/content/",
    "http://www.w3.org/2005/Atom",
}
GENERATOR = "Heritage Wire sample"
# Eight words; scripts written without spaces count by the character, of which a word takes about two.
WORDS, CHARACTERS = 8, 16
# Names that anybody must write as they are; each counts as one word.
NAMES = (
    "Alliance for Cultural Heritage in Asia",
    "Alliance pour le patrimoine culturel en Asie",
    "Administration nationale du patrimoine culturel",
    "Alleanza per il patrimonio culturale in Asia",
    "Aliança para a Proteção do Património Cultural da Ásia",
    "Aliansi Kerja Sama Warisan Dunia Negara Anggota RCEP",
)
UNSPACED = "\u3040-\u30ff\u3400-\u9fff"


@cache
def expected() -> tuple[dict[str, Any], ...]:
    lines = (SAMPLE / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def documents() -> list[Path]:
    return sorted(p for p in PRESS.iterdir() if p.suffix in KINDS)


def named(path: Path) -> list[dict[str, Any]]:
    """The expectations of one file."""
    return [row for row in expected() if row["file"].partition("#")[0] == path.name]


def html_text(html: str) -> str:
    """All visible words of a page or fragment, furniture included."""
    tree = lxml.html.fromstring(html)
    for hidden in tree.iter("script", "style"):
        hidden.text = None
    return " ".join(" ".join(str(part) for part in tree.itertext()).split())


def entries(path: Path) -> dict[str, dict[str, Any]]:
    """The entries of a feed by link, each with its title and the words of its content."""
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo, (path.name, feed.get("bozo_exception"))
    return {e.link: {"title": e.title, "text": html_text(e.content[0].value)} for e in feed.entries}


def visible(row: dict[str, Any]) -> str:
    """The words a reader of the listed document sees."""
    name, _, link = row["file"].partition("#")
    path = PRESS / name
    if link:
        entry = entries(path)[link]
        return f"{entry['title']} {entry['text']}"
    raw = path.read_text(encoding="utf-8")
    return html_text(raw.partition("\n")[2]) if path.suffix == ".html" else " ".join(raw.split())


def body_words(text: str) -> int:
    """A word count that is fair to scripts without spaces: two characters count as one word."""
    unspaced = len(re.findall(f"[{UNSPACED}]", text))
    return len(re.findall(rf"[^\W{UNSPACED}]+", text)) + unspaced // 2


def runs(text: str) -> set[tuple[str, ...]]:
    """Runs of words, or of characters in scripts without spaces, with case and punctuation laid aside."""
    for i, name in enumerate(NAMES):
        text = re.sub(r"\s+".join(name.split()), f"name{i}", text, flags=re.IGNORECASE)
    parts = re.findall(rf"[{UNSPACED}]|[^\W{UNSPACED}]+", text.casefold())
    words = {tuple(parts[i : i + WORDS]) for i in range(len(parts) - WORDS + 1)}
    characters = {tuple(parts[i : i + CHARACTERS]) for i in range(len(parts) - CHARACTERS + 1)}
    unspaced = re.compile(f"[{UNSPACED}]")
    return {run for run in words if not all(map(unspaced.fullmatch, run))} | characters


def test_every_document_is_listed_and_every_line_names_one() -> None:
    assert Counter(p.suffix for p in documents()) == KINDS
    listed = {row["file"].partition("#")[0] for row in expected()}
    assert listed == {p.name for p in documents()}
    assert len({row["file"] for row in expected()}) == len(expected())
    for path in documents():
        if path.suffix == ".xml":
            links = {row["file"].partition("#")[2] for row in named(path)}
            assert links == set(entries(path)), path.name


def test_nothing_else_lies_in_the_folder() -> None:
    assert {p.name for p in SAMPLE.iterdir()} == {"README.md", "expected.jsonl", "press"}
    assert sorted(PRESS.iterdir()) == documents()


@pytest.mark.parametrize("path", [p for p in documents() if p.suffix == ".html"], ids=lambda p: p.name)
def test_a_page_says_what_it_is(path: Path) -> None:
    (row,) = named(path)
    tree = lxml.html.fromstring(path.read_bytes())
    metas = {m.get("name") or m.get("property"): m.get("content") for m in tree.iterfind(".//meta")}
    assert metas["generator"] == GENERATOR
    assert [link.get("href") for link in tree.iterfind(".//link[@rel='canonical']")] == [row["url"]]
    assert [h.text for h in tree.iterfind(".//h1")] == [row["title"]]
    assert tree.get("lang") == row["language"]
    dates = [metas[name] for name in ("article:published_time", "DC.date.issued") if name in metas]
    for block in tree.iterfind(".//script[@type='application/ld+json']"):
        told = json.loads(block.text or "")
        assert (told["headline"], told["mainEntityOfPage"]) == (row["title"], row["url"])
        dates.append(told["datePublished"])
    assert dates == [row["published"]]
    assert GENERATOR not in html_text(path.read_text(encoding="utf-8"))


def test_the_feeds_say_what_they_are_and_carry_their_entries_in_full() -> None:
    for path in documents():
        if path.suffix == ".xml":
            feed = feedparser.parse(path.read_bytes())
            assert feed.feed.generator == GENERATOR
            assert all(120 <= body_words(e["text"]) <= 300 for e in entries(path).values()), path.name


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_expectations_are_about_what_the_document_says(row: dict[str, Any]) -> None:
    seen = visible(row)
    for part in (*row["keep"], *row["furniture"], row["title"]):
        assert unescape(" ".join(part.split())) in seen, part
    for kept in row["keep"]:
        assert not any(kept in gone or gone in kept for gone in row["furniture"]), kept
    assert len(row["keep"]) >= 2
    assert row["furniture"]
    assert datetime.fromisoformat(row["published"])
    assert not set(row["alliances"]) & set(row["mentions"])


def test_documents_have_the_length_of_an_article() -> None:
    for row in expected():
        if "#" not in row["file"]:
            assert 250 <= body_words(visible(row)) <= 650, row["file"]


def test_many_languages_and_one_event_told_in_several() -> None:
    assert len({row["language"].partition("-")[0] for row in expected()}) >= 8
    told: dict[str, set[str]] = {}
    phases: dict[str, set[str]] = {}
    for row in expected():
        told.setdefault(row["event"], set()).add(row["language"])
        phases.setdefault(row["event"], set()).add(row["phase"])
    assert {"en", "fr"} <= told["acha-ga2-chongqing-2025-11"]
    assert {"preview", "report"} <= phases["acha-ga2-chongqing-2025-11"]
    assert any(not row["alliances"] and row["event_types"] for row in expected())


def test_the_syndicated_copy_is_nearly_the_same_and_nothing_else_is() -> None:
    """Of the shorter text's runs, a copy shares most; two reports in the same words share few."""
    texts = {row["file"]: runs(visible(row)) for row in expected()}
    group = {row["file"]: row["near_duplicate"] for row in expected()}
    copies = [name for name, label in group.items() if label]
    assert len(copies) == 2
    for a in texts:
        for b in texts:
            if a < b:
                shared = len(texts[a] & texts[b]) / min(len(texts[a]), len(texts[b]))
                assert (shared > 0.4) == ({a, b} == set(copies)), (a, b, shared)


def test_only_reserved_hosts() -> None:
    """Addresses and mailboxes all lie under .example (RFC 2606)."""
    for path in (*documents(), SAMPLE / "README.md", SAMPLE / "expected.jsonl"):
        text = unescape(path.read_text(encoding="utf-8"))
        for address in re.findall(r"https?://[^\s\"'<>)`]+", text):
            if address not in VOCABULARIES:
                assert (urlsplit(address).hostname or "").endswith(".example"), (path.name, address)
        for host in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text):
            assert host.endswith(".example"), (path.name, host)


def foreign() -> Iterator[tuple[str, str]]:
    """Texts that are not ours: the seeds, the labelled articles and the pages for extraction."""
    for path in sorted((OUTSIDE / "seeds").glob("*.txt")):
        yield path.name, path.read_text(encoding="utf-8")
    articles = OUTSIDE / "devset" / "articles.jsonl"
    if articles.is_file():
        for line in articles.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            yield article["id"], f"{article['title'] or ''}\n{article['text']}"
    for path in sorted((OUTSIDE / "devset" / "pages" / "html").glob("*.gz"))[:50]:
        yield path.name, gzip.decompress(path.read_bytes()).decode(errors="replace")


def test_no_sentence_is_taken_from_elsewhere() -> None:
    if not (OUTSIDE / "seeds").is_dir() or not (OUTSIDE / "devset").is_dir():
        pytest.skip("the labelled texts to compare with (../shared/seeds, ../shared/devset) are not here")
    ours: dict[tuple[str, ...], str] = {}
    for row in expected():
        ours.update(dict.fromkeys(runs(visible(row)), row["file"]))
    taken = [
        (name, ours[run], " ".join(run)) for name, text in foreign() for run in runs(text) if run in ours
    ]
    assert not taken
