"""`heritage-wire reclassify`: the archive under other rules, shown before anything changes, and written when asked."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.reclassify.alerts import Matching, changed_articles
from services.cli.reclassify.comparing import Asked, compare
from services.cli.reclassify.folder import Whole, whole_taxonomy
from services.cli.reclassify.grouping import event_changes
from services.cli.reclassify.ledger import Ledger
from services.cli.reclassify.sending import Run, Stuck, Waiting, begun, finished, send, wait_for
from services.cli.reclassify.showing import lines
from services.cli.reclassify.tally import Diff, Tally
from services.cli.reclassify.work import JOBS
from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.events.documents import ARTICLES
from services.parser.bounded import processors
from services.parser.parse import PARSE_VERSION
from shared.contracts.wire import derived_id
from shared.corrections.following import Followed
from shared.query.ast import And, Query
from shared.query.parse import QueryError, parse
from shared.subscriptions import Subscriptions
from shared.taxonomy.taxonomy import Taxonomy, load_taxonomy
from shared.workers.pool import WorkerPool

SAY_EVERY = 5.0
NEEDED = ("events", "indexer", "alerter")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the archive was asked, what differs, and what that comes to."""

    asked: Asked
    ledger: Ledger
    diff: Diff
    matching: Matching
    run: Run


@click.command()
@click.argument("query", nargs=-1)
@click.option("--diff", "diff", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--apply", "apply", is_flag=True, help="Show it, then write the new labels.")
@click.option(
    "--taxonomy",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with files to take the place of the taxonomy's own, alliances.yaml say.",
)
@click.option("--since", help="Only articles from this day on: 2026-01-31, or 30d.")
@click.option(
    "--alert", is_flag=True, help="With --apply: tell subscriptions of what they would newly match."
)
@click.option("--workers", type=click.IntRange(1), help="Processes that classify  [default: one a core]")
@click.option(
    "--timeout", default=120.0, show_default=True, help="Seconds without any progress after which to give up."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_wiring("reclassify")
def reclassify(
    wiring: Wiring,
    query: tuple[str, ...],
    diff: bool,
    apply: bool,
    taxonomy: Path | None,
    since: str | None,
    alert: bool,
    workers: int | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Classify the archive again, all of it or what QUERY finds, and show what would change before anything does.

    What readers put right stays. With --apply the new labels go through the pipeline behind the news; nobody is
    alerted unless --alert says so. A run that was stopped goes on where it was when the same is asked again.

    \b
    Examples:
      heritage-wire reclassify --diff
      heritage-wire reclassify --diff --taxonomy my-taxonomy/ --since 90d
      heritage-wire reclassify --apply 'alliance:acha'
    """
    if not (diff or apply):
        raise click.UsageError("Say --diff to see what would change, or --apply to write it too.")
    if alert and not apply:
        raise click.UsageError("--alert goes with --apply: --diff tells nobody.")
    data_is_there(wiring)
    known = load_taxonomy()
    wanted = _query(wiring, known, query, since)
    with (
        whole_taxonomy(known, taxonomy) as rules,
        _compared(
            wiring,
            known,
            wanted,
            rules,
            derived_id(rules.digest, PARSE_VERSION, *query, since),
            workers,
            resumes=apply,
        ) as found,
    ):
        if as_json:
            click.echo(msgspec.json.encode(found.diff))
        else:
            for line in lines(found.diff, found.asked.taxonomy):
                click.echo(line)
        if apply:
            _apply(wiring, found, timeout, alert=alert)
            _warn_of_taxonomy(taxonomy)


def _query(wiring: Wiring, known: Taxonomy, words: tuple[str, ...], since: str | None) -> Query | None:
    now = wiring.clock()
    try:
        parts = [
            parse(text, now, known) for text in (" ".join(words), f"after:{since}" if since else "") if text
        ]
    except QueryError as e:
        raise click.ClickException(f"the query is none: {e}") from e
    return And(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


@contextmanager
def _compared(
    wiring: Wiring,
    known: Taxonomy,
    wanted: Query | None,
    rules: Whole,
    key: str,
    workers: int | None,
    *,
    resumes: bool,
) -> Iterator[Compared]:
    store = wiring.store()
    before = begun(store, key, wiring.clock()) if resumes else None
    run = before or Run(key=key, at=wiring.clock())
    if before:
        click.echo(f"Goes on where it was stopped: {before.sent} articles were sent.", err=True)
    corrections = Followed(wiring.bus())
    corrections.catch_up()
    asked = Asked(wanted, rules.taxonomy, corrections.of, run.after)
    subscriptions = Subscriptions(wiring.bus(), store, wiring.clock, names=known).all()
    matching = Matching(subscriptions, wiring.clock(), known)
    tally = Tally()
    with (
        tempfile.TemporaryDirectory(prefix="heritage-wire-reclassify-") as place,
        closing(Ledger(Path(place) / "ledger.db")) as ledger,
    ):
        with (
            closing(WorkerPool(f"{JOBS}:{rules.folder}", workers=workers or processors())) as pool,
            _Progress("Classifying", store.count(ARTICLES)) as progress,
        ):
            compare(store, pool, asked, ledger, tally, progress.add)
        with _Progress("Grouping", ledger.count_regrouping()) as progress:
            for change in event_changes(ledger, progress.add):
                tally.event(change)
        _count_alerts(wiring, ledger, asked, matching, tally)
        yield Compared(asked, ledger, tally.diff(), matching, run)


def _count_alerts(wiring: Wiring, ledger: Ledger, asked: Asked, matching: Matching, tally: Tally) -> None:
    for changed in changed_articles(wiring.store(), ledger, asked):
        if changed.before.event != changed.after.event:
            tally.moves()
        for ids, gained in zip(matching.gained_and_lost(changed), (True, False), strict=True):
            for id in ids:
                one = matching.subscriptions[id]
                tally.alert(id, one.name, one.query, changed.after.title, gained=gained)


def _apply(wiring: Wiring, found: Compared, timeout: float, *, alert: bool) -> None:
    bus, store = wiring.bus(), wiring.store()
    count = found.ledger.count_changed()
    started = time.monotonic()
    with _services(wiring, alert=alert) as supervisor, _Progress("Writing", count) as progress:
        waiting = Waiting(lambda: _watch(supervisor), timeout)
        changed = changed_articles(store, found.ledger, found.asked)
        try:
            sent = 0
            for number in send(bus, store, found.run, changed, found.matching if alert else None, waiting):
                sent += number
                progress.add(number)
            wait_for(bus, "events", "parsed", 0, waiting)
            for group in ("indexer", "alerter") if alert else ("indexer",):
                wait_for(bus, group, "articles", 0, waiting)
        except Stuck as e:
            raise click.ClickException(str(e)) from e
        progress.end()
    finished(store)
    told = "subscriptions were told" if alert else "nobody was alerted"
    click.echo(
        f"Wrote new labels of {sent} articles in {time.monotonic() - started:.1f} s; {told}.", err=True
    )


def _services(wiring: Wiring, *, alert: bool) -> AbstractContextManager[Supervisor | None]:
    missing = [name for name in NEEDED if (alert or name != "alerter") and not wiring.bus().members(name)]
    if not missing:
        return nullcontext()
    click.echo(f"Starting {', '.join(missing)} for the while …", err=True)
    return Supervisor(wiring.settings.data.absolute(), missing)


def _watch(supervisor: Supervisor | None) -> None:
    for line in supervisor.watch() if supervisor else ():
        click.echo(line, err=True)


def _warn_of_taxonomy(taxonomy: Path | None) -> None:
    if taxonomy:
        click.echo(
            f"New articles are still classified by the taxonomy that ships: install {taxonomy} where the parser "
            "runs too, or its labels go with the next parse.",
            err=True,
        )


class _Progress:
    """Articles done: a bar on a terminal, else a line now and then."""

    def __init__(self, label: str, expected: int) -> None:
        self._bar = click.progressbar(length=expected or 1, label=label, show_pos=True, file=sys.stderr)
        self._label, self._expected, self._done = label, expected, 0
        self._next_line = time.monotonic() + SAY_EVERY

    def __enter__(self) -> "_Progress":
        if sys.stderr.isatty():
            self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def add(self, number: int) -> None:
        """So many more are done."""
        self._done += number
        if sys.stderr.isatty():
            self._bar.update(number)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + SAY_EVERY
            click.echo(f"  … {self._label.lower()}: {self._done} of {self._expected}", err=True)

    def end(self) -> None:
        """All are done: what is printed next has a line of its own. May be called twice."""
        if sys.stderr.isatty() and not self._bar.finished:
            self._bar.finish()
            self._bar.render_finish()
