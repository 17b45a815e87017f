"""Another taxonomy: the files of a folder over those that ship, so that one changed file is enough."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from shared.taxonomy.taxonomy import FOLDER, Taxonomy, TaxonomyError, load_taxonomy
from shared.taxonomy.towns import load_towns

CODE = ("*.py", "__pycache__")


@dataclass(frozen=True, slots=True)
class Whole:
    """A taxonomy, where all its files lie (empty for the one that ships), and their digest."""

    folder: str
    digest: str
    taxonomy: Taxonomy


@contextmanager
def whole_taxonomy(shipped: Taxonomy, folder: Path | None) -> Iterator[Whole]:
    """The taxonomy that ships with the files of `folder` in the place of its own.

    Raises TaxonomyError for a folder without data files, or with faulty ones.
    """
    if folder is None:
        yield Whole("", _digest(FOLDER), shipped)
        return
    if not any(path.is_file() and path.suffix != ".py" for path in folder.rglob("*")):
        raise TaxonomyError(f"{folder}: holds no file of a taxonomy, such as alliances.yaml")
    with tempfile.TemporaryDirectory(prefix="heritage-wire-taxonomy-") as whole:
        shutil.copytree(FOLDER, whole, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*CODE))
        shutil.copytree(folder, whole, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*CODE))
        try:
            taxonomy = load_taxonomy(Path(whole))
            load_towns(taxonomy.towns, taxonomy.folder)
        except TaxonomyError as e:
            raise TaxonomyError(str(e).replace(whole, str(folder))) from e
        yield Whole(whole, _digest(Path(whole)), taxonomy)


def _digest(folder: Path) -> str:
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:24]
