"""The sources that ship with the program."""

from importlib import resources
from pathlib import Path

from services.crawler.sources import load_sources
from shared.contracts.messages import Source


def load_catalogue() -> tuple[Source, ...]:
    """The sources that ship with the program."""
    return load_sources(Path(str(resources.files("services.crawler") / "catalogue.yaml")))
