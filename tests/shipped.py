"""What ships with the program and never changes, loaded once by each process of the tests."""

from functools import cache

from services.parser.classify import Classifier
from shared.taxonomy.taxonomy import Taxonomy, load_taxonomy


@cache
def shipped_taxonomy() -> Taxonomy:
    """The taxonomy."""
    return load_taxonomy()


@cache
def shipped_classifier() -> Classifier:
    """The classifier with the learned weights."""
    return Classifier(shipped_taxonomy())
