"""`heritage-wire corrections`: what readers put right, as a list and as labelled data, and its end."""

from typing import BinaryIO

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.quality.readers import labelled_row, read_corrected
from services.cli.wiring import Wiring
from shared.contracts.messages import Correction
from shared.corrections.keeping import Corrections, UnknownCorrection
from shared.taxonomy.taxonomy import load_taxonomy


@click.group()
def corrections() -> None:
    """List, export or withdraw what readers put right; it is said on the page of an article.

    \b
    Examples:
      heritage-wire corrections list
      heritage-wire corrections export > corrected.jsonl
      heritage-wire corrections withdraw a4k2m7q9x1b3c5d7.alliances
    """


@corrections.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_wiring("list")
def list_corrections(wiring: Wiring, as_json: bool) -> None:
    """List the corrections that hold, oldest first.

    \b
    Example:
      heritage-wire corrections list
    """
    data_is_there(wiring)
    found = sorted(_opened(wiring).all(), key=lambda one: (one.at, one.id))
    for one in found:
        if as_json:
            click.echo(msgspec.json.encode(one))
        else:
            _show(one)
    if not found and not as_json:
        click.echo("No corrections. They are made on the page of an article, or by the API.")


@corrections.command("export")
@click.option("--output", type=click.File("wb", lazy=True), default="-", help="A file; else standard output.")
@with_wiring("export")
def export(wiring: Wiring, output: BinaryIO) -> None:
    """Write the corrected articles with their labels, as 'heritage-wire quality' reads them: one JSON object a line.

    `corrected` names the fields somebody judged; the other labels are as the program found them.

    \b
    Example:
      heritage-wire corrections export --output corrected.jsonl
    """
    data_is_there(wiring)
    taxonomy = load_taxonomy()
    count = 0
    for read in read_corrected(wiring.store(), _opened(wiring).all()):
        output.write(msgspec.json.encode(labelled_row(read, taxonomy)) + b"\n")
        count += 1
    click.echo(f"{count} {'article' if count == 1 else 'articles'} written.", err=True)


@corrections.command("withdraw")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@with_wiring("withdraw")
def withdraw(wiring: Wiring, ids: tuple[str, ...]) -> None:
    """End corrections: what the program finds holds again. ID is as 'list' prints it.

    \b
    Example:
      heritage-wire corrections withdraw a4k2m7q9x1b3c5d7.alliances
    """
    data_is_there(wiring)
    kept = _opened(wiring)
    for id in ids:
        try:
            ended = kept.withdraw(id)
        except UnknownCorrection as e:
            raise click.ClickException(str(e)) from e
        click.echo(f"withdrawn {ended.id}")


def _opened(wiring: Wiring) -> Corrections:
    return Corrections(wiring.bus(), wiring.store(), wiring.clock)


def _show(one: Correction) -> None:
    right = ", ".join(one.right[:1] if one.field == "event" else one.right)
    otherwise = "an event of its own" if one.field == "event" else "nothing"
    click.echo(f"{one.id}  {one.at:%Y-%m-%d %H:%M}")
    click.echo(f"    {', '.join(one.was) or 'nothing'}  →  {right or otherwise}")
    if one.note:
        click.echo(f"    {' '.join(one.note.split())}")
