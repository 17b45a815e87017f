"""The taxonomy's loader: what it holds, what it resolves, and how it tells a faulty file."""

import gzip
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.parser.classify import Classifier
from shared.taxonomy.folding import Folder
from shared.taxonomy.taxonomy import FOLDER, TaxonomyError, expand, load_taxonomy
from shared.taxonomy.towns import load_towns
from tests.shipped import shipped_taxonomy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files to break."""
    return Path(
        shutil.copytree(FOLDER, tmp_path / "taxonomy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    )


def _append(path: Path, entry: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")


def test_it_holds_all_bodies_and_types() -> None:
    taxonomy = shipped_taxonomy()
    assert len(taxonomy.alliances) == 33
    assert len(taxonomy.event_types) == 33
    assert all(each.rules for each in taxonomy.event_types.values())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ICOMOS", "icomos"),
        ("icomos", "icomos"),
        ("Blue Shield", "blue_shield"),
        ("  blue   shield international ", "blue_shield"),
        ("Asian Alliance for Cultural Heritage Conservation", "acha"),
        ("亞洲文化遺產保護聯盟", "acha"),
        ("Юнеско", "unesco"),
        ("State Administration of Cultural Heritage", "ncha"),
        ("European Heritage Alliance 3.3", "european_heritage_alliance"),
        ("Knitting Circle", None),
    ],
)
def test_names_resolve_to_todays_id(value: str, expected: str | None) -> None:
    assert shipped_taxonomy().resolve("alliance", value) == expected
    assert shipped_taxonomy().resolve("mention", value) == expected


def test_types_resolve_by_id_and_name() -> None:
    taxonomy = shipped_taxonomy()
    assert taxonomy.resolve("type", "general_assembly") == "general_assembly"
    assert taxonomy.resolve("type", "General Assembly") == "general_assembly"
    assert taxonomy.resolve("type", "icomos") is None
    assert taxonomy.resolve("place", "Paris") is None


def test_an_alliance_is_one_entry(folder: Path) -> None:
    _append(
        folder / "alliances.yaml",
        "\n- id: dry_stone\n  name: Dry Stone Wall League\n  kind: alliance\n"
        "  names: {en: [Dry Stone Wall League], fr: ['Ligue (de la |)pierre sèche']}\n",
    )
    taxonomy = load_taxonomy(folder)
    assert taxonomy.resolve("alliance", "ligue pierre seche") == "dry_stone"
    found = Classifier(taxonomy).classify(
        "Dry Stone Wall League holds its general assembly in Cork",
        "The Dry Stone Wall League met in Cork on 4 May 2025 for its third general assembly.",
        language="en",
        published=date(2025, 5, 6),
    )
    assert [(tag.id, tag.role) for tag in found.alliances] == [("dry_stone", "subject")]
    assert [tag.id for tag in found.event_types] == ["general_assembly"]
    assert found.editions == ("general_assembly:3",)


def test_words_beside_days_places_and_names_are_of_the_folder(folder: Path) -> None:
    _append(folder / "days.yaml", "\neo: {shift: {hieraŭ: -1}}\n")
    _append(folder / "locatives.yaml", "\neo: {before: [urbo]}\n")
    offices = (folder / "offices.yaml").read_text(encoding="utf-8")
    (folder / "offices.yaml").write_text(offices.replace("cased:", "cased:\n  eo: {heads: [prezidanto]}", 1))
    found = Classifier(load_taxonomy(folder)).classify(
        "",
        "ICOMOS kunvenis hieraŭ en urbo Ljubljana. Prezidanto Ana Lund parolis.",
        language="eo",
        published=date(2025, 5, 6),
    )
    assert [day.start for day in found.dates] == ["2025-05-05"]
    assert [place.name for place in found.places] == ["Ljubljana"]
    assert [(person.name, person.role) for person in found.people] == [("Ana Lund", "Prezidanto")]


@pytest.mark.parametrize("broken", [b"", b"Bern\tCH\t1\t\n", gzip.compress(b"Bern\tCH\n", mtime=0)])
def test_a_broken_gazetteer_is_named(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "towns.tsv.gz"
    for told in (lambda: path.unlink(missing_ok=True), lambda: path.write_bytes(broken)):
        told()
        with pytest.raises(TaxonomyError, match=r"towns\.tsv\.gz: "):
            load_towns(path, shipped_taxonomy().folder)


@pytest.mark.parametrize(
    ("file", "addition", "told"),
    [
        ("alliances.yaml", "\n- id: x\n  name: X\n  kind: club\n  names: {en: [X club]}\n", ["(x)", "club"]),
        ("alliances.yaml", "\n- id: x\n  name: X\n  kind: alliance\n  colour: red\n", ["(x)", "colour"]),
        ("alliances.yaml", "\n- id: x\n  name: X\n  kind: alliance\n", ["x", "no names"]),
        ("alliances.yaml", "\n- id: x\n  name: X\n  kind: alliance\n  names: {en: ['']}\n", ["x", "empty"]),
        (
            "alliances.yaml",
            "\n- id: acha\n  name: X\n  kind: alliance\n  names: {en: [X]}\n",
            ["acha", "taken"],
        ),
        ("alliances.yaml", "\n- id: [\n", ["no valid YAML"]),
        (
            "alliances.yaml",
            "\n- id: x\n  name: X\n  kind: alliance\n  names: {en: [X]}\n  related: [nobody]\n",
            ["entry x", "related", "nobody"],
        ),
        (
            "alliances.yaml",
            "\n- id: x\n  name: X\n  kind: alliance\n  names: {en: [X]}\n  periods: {Y: 2001/2004}\n",
            ["entry x", "periods", "'Y'", "historic"],
        ),
        (
            "alliances.yaml",
            "\n- id: x\n  name: X\n  kind: alliance\n  names: {en: [X]}\n  periods: {X: long ago}\n",
            ["(x)", "periods"],
        ),
        (
            "alliances.yaml",
            "\n- id: x\n  name: X\n  kind: alliance\n  names: {en: [X]}\n  members: [{since: May, who: [Y]}]\n",
            ["(x)", "since"],
        ),
        ("beside_names.yaml", "\nbelow: {}\n", ["beside_names.yaml", "below"]),
        ("role_weights.yaml", "\nheft: 1\n", ["role_weights.yaml", "heft"]),
        (
            "event_types.yaml",
            "\n- id: party\n  name: P\n  definition: d\n  family: topic\n"
            "  rules: [{name: r, all: [balloons], weight: 1}]\n",
            ["party", "balloons", "concepts.yaml"],
        ),
        ("concepts.yaml", "\nodd: [a, b]\n", ["concepts.yaml", "str"]),
        ("concepts/fr.yaml", "\nodd: [a, b]\n", ["odd", "concepts.yaml"]),
        ("concepts/fr.yaml", "\nheritage: {a: b}\n", ["array"]),
        ("places.yaml", "\nplanets: {}\n", ["places.yaml", "planets"]),
        ("sites.yaml", "\nX: {countries: [Wales], names: []}\n", ["sites.yaml", "countries"]),
        ("sites.yaml", "\nX: {countries: [GB], inscribed: 1066}\n", ["sites.yaml", "inscribed"]),
        ("institutions.yaml", "\nX: {country: GB, kind: pub}\n", ["institutions.yaml", "pub"]),
        ("days.yaml", "\nxx: {shift: {morrow: soon}}\n", ["shift", "int"]),
        ("locatives.yaml", "\nxx: {beneath: [under]}\n", ["beneath"]),
        ("offices.yaml", "\nxx: {heads: [mayor]}\n", ["xx"]),
    ],
)
def test_a_fault_names_file_entry_and_fault(folder: Path, file: str, addition: str, told: list[str]) -> None:
    _append(folder / file, addition)
    with pytest.raises(TaxonomyError) as raised:
        load_taxonomy(folder)
    for word in (file, *told):
        assert word in str(raised.value)


def test_what_is_known_of_bodies() -> None:
    bodies = shipped_taxonomy().alliances
    founding = bodies["acha"].members[0]
    assert (founding.since, founding.role, len(founding.who)) == ("2021-10-27", "member", 10)
    assert bodies["ncha"].periods["State Administration of Cultural Heritage"] == "1988/2018-03"
    assert "ncha" in bodies["acha"].related
    assert "Advisory Committee" in bodies["acha"].organs
    assert all(
        {"en", "zh"} <= each.names.keys()
        for each in bodies.values()
        if each.kind == "alliance" and each.id != "heritage_alliance_uk"
    )


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "places.yaml").unlink()
    with pytest.raises(TaxonomyError, match=r"places\.yaml"):
        load_taxonomy(folder)


def test_cities_lie_in_countries() -> None:
    places = yaml.safe_load((FOLDER / "places.yaml").read_text(encoding="utf-8"))
    codes = {city["country"] for city in places["cities"].values()} - {None}
    assert all(isinstance(code, str) and len(code) == 2 and code.isupper() for code in codes)


def test_patterns_spell_out() -> None:
    assert set(expand("colo(|u)r(s|)")) == {"colors", "color", "colours", "colour"}
    assert list(expand("Alliance (England)")) == ["Alliance (England)"]
    assert set(expand("a(b|c(d|e))")) == {"ab", "acd", "ace"}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Été", "l'ete"),
        ("a\u00a0\u00a0b\u200b", "a b"),
        ("ﬁne Straße", "fine strasse"),
        ("亞洲文化遺產(chǎn)保護", "亚洲文化遗产保护"),
        ("联盟(ACHA)大会", "联盟(acha)大会"),
        ("الإسـرائيلية", "الاسراييليه"),
        ("می‌شود ۱۲", "مي شود 12"),
        ("한국", "한국"),
        ("ガギ", "ガギ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert shipped_taxonomy().folder.key(text) == folded


@given(st.text(max_size=80))
def test_every_folded_character_leads_back(text: str) -> None:
    folder = Folder({"產": "产"})
    folded = folder.fold(text)
    last = 0
    for position in range(len(folded.text)):
        start, end = folded.span(position, position + 1)
        assert 0 <= last <= start < end <= len(text)
        last = start


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=80))
def test_folding_twice_changes_nothing(text: str) -> None:
    folder = Folder()
    assert folder.key(folder.key(text)) == folder.key(text)
