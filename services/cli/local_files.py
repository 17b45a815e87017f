"""Files that a command was given: which they are, and what one is by its bytes."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|article|div|p|h1|!--)", re.IGNORECASE
)


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those under the folders named, in the order of their names; hidden ones are passed over."""
    for path in paths:
        if path.is_dir():
            yield from (
                p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p.relative_to(path))
            )
        elif path.exists():
            yield path
        else:
            raise click.UsageError(f"{path}: no such file or folder")


def media_type_by_content(content: bytes) -> str:
    """PDF or HTML when it begins like one, else plain text."""
    if content.lstrip()[:5] == b"%PDF-":
        return "application/pdf"
    return "text/html" if _MARKUP.match(content[:1000]) else "text/plain"


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
