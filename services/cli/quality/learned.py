"""How well the learned weights do on the articles they were learned from, and on articles they were not learned from.

Each question has weights of its own (subjects, event types, events); the commands that learn them keep their figures
in learned.yaml, and every quality report tells them beside its own.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

FILE = Path(__file__).parent / "learned.yaml"
_HEAD = """# Figures of the learned weights on what they were learned from (`seen`) and, cross-validated, on what they were not
# (`unseen`). Written by the commands that learn them; nothing here is edited by hand.
"""


class Learned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of one question's weights, by measure, and how many articles they were learned from."""

    articles: int
    seen: Mapping[str, float]
    unseen: Mapping[str, float]


def learned_figures(path: Path = FILE) -> Mapping[str, Learned]:
    """The figures of every question. Raises ValueError naming the file and what is wrong with it."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), dict[str, Learned])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: {error}; learn the weights anew, see docs/researcher.md") from error


def keep_learned(question: str, figures: Learned, path: Path = FILE) -> None:
    """Write the figures of one question beside those of the others."""
    known = {**learned_figures(path), question: figures}
    told = {name: msgspec.to_builtins(each) for name, each in sorted(known.items())}
    path.write_text(_HEAD + yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
