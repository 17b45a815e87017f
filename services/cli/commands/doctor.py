"""`heritage-wire doctor`: is everything there that is needed, and what to do where it is not."""

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from services.cli.engines import LOCAL, check_index, index_address
from services.cli.options import EXPECTED, with_wiring
from services.cli.wiring import Wiring
from shared.status import GROUPS, by_state, waiting

LEAST_FREE = 1024**3
Check = Callable[[Wiring], str]


class Problem(Exception):
    """Something is missing or wrong; says what to do."""


@click.command()
@with_wiring("doctor")
def doctor(wiring: Wiring) -> int:
    """Check this machine and this installation.

    \b
    Example:
      heritage-wire doctor
    """
    wrong: list[str] = []
    for name, check in CHECKS.items():
        if NEEDS.get(name) in wrong:
            click.echo(f"-        {name}: not looked at, for it needs the {NEEDS[name]}")
            continue
        try:
            click.echo(f"ok       {name}: {check(wiring)}")
        except (Problem, *EXPECTED) as e:
            wrong.append(name)
            click.echo(f"{click.style('problem', fg='red')}  {name}: {' '.join(str(e).splitlines())}")
    click.echo("Everything is in order." if not wrong else f"{len(wrong)} to look at.")
    return 1 if wrong else 0


def _python(_wiring: Wiring) -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"


def _sqlite(_wiring: Wiring) -> str:
    if sqlite3.sqlite_version_info < (3, 35):
        raise Problem(
            f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed; update the system's"
        )
    return sqlite3.sqlite_version


def _data(wiring: Wiring) -> str:
    folder = wiring.settings.data.absolute()
    there = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as e:
        raise Problem(f"{there} cannot be written ({e.strerror}): choose another folder with --data") from e
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        raise Problem(
            f"only {free // 1024**2} MiB are free in {there}: at least {LEAST_FREE // 1024**2} are needed"
        )
    return f"{folder}, {free // 1024**3} GiB free"


def _locks(wiring: Wiring) -> str:
    import fcntl

    there = next(
        p for p in (wiring.settings.data.absolute(), *wiring.settings.data.absolute().parents) if p.exists()
    )
    with tempfile.NamedTemporaryFile(dir=there) as one, Path(one.name).open("rb") as other:
        fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return "work"
    raise Problem(f"the file system of {there} does not keep locks apart: choose a local disk with --data")


def _rules(_wiring: Wiring) -> str:
    from shared.taxonomy.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    return f"{len(taxonomy.alliances)} alliances, {len(taxonomy.event_types)} event types"


def _models(_wiring: Wiring) -> str:
    from services.parser.language import detect

    found = detect("La conservation du patrimoine demande du temps, de la patience et de la méthode.", None)
    if found != "fr":
        raise Problem(f"language detection calls a French sentence {found!r}: install the package anew")
    return "language detection works"


def _bus(wiring: Wiring) -> str:
    if wiring.settings.bus == LOCAL:
        return LOCAL
    for group in GROUPS:
        wiring.bus().members(group)
    return f"{wiring.settings.bus} lets us work, and its topics are as they should be"


def _index(wiring: Wiring) -> str:
    if wiring.settings.index == LOCAL:
        return LOCAL
    check_index(wiring.settings, writes=True, thorough=True)
    return f"{index_address(wiring.settings)} lets us read and write"


def _sources(wiring: Wiring) -> str:
    sources = wiring.sources()
    gone = [s for s in sources if s.kind == "folder" and not Path(s.path or "").is_dir()]
    if gone:
        raise Problem(f"source {gone[0].id}: there is no folder {gone[0].path}")
    return f"{len(sources)} configured"


def _is_new(wiring: Wiring) -> bool:
    return wiring.settings.bus == LOCAL and not (wiring.settings.data / "bus").is_dir()


def _services(wiring: Wiring) -> str:
    if _is_new(wiring):
        return "nothing has run here yet"
    running = [group for group in GROUPS if wiring.bus().members(group)]
    lags = {group: sum(pair) for group, pair in waiting(wiring.bus()).items() if sum(pair)}
    if lags and not running:
        told = ", ".join(f"{n} for {group}" for group, n in lags.items())
        raise Problem(f"none runs, and messages wait ({told}): start them with 'heritage-wire up'")
    return f"running: {', '.join(running) or 'none, and nothing waits'}"


def _articles(wiring: Wiring) -> str:
    if _is_new(wiring):
        return "none yet"
    return f"{wiring.reader().count()} articles searchable, {sum(by_state(wiring.store()).values())} documents known"


CHECKS: dict[str, Check] = {
    "Python": _python,
    "SQLite": _sqlite,
    "data folder": _data,
    "file locks": _locks,
    "rules": _rules,
    "models": _models,
    "bus": _bus,
    "index": _index,
    "sources": _sources,
    "services": _services,
    "articles": _articles,
}
NEEDS = {"sources": "index", "services": "bus", "articles": "index"}
