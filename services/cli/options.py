"""What every command has in common: its `--data`, its settings, and errors said in words."""

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from services.cli.engines import LOCAL, WiringError, check_index
from services.cli.wiring import Wiring
from services.crawler.sources import SourcesError
from shared.bus.port import BusError
from shared.index.port import SearchIndexError
from shared.settings import SettingsError, load_settings
from shared.store.port import StoreError
from shared.taxonomy.taxonomy import TaxonomyError

EXPECTED = (SettingsError, WiringError, SourcesError, BusError, StoreError, SearchIndexError, TaxonomyError)


def with_wiring(name: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A command that gets a `Wiring`; `--data` and the expected errors are taken care of."""

    def decorate(function: Callable[..., Any]) -> Callable[..., None]:
        @click.option(
            "--data",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder of the embedded engines' data  [default: HERITAGE_WIRE_DATA, else ./data]",
        )
        @functools.wraps(function)
        def command(*args: Any, data: Path | None, **options: Any) -> None:
            try:
                with Wiring(load_settings(data=data)) as wiring:
                    code = function(wiring, *args, **options)
            except EXPECTED as e:
                raise click.ClickException(" ".join(str(e).splitlines())) from e
            except BrokenPipeError:
                # The reader, `head` for example, has seen enough. Nothing more may be written, not even at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                code = 0
            if code:
                raise click.exceptions.Exit(code)

        command.__name__ = name
        return command

    return decorate


def data_is_there(wiring: Wiring) -> None:
    """Refuse, with what to do, when no data folder is there to read from, or the servers keep us from reading."""
    folder = wiring.settings.data
    if wiring.settings.bus == LOCAL and not (folder / "bus").is_dir():
        raise click.ClickException(
            f"nothing has been collected yet in {folder.absolute()}. "
            "Start with 'heritage-wire up' or 'heritage-wire ingest FILE', or name the folder with --data."
        )
    check_index(wiring.settings, writes=False)
