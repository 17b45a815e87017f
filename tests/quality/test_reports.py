"""The short reports that event types are learned from: that they are well-formed and say every type in many ways."""

from collections import Counter

from tests.shipped import shipped_taxonomy
from training.examples import PHASES, reports

FEWEST_OF_A_TYPE = 60
BACKGROUND = "background_profile"


def test_ids_are_unique_and_labels_are_known() -> None:
    known = set(shipped_taxonomy().event_types)
    seen = Counter(each.id for each in reports())
    assert [name for name, times in seen.items() if times > 1] == []
    for each in reports():
        either = each.accept.event_types
        assert {*each.event_types, *either} <= known, each.id
        assert len(set(each.event_types)) == len(each.event_types), each.id
        assert each.text.strip(), each.id
        assert bool(each.event_types) == bool(each.phase), each.id
        assert each.phase is None or each.phase in PHASES, each.id
        assert not (each.hard_negative and each.event_types), each.id


def test_background_stands_alone() -> None:
    for each in reports():
        if BACKGROUND in each.event_types:
            assert (each.event_types, each.phase) == ((BACKGROUND,), "background"), each.id


def test_nothing_is_written_twice() -> None:
    texts = Counter((each.title, each.text) for each in reports())
    assert [text for text, times in texts.items() if times > 1] == []


def test_every_type_is_told_often() -> None:
    told = Counter(name for each in reports() for name in each.event_types)
    assert {
        name: told[name] for name in shipped_taxonomy().event_types if told[name] < FEWEST_OF_A_TYPE
    } == {}
