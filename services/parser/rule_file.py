"""The rules that stand as data beside the code that follows them."""

from importlib import resources
from typing import Any

import yaml


def read_rules(name: str, package: str = "services.parser") -> Any:
    """What a YAML file of a package says."""
    text = resources.files(package).joinpath(name).read_text("utf-8")
    # The loader in C, where the library has one, reads the largest in a tenth of the time; both are safe.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
