"""Classification of short made-up reports: every event type, many languages, and namesakes of the bodies."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.parser.classify import Classifier
from tests.shipped import shipped_classifier

SAMPLES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "classify_samples.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return shipped_classifier()


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["id"] for sample in SAMPLES])
def test_a_sample_gets_its_labels(classifier: Classifier, sample: dict[str, Any]) -> None:
    published: date = sample["published"]
    found = classifier.classify(sample["title"], sample["text"], language=sample["lang"], published=published)
    subjects = {tag.id for tag in found.alliances if tag.role == "subject"}
    also = subjects & set(sample.get("also", ()))
    assert subjects - also == set(sample["alliances"])
    assert set(sample.get("mentions", ())) - also <= {
        tag.id for tag in found.alliances if tag.role == "mention"
    }
    types = [tag.id for tag in found.event_types]
    assert set(sample["types"]) <= set(types)
    assert set(types) <= {*sample["types"], *sample.get("may", ())}
    assert types[:1] == sample["types"][:1]
    assert found.phase == sample.get("phase", "report" if types else "background")
