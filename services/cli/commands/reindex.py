"""`heritage-wire reindex`: the whole search index made anew, while writes and searches go on."""

import sys
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Self

import click

from services.cli.options import data_is_there, with_wiring
from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.indexer.reindex import AskedAlready, Request, ask, standing, withdraw
from shared.index.port import IndexUnavailable
from shared.store.port import StoreUnavailable

LOOK_EVERY = 0.2
SAY_EVERY = 5.0


@click.command()
@click.option(
    "--timeout", default=120.0, show_default=True, help="Seconds without any progress after which to give up."
)
@with_wiring("reindex")
def reindex(wiring: Wiring, timeout: float) -> None:
    """Rebuild the whole search index from the articles it keeps.

    Articles go on being indexed and searches go on being answered meanwhile. The indexer does it; if none runs, one
    is started for the while. Ctrl-C gives it up and leaves the index as it was.

    \b
    Example:
      heritage-wire reindex
    """
    data_is_there(wiring)
    started = time.monotonic()
    try:
        asked = ask(wiring.store(), wiring.clock())
    except AskedAlready as e:
        raise click.ClickException(str(e)) from e
    try:
        with _indexer(wiring) as supervisor:
            ended = _follow(wiring, asked, supervisor, timeout)
    except BaseException:
        with suppress(StoreUnavailable):  # what went wrong first is what is to be told
            withdraw(wiring.store(), asked, wiring.clock())
        raise
    _report(wiring, ended, time.monotonic() - started)


def _indexer(wiring: Wiring) -> AbstractContextManager[Supervisor | None]:
    if wiring.bus().members("indexer"):
        return nullcontext()
    click.echo("Starting indexer for the while …", err=True)
    return Supervisor(wiring.settings.data.absolute(), ["indexer"])


def _follow(wiring: Wiring, asked: Request, supervisor: Supervisor | None, timeout: float) -> Request:
    """Show how far it is until it has ended. Raises ClickException when nothing moves for `timeout` seconds."""
    last, moved = asked, time.monotonic()
    with _Progress(_searchable(wiring)) as progress:
        while last.is_open:
            time.sleep(LOOK_EVERY)
            for line in supervisor.watch() if supervisor else ():
                click.echo(line, err=True)
            now = _now(wiring, last)
            if now.id != asked.id:
                raise click.ClickException("another 'heritage-wire reindex' has taken the place of this one")
            if now != last:
                progress.show(now.done)
                last, moved = now, time.monotonic()
            if time.monotonic() - moved > timeout:
                raise click.ClickException(_stuck(last, timeout))
    return last


class _Progress:
    """Documents done: a bar on a terminal, else a line now and then."""

    def __init__(self, expected: int) -> None:
        self._bar = click.progressbar(
            length=expected or 1, label="Rebuilding", show_percent=False, show_pos=True, file=sys.stderr
        )
        self._next_line = time.monotonic() + SAY_EVERY

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if sys.stderr.isatty():
            self._bar.__exit__(*error)

    def show(self, done: int) -> None:
        if sys.stderr.isatty():
            self._bar.length = max(self._bar.length or 0, done)  # more have come since
            self._bar.update(done - self._bar.pos)
        elif done and time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + SAY_EVERY
            click.echo(f"  … {done} documents done", err=True)


def _now(wiring: Wiring, last: Request) -> Request:
    """The request as of now; while the store is away, as it was."""
    try:
        return standing(wiring.store()) or last
    except StoreUnavailable:
        return last


def _searchable(wiring: Wiring) -> int:
    """How many articles there are to do, as far as that can be said before."""
    try:
        return wiring.reader().count()
    except IndexUnavailable:  # an index that cannot be searched is one to rebuild
        return 0


def _stuck(last: Request, timeout: float) -> str:
    what = (
        "no indexer has begun the rebuild" if last.state == "asked" else f"the rebuild stands at {last.done}"
    )
    return (
        f"{what}, and nothing has moved for {timeout:g} s: given up, the index is as it was; "
        "see 'heritage-wire status' and the indexer's log, then try again"
    )


def _report(wiring: Wiring, ended: Request, seconds: float) -> None:
    if ended.state == "failed":
        raise click.ClickException(f"the index could not be rebuilt and is as it was: {ended.reason}")
    if not ended.done:
        raise click.ClickException(
            "nothing has been indexed yet, so there is nothing to rebuild; 'heritage-wire status' shows what waits"
        )
    count = wiring.reader().count()
    click.echo(f"Rebuilt the index in {seconds:.1f} s: {ended.done} documents done, {count} searchable.")
