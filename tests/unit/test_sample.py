"""The texts of the sample press: many languages, in good typography, in our own words, and what is expected of them."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.sample.press import FOLDER, Article, PressError, load_press
from tests.conftest import OUTSIDE
from tests.sample_press import expected, furniture, press
from tests.shipped import shipped_taxonomy

ARTICLES = tuple(press().articles.values())
# Names of vocabularies, not addresses that anybody would visit.
VOCABULARIES = {
    "https://schema.org",
    "https://schema.org/BreadcrumbList",
    "https://ogp.me/ns",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/rss/1.0/",
    "http://webns.net/mvcb/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns",
    "http://www.w3.org/2005/Atom",
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd",
}
# Eight words; scripts written without spaces count by the character, of which a word takes about two.
WORDS, CHARACTERS = 8, 16
# Names that anybody must write as they are; each counts as one word.
NAMES = (
    "Alliance for Cultural Heritage in Asia",
    "Alliance pour le patrimoine culturel en Asie",
    "Administration nationale du patrimoine culturel",
    "Alleanza per il patrimonio culturale in Asia",
    "Aliança para a Proteção do Património Cultural da Ásia",
    "Alianza para el Patrimonio Cultural en Asia",
    "Aliansi Kerja Sama Warisan Dunia Negara Anggota RCEP",
)
UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
LATIN = ["en", "fr", "es", "it", "de", "pt", "id", "vi", "pl", "nl"]
# What must not stand in a text of the language, and why.
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "fr": ((r"(?<![\u00a0\u202f])[;?!»]|«(?![\u00a0\u202f])|(?<![\u00a0\d]):", "a sign without its narrow space"),),
    "zh": ((r"(?<=[\u4e00-\u9fff])[,;:?!()]|[,;:?!()](?=[\u4e00-\u9fff])", "a narrow sign in Chinese"),),
    "ja": ((r"(?<=[\u3040-\u9fff])[,.;:?!()]|[,.;:?!()](?=[\u3040-\u9fff])", "a narrow sign in Japanese"),),
    "ar": ((r"(?<=[\u0620-\u064a])[,;?]|\d\s*%", "a Latin sign in Arabic"),),
    "fa": ((r"[,;?]|[0-9]|[\u0660-\u0669]|[\u064a\u0643]", "a Latin or Arabic sign in Persian"),),
    "ur": ((r"(?<=[\u0620-\u06d3])[,;?.](?!\w)|[\u064a\u0643]", "a Latin or Arabic sign in Urdu"),),
    "hi": ((r"(?<=[\u0900-\u0963])\.(?!\w)", "a full stop for a danda"),),
    "ko": ((r"[。，、]", "a Chinese sign in Korean"),),
    "ru": ((r"\s-\s|(?<!\u00a0)—", "a hyphen for a dash, or a dash that may begin a line"),),
    "el": ((r"\?", "a Latin question mark in Greek"),),
    "de": ((r"“(?=\w)|”", "quotation marks of another language"),),
    "pl": ((r"“|\s-\s", "quotation marks of another language"),),
}  # fmt: skip
FAULTS["zh-Hant"] = (*FAULTS["zh"], (r"[“”‘’]", "quotation marks of the mainland"))
ENDS = {"zh": "。", "zh-Hant": "。", "ja": "。", "hi": "।", "ur": "۔"}


def text_of(article: Article) -> str:
    return "\n".join((article.title, article.deck, *article.body))


def prose(article: Article) -> str:
    """All that the article's author wrote."""
    return "\n".join((text_of(article), article.caption, *article.tags, *article.others))


def body_words(text: str) -> int:
    """A word count that is fair to scripts without spaces: two characters count as one word, in Thai four."""
    thai = len(re.findall("[\u0e00-\u0e7f]", text))
    unspaced = len(re.findall(f"[{UNSPACED}]", text)) - thai
    return len(re.sub(f"[{UNSPACED}]", "", text).split()) + unspaced // 2 + thai // 4


def runs(text: str) -> set[tuple[str, ...]]:
    """Runs of words, or of characters in scripts without spaces, with case and punctuation laid aside."""
    text = text.replace("’", "'")
    for i, name in enumerate(NAMES):
        text = re.sub(r"\s+".join(name.split()), f"name{i}", text, flags=re.IGNORECASE)
    parts = re.findall(rf"[{UNSPACED}]|[^\W{UNSPACED}]+", text.casefold())
    words = {tuple(parts[i : i + WORDS]) for i in range(len(parts) - WORDS + 1)}
    characters = {tuple(parts[i : i + CHARACTERS]) for i in range(len(parts) - CHARACTERS + 1)}
    unspaced = re.compile(f"[{UNSPACED}]")
    return {run for run in words if not all(map(unspaced.fullmatch, run))} | characters


def test_every_article_has_its_expectations() -> None:
    assert expected().keys() == press().articles.keys()


def test_there_is_enough_to_see() -> None:
    assert len(ARTICLES) >= 44
    assert len({a.language for a in ARTICLES}) >= 10
    assert {a.direction for a in ARTICLES} == {"ltr", "rtl"}
    rows = expected()
    acha = [a for a in ARTICLES if rows[a.id]["alliances"] == ["acha"]]
    assert len(acha) >= 10
    assert len({a.language for a in acha}) >= 6
    assert len({rows[a.id]["event"] for a in acha}) >= 3
    bodies = Counter(id for row in rows.values() for id in row["alliances"])
    assert bodies.keys() >= {
        "acha",
        "icomos",
        "iccrom",
        "icom",
        "aliph",
        "blue_shield",
        "unesco_whc",
        "europa_nostra",
    }
    assert bodies.keys() >= {"unesco", "wmf", "aktc", "owhc", "icesco", "awhf"}
    phases = Counter(row["phase"] for row in rows.values())
    assert phases.keys() == {"preview", "report", "followup", "background", None}
    assert len({row["event_types"][0] for row in rows.values() if row["event_types"]}) >= 12
    assert sum(not row["event_types"] for row in rows.values()) >= 5
    assert sum(bool(row["event_types"]) and not row["alliances"] for row in rows.values()) >= 3


def test_some_events_are_told_by_many() -> None:
    told: dict[str, set[str]] = defaultdict(set)
    phases: dict[str, set[str]] = defaultdict(set)
    for article in ARTICLES:
        row = expected()[article.id]
        if row["event"]:
            told[row["event"]].add(article.language)
            phases[row["event"]].add(row["phase"])
    assert len(told["acha-ga2-chongqing-2025-11"]) >= 6
    assert phases["acha-ga2-chongqing-2025-11"] == {"preview", "report", "followup"}
    assert len(told["whc-46com-delhi-2024-07"]) >= 4


def test_the_late_article_has_an_event_to_itself() -> None:
    (late,) = (a for a in ARTICLES if a.published is None)
    row = expected()[late.id]
    assert row["alliances"] == ["acha"]
    assert [id for id, other in expected().items() if other["event"] == row["event"]] == [late.id]


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_expectations_are_about_what_the_article_says(article: Article) -> None:
    row = expected()[article.id]
    text = text_of(article)
    if article.correction:
        text = text.replace(article.correction.wrong, article.correction.right)
    assert len(row["keep"]) >= 2
    for kept in row["keep"]:
        assert kept in text, kept
        assert not any(kept in gone or gone in kept for gone in furniture(article)), kept
    assert not set(row["alliances"]) & set(row["mentions"])
    assert {*row["alliances"], *row["mentions"]} <= set(shipped_taxonomy().alliances)
    assert set(row["event_types"]) <= set(shipped_taxonomy().event_types)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_an_article_has_the_length_of_one(article: Article) -> None:
    assert 110 <= body_words(" ".join(article.body)) <= 420
    assert len(article.body) >= 4
    assert article.deck
    assert article.tags
    assert article.authors


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_typography_is_that_of_the_language(article: Article) -> None:
    text = prose(article)
    lines = text.split("\n")
    assert [line for line in lines if line != line.strip() or re.search(r"  |\.\.\.|--", line)] == []
    if article.language not in ("ja", "zh", "zh-Hant"):
        assert not re.findall(r"[\uff01-\uff5e\u3000]", text)
    assert not re.findall(r"[\"'`´]", text), "straight quotation marks"
    for pattern, fault in FAULTS.get(article.language, ()):
        found = [text[max(0, m.start() - 12) : m.end() + 12] for m in re.finditer(pattern, text)]
        assert not found, fault
    for paragraph in article.body:
        end = ENDS.get(article.language)
        if not paragraph.startswith("## ") and (end or article.language in LATIN):
            assert paragraph.rstrip("”»’“」").endswith(tuple(end or ".?!")), paragraph[-20:]


def test_the_syndicated_copy_is_nearly_the_same_and_nothing_else_is() -> None:
    """Of the shorter text's runs, a copy shares most; two reports in the same words share few."""
    texts = {a.id: runs(text_of(a)) for a in ARTICLES}
    group = {id: row["near_duplicate"] for id, row in expected().items()}
    copies = [id for id, label in group.items() if label]
    assert len(copies) == 2
    assert len({press().articles[id].outlet for id in copies}) == 2
    for a, b in combinations(texts, 2):
        shared = len(texts[a] & texts[b]) / min(len(texts[a]), len(texts[b]))
        assert (shared > 0.4) == ({a, b} == set(copies)), (a, b, shared)


def test_only_reserved_hosts() -> None:
    """Addresses and mailboxes all lie under .example (RFC 2606)."""
    files = [p for p in FOLDER.rglob("*") if p.is_file()]
    assert len(files) > 60
    for path in files:
        text = path.read_text(encoding="utf-8")
        for address in re.findall(r"https?://[^\s\"'<>)#`]+", text):
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
    for article in ARTICLES:
        ours.update(dict.fromkeys(runs(text_of(article)), article.id))
    taken = [
        (name, ours[run], " ".join(run)) for name, text in foreign() for run in runs(text) if run in ours
    ]
    assert not taken


GOOD = """---
path: a/
language: en
section: world
title: T
deck: D
authors: [A]
caption: C
credit: X
tags: [t]
published: 2026-01-01T00:00:00+00:00
---
One.

Two.
"""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (GOOD.replace("title: T\n", ""), "title"),
        (GOOD.replace("title: T", "titel: T"), "titel"),
        (GOOD.replace("language: en", "language: xx"), "no words in 'xx'"),
        (GOOD.replace("section: world", "section: nowhere"), "no section 'nowhere'"),
        (GOOD.replace("\n---\n", "\n"), "front matter"),
        (
            GOOD.replace("caption: C", "correction: {wrong: Three, right: Four, note: N}\ncaption: C"),
            "must stand in the text",
        ),
        (GOOD.replace("title: T", "title: ["), "T.md"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "outlets").symlink_to(FOLDER / "outlets")
    (tmp_path / "labels.yaml").symlink_to(FOLDER / "labels.yaml")
    (tmp_path / "articles" / "lantern").mkdir(parents=True)
    file = tmp_path / "articles" / "lantern" / "T.md"
    file.write_text(GOOD)
    assert load_press(tmp_path).articles["T"].body == ("One.", "Two.")
    file.write_text(text)
    with pytest.raises(PressError, match=re.escape(wrong)) as told:
        load_press(tmp_path)
    assert "T.md" in str(told.value)
