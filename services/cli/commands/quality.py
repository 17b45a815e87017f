"""`heritage-wire quality`: how right the program is about labelled articles."""

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.quality.found import found
from services.cli.quality.labelled import read_labelled
from services.cli.quality.readers import Standing, read_corrected, standing
from services.cli.quality.report import Report, Row, report
from services.cli.wiring import Wiring
from services.events.documents import ARTICLES
from services.parser.classify import Classifier
from shared.corrections.keeping import Corrections
from shared.taxonomy.taxonomy import load_taxonomy


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file, a line each.")
@click.option("--errors", "errors", is_flag=True, help="Every difference, by article, below the figures.")
@click.option(
    "--corrections", "corrections", is_flag=True, help="Compare with what readers put right, first of all."
)
@with_wiring("quality")
def quality(wiring: Wiring, files: tuple[Path, ...], as_json: bool, errors: bool, corrections: bool) -> None:
    """Compare what is found in labelled articles with their labels, in figures.

    \b
    Examples:
      heritage-wire quality labelled.jsonl --errors
      heritage-wire quality --corrections

    FILE is JSON Lines, one article a line: docs/researcher.md tells the fields.
    """
    if not files and not corrections:
        raise click.UsageError("Name a FILE of labelled articles, or say --corrections.")
    try:
        sets = [read_labelled(path) for path in files]
    except ValueError as e:
        raise click.ClickException(str(e)) from e
    classifier = Classifier(load_taxonomy())
    if corrections:
        _show_standing(_standing(wiring, classifier), as_json=as_json)
    for labelled in sets:
        made = report(labelled, found(labelled.articles, classifier))
        if as_json:
            click.echo(msgspec.json.encode(made))
        else:
            _show(made, errors=errors)


def _standing(wiring: Wiring, classifier: Classifier) -> Standing:
    data_is_there(wiring)
    store = wiring.store()
    kept = Corrections(wiring.bus(), store, wiring.clock)
    return standing(read_corrected(store, kept.all()), store.count(ARTICLES), classifier)


def _show_standing(made: Standing, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(made))
        return
    if not made.corrected:
        click.echo("No corrections yet. They are made on the page of an article, or by the API.")
        return
    click.echo(f"Readers put {made.corrected} of {made.articles} articles right. Of these alone:")
    for title, fields in (("as it was found then", made.then), ("by the rules of today", made.now)):
        head = f"{'corrected':>10}{'right':>7}{'wrong':>7}{'missed':>8}{'precision':>11}{'recall':>8}"
        click.echo(f"\n  {title:<26}{head}")
        for field, row in fields.items():
            counts = f"{row.corrections:>10}{row.right:>7}{row.wrong:>7}{row.missed:>8}"
            click.echo(f"  {field:<26}{counts}{row.precision:>11.3f}{row.recall:>8.3f}")
    click.echo()


def _show(made: Report, *, errors: bool) -> None:
    click.echo(f"{made.name}: {made.articles} articles, sha256 {made.digest[:16]}")
    for name, value in made.measures.items():
        click.echo(f"  {name:<26}{value:>8.3f}" if name != "false alarms" else f"  {name:<26}{value:>8.0f}")
    for title, rows in (
        ("alliance", made.alliances),
        ("event type", made.event_types),
        ("phase", made.phases),
    ):
        _table(title, rows)
    click.echo(f"\n  {'language':<26}{'articles':>8}{'subjects':>10}{'types':>8}   (F1)")
    for language, row in made.languages.items():
        click.echo(f"  {language:<26}{row['articles']:>8.0f}{row['subject F1']:>10.3f}{row['type F1']:>8.3f}")
    click.echo(f"\n  {'learned weights':<26}{'articles':>8}{'learned from':>14}{'not seen':>10}")
    for question, each in made.learned.items():
        for measure, value in each.seen.items():
            name = f"{question}: {measure}"
            click.echo(f"  {name:<26}{each.articles:>8}{value:>14.3f}{each.unseen[measure]:>10.3f}")
    for error in made.errors if errors else ():
        click.echo(f"  {error.article}  {error.measure}: {error.says}")
    click.echo()


def _table(title: str, rows: Mapping[str, Row]) -> None:
    click.echo(f"\n  {title:<26}{'articles':>8}{'precision':>11}{'recall':>8}{'F1':>8}")
    for name, row in rows.items():
        click.echo(f"  {name:<26}{row.articles:>8}{row.precision:>11.3f}{row.recall:>8.3f}{row.f1:>8.3f}")
