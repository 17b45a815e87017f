"""Sites of heritage and institutions: under whatever name the press uses, an article names the same place or body."""

import shutil
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from services.parser.classify import Classification, Classifier
from shared.taxonomy.taxonomy import FOLDER, Taxonomy, load_taxonomy
from tests.shipped import shipped_classifier, shipped_taxonomy

DAY = date(2026, 3, 5)


@cache
def classifier() -> Classifier:
    return shipped_classifier()


def read(title: str, text: str, language: str, by: Classifier | None = None) -> Classification:
    return (by or classifier()).classify(title, text, language=language, published=DAY)


def spelt(taxonomy: Taxonomy) -> dict[str, Counter[str]]:
    """How many entries of each gazetteer bear a name, as names are compared."""
    key = taxonomy.folder.key
    return {
        kind: Counter(
            name
            for entry, each in entries.items()
            for name in {key(name.strip("*")) for name in (entry, *each.names)}
        )
        for kind, entries in (("sites", taxonomy.sites), ("institutions", taxonomy.institutions))
    }


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Works at Angkor resume", "Masons are back at Angkor since Monday.", "en"),
        ("吴哥古迹修复工程恢复", "石匠周一返回吴哥。", "zh"),
        ("В Ангкоре возобновлены работы", "Каменщики вернулись в Ангкор.", "ru"),
        ("앙코르 유적 보수 재개", "석공들이 월요일 앙코르로 돌아왔다.", "ko"),
    ],
)
def test_a_site_is_the_same_place_in_every_language(title: str, text: str, language: str) -> None:
    places = read(title, text, language).places
    assert ("Angkor", "KH") in [(each.name, each.country) for each in places]
    assert all(span.text for each in places for span in each.evidence)


def test_a_site_in_several_countries_is_in_none_of_them() -> None:
    taxonomy = shipped_taxonomy()
    name = next(name for name, site in taxonomy.sites.items() if len(site.countries) > 1)
    (found,) = [each for each in read(f"Wardens meet at {name}", "", "en").places if each.name == name]
    assert found.country is None


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Palace Museum lends bronzes", "The Palace Museum lends forty bronzes to Athens.", "en"),
        ("故宫博物院出借青铜器", "故宫博物院向雅典出借四十件青铜器。", "zh"),
    ],
)
def test_an_institution_is_one_body_in_every_language(title: str, text: str, language: str) -> None:
    named = [each for each in read(title, text, language).organisations if not each.id]
    assert [each.name for each in named] == ["Palace Museum"]
    (proof,) = named[0].evidence
    assert (title if proof.field == "title" else text)[proof.start : proof.end] == proof.text


def test_no_name_is_an_ordinary_word_or_borne_by_two() -> None:
    for kind, names in spelt(shipped_taxonomy()).items():
        assert len(names) > 1000, kind
        assert {name for name, times in names.items() if times > 1} == set(), kind
        assert {name for name in names if len(name) < 2} == set(), kind


def test_most_of_the_world_heritage_list_is_there() -> None:
    listed = [site for site in shipped_taxonomy().sites.values() if site.inscribed]
    assert len(listed) > 800
    assert len({country for site in listed for country in site.countries}) > 120


def test_a_site_and_an_institution_are_added_by_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "taxonomy"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, line in (
        ("sites.yaml", "Quibblemoor Stones: {countries: [GB], names: [奎布尔石阵]}\n"),
        ("institutions.yaml", "Quibblemoor Centre: {country: GB, kind: institute, names: [奎布尔中心]}\n"),
    ):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(line)
    found = read("奎布尔中心修复奎布尔石阵", "", "zh", Classifier(load_taxonomy(folder)))
    assert [(each.name, each.country) for each in found.places] == [("Quibblemoor Stones", "GB")]
    assert [each.name for each in found.organisations] == ["Quibblemoor Centre"]
