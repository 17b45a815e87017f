"""`heritage-wire quality`: how right the program is about labelled articles."""

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from services.cli.quality.found import found
from services.cli.quality.labelled import read_labelled
from services.cli.quality.report import Report, Row, report
from services.parser.classify import Classifier
from shared.taxonomy.taxonomy import load_taxonomy


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file, a line each.")
@click.option("--errors", "errors", is_flag=True, help="Every difference, by article, below the figures.")
def quality(files: tuple[Path, ...], as_json: bool, errors: bool) -> None:
    """Compare what is found in labelled articles with their labels, in figures.

    \b
    Example:
      heritage-wire quality labelled.jsonl --errors

    FILE is JSON Lines, one article a line: docs/researcher.md tells the fields.
    """
    classifier = Classifier(load_taxonomy())
    for path in files:
        try:
            labelled = read_labelled(path)
        except ValueError as e:
            raise click.ClickException(str(e)) from e
        made = report(labelled, found(labelled.articles, classifier))
        if as_json:
            click.echo(msgspec.json.encode(made))
        else:
            _show(made, errors=errors)


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
    for error in made.errors if errors else ():
        click.echo(f"  {error.article}  {error.measure}: {error.says}")
    click.echo()


def _table(title: str, rows: Mapping[str, Row]) -> None:
    click.echo(f"\n  {title:<26}{'articles':>8}{'precision':>11}{'recall':>8}{'F1':>8}")
    for name, row in rows.items():
        click.echo(f"  {name:<26}{row.articles:>8}{row.precision:>11.3f}{row.recall:>8.3f}{row.f1:>8.3f}")
