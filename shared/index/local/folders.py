"""Which folder is searched now. A rebuild makes the next one beside it; then one atomic rename switches."""

import os
import re
import shutil
from pathlib import Path

from shared.index.local.schema import SEARCH_VERSION

POINTER = "current"
NAME = re.compile(r"search-v(\d+)-(\d+)")


def current_name(folder: Path) -> str | None:
    """The name of the folder that is searched, or None while there is none."""
    try:
        return (folder / POINTER).read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None


def is_of_today(name: str) -> bool:
    """Whether this program's fields and analysis are those the folder was made with."""
    match = NAME.fullmatch(name)
    return match is not None and int(match[1]) == SEARCH_VERSION


def make_next(folder: Path) -> Path:
    """A new, empty search folder with the next number. Raises OSError."""
    numbers = [int(match[2]) for entry in folder.iterdir() if (match := NAME.fullmatch(entry.name))]
    made = folder / f"search-v{SEARCH_VERSION}-{max(numbers, default=0) + 1}"
    made.mkdir()
    return made


def switch(folder: Path, to: Path) -> None:
    """Search `to` from now on, and remove the others; who still reads them keeps them open. Raises OSError."""
    waiting = folder / f"{POINTER}.next"
    with waiting.open("w", encoding="ascii") as file:
        file.write(to.name)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(folder / POINTER)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    remove_others(folder, to.name)


def remove_others(folder: Path, keep: str) -> None:
    """Remove search folders that were switched away from, or never finished."""
    for entry in list(folder.iterdir()):
        if NAME.fullmatch(entry.name) and entry.name != keep:
            shutil.rmtree(entry, ignore_errors=True)
