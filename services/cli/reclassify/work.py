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
    """One text; `folder` holds the taxonomy, empty for the one that ships. `published` is a day (ISO 8601)."""

    title: str
    text: str
    language: str
    published: str | None
    folder: str = ""


def jobs() -> Jobs:
    """Load what ships; another taxonomy is loaded when it is first asked for."""
    classifiers = {"": Classifier(load_taxonomy())}

    def classify(asked: ToClassify) -> Classification:
        if asked.folder not in classifiers:
            classifiers[asked.folder] = Classifier(load_taxonomy(Path(asked.folder)))
        published = date.fromisoformat(asked.published) if asked.published else None
        return classifiers[asked.folder].classify(
            asked.title, asked.text, language=asked.language, published=published
        )

    return {CLASSIFY: job(ToClassify, classify)}
