"""Classification of stored texts in worker processes, by the taxonomy that ships or by another one."""

from datetime import date
from pathlib import Path

from services.parser.classify import Classification, Classifier
from shared.contracts.article import Struct
from shared.taxonomy.taxonomy import load_taxonomy
from shared.workers.jobs import Jobs, job

JOBS = "services.cli.reclassify.work:jobs"
CLASSIFY = "classify"


class ToClassify(Struct, frozen=True, kw_only=True):
    """One text. `published` is a day (ISO 8601)."""

    title: str
    text: str
    language: str
    published: str | None


def jobs(folder: str) -> Jobs:
    """Load the taxonomy in `folder`; the one that ships where it is empty."""
    classifier = Classifier(load_taxonomy(Path(folder) if folder else None))

    def classify(asked: ToClassify) -> Classification:
        published = date.fromisoformat(asked.published) if asked.published else None
        return classifier.classify(asked.title, asked.text, language=asked.language, published=published)

    return {CLASSIFY: job(ToClassify, classify)}
