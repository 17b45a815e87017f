"""The quality report, on labels and answers small enough to count by hand."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from services.cli.main import commands
from services.cli.quality.labelled import read_labelled
from services.cli.quality.measures import Counts, b_cubed, by_class, compared, macro_f1, pairs_of, share

TITLE = "ICOMOS elects a president"
TEXT = (
    "ICOMOS, the International Council on Monuments and Sites, elected its new president on 3 October 2025 in "
    "Lumbini. Delegates of eighty committees took part in the vote of its General Assembly.\n\nShare this page"
)
RIGHT = {
    "id": "one",
    "language": "en",
    "title": TITLE,
    "text": TEXT,
    "date": "2025-10-04",
    "alliances": ["icomos"],
    "event_types": ["appointment_election", "general_assembly"],
    "event_instance": "vote",
    "phase": "report",
    "boilerplate_snippets": ["Share this page"],
    "must_keep": ["eighty committees"],
}


def lines(folder: Path, *rows: object) -> Path:
    path = folder / "labelled.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def reported(path: Path) -> dict[str, object]:
    ran = CliRunner().invoke(commands, ["quality", str(path), "--json"])
    assert ran.exit_code == 0, ran.output
    return dict(msgspec.json.decode(ran.stdout))


def test_counts() -> None:
    counts = compared({"a", "b", "c"}, {"a", "d", "e"}, {"c", "e"})
    assert counts == Counts(hits=1, false=1, missed=1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    assert Counts().precision == Counts().f1 == share(0, 0) == 1.0
    assert Counts(0, 2, 1).f1 == 0.0


def test_classes_are_those_that_are_right_somewhere() -> None:
    classes = by_class([("x", "x"), ("x", "y"), ("z", "z")])
    assert classes == {"x": Counts(1, 0, 1), "z": Counts(1, 0, 0)}
    assert macro_f1(classes.values()) == pytest.approx((2 / 3 + 1) / 2)


def test_b_cubed() -> None:
    truth = {"a": "x", "b": "x", "c": "y"}
    assert b_cubed([frozenset("ab"), frozenset("c")], truth) == (1.0, 1.0, 1.0)
    assert b_cubed([frozenset("abcd")], truth) == pytest.approx((5 / 12, 1.0, 10 / 17))
    assert b_cubed([], truth) == pytest.approx((1.0, 2 / 3, 0.8))


def test_pairs() -> None:
    assert pairs_of([("a", "b", "c"), ("d",)]) == {frozenset("ab"), frozenset("ac"), frozenset("bc")}


def test_an_article_that_is_read_right(tmp_path: Path) -> None:
    made = reported(lines(tmp_path, RIGHT))
    wrong = {name: value for name, value in dict(made["measures"]).items() if value != 1}  # type: ignore[call-overload]
    assert wrong == {"false alarms": 0}
    assert made["errors"] == []


def test_every_wrong_label_costs_and_is_named(tmp_path: Path) -> None:
    labels = {
        "alliances": ["wmf"],
        "not_alliances": ["icomos"],
        "event_types": ["restitution"],
        "phase": "preview",
        "event_instance": "vote",
        "evidence": [{"label": "icomos", "field": "text", "start": 200, "end": 210, "text": "x"}],
    }
    row = {
        "id": "two",
        "language": "fr",
        "title": TITLE,
        "text": TEXT,
        "published": "2025-10",
        "labels": labels,
    }
    row |= {"boilerplate_snippets": ["elected its new president"], "must_keep": ["Share this page"]}
    made = reported(lines(tmp_path, RIGHT, row))
    measures = dict(made["measures"])  # type: ignore[call-overload]
    assert measures["subject precision"] == measures["subject recall"] == 0.5
    assert measures["headline"] == measures["language"] == 0.5
    assert measures["false alarms"] == 1
    assert measures["evidence on the mark"] == 0
    assert measures["boilerplate gone"] == measures["must-keep kept"] == 0.5
    said = [(e["measure"], e["says"]) for e in made["errors"] if e["article"] == "two"]  # type: ignore[attr-defined]
    assert ("subject", "+icomos -wmf") in said
    assert ("headline", "restitution, found appointment_election") in said
    assert ("phase", "preview, found report") in said
    assert ("false alarm", "icomos") in said
    assert ("left", "elected its new president") in said
    assert ("lost", "Share this page") in said


def test_what_is_no_article_is_named_and_missed(tmp_path: Path) -> None:
    made = reported(lines(tmp_path, RIGHT | {"title": None, "text": " "}))
    measures = dict(made["measures"])  # type: ignore[call-overload]
    assert measures["subject recall"] == measures["headline"] == measures["language"] == 0
    assert any("empty" in e["says"] for e in made["errors"])  # type: ignore[attr-defined]


def test_the_table_for_people(tmp_path: Path) -> None:
    ran = CliRunner().invoke(commands, ["quality", str(lines(tmp_path, RIGHT)), "--errors"])
    assert ran.exit_code == 0, ran.output
    assert "subject precision            1.000" in ran.output
    assert "appointment_election" in ran.output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no labelled article"),
        ("{", "line 1: no labelled article"),
        ('{"id": "a", "language": "en"}\n', "line 1: no labelled article: 'file'"),
        ('{"id": "a", "language": "en", "text": "t", "alliances": 3}\n', "Expected `array`"),
        ('{"id": "a", "language": "en", "file": "gone.txt"}\n', "gone.txt"),
        ('{"id": "a", "language": "en", "text": "t"}\n' * 2, "line 2: a stands there twice"),
    ],
)
def test_a_file_that_is_none_is_told_in_words(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text(content, encoding="utf-8")
    ran = CliRunner().invoke(commands, ["quality", str(path)])
    assert ran.exit_code == 1
    assert says in ran.output
    assert "Traceback" not in ran.output


def test_the_digest_is_of_the_texts_too(tmp_path: Path) -> None:
    path = lines(tmp_path, {"id": "a", "language": "en", "file": "a.txt"})
    (tmp_path / "a.txt").write_text("One text.", encoding="utf-8")
    before = read_labelled(path).digest
    (tmp_path / "a.txt").write_text("Another text.", encoding="utf-8")
    assert read_labelled(path).digest != before


def test_dates_places_and_editions_are_counted(tmp_path: Path) -> None:
    right = {"dates": [{"start": "2025-10-03", "end": "2025-10-03"}], "places": [{"name": "Lumbini"}]}
    wrong = {
        "dates": [{"start": "2025-10-02", "end": "2025-10-03"}],
        "places": [{"name": "Kathmandu"}],
        "editions": ["21"],
    }
    rows = [RIGHT | {"facts": right}, RIGHT | {"id": "two", "facts": wrong}]
    measures = dict(reported(lines(tmp_path, *rows))["measures"])  # type: ignore[call-overload]
    figures = {
        name: measures[name]
        for name in ("date found", "date right", "date exact", "place found", "edition found")
    }
    assert figures == {
        "date found": 1,
        "date right": 1,
        "date exact": 0.5,
        "place found": 0.5,
        "edition found": 0,
    }
    assert "date found" not in dict(reported(lines(tmp_path, RIGHT))["measures"])  # type: ignore[call-overload]
