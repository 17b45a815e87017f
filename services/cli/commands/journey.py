"""`heritage-wire journey`: what became of one document."""

from pathlib import Path

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.wiring import Wiring
from shared.identity import normalise
from shared.journeys import Journey, find_journeys


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print the journey as JSON.")
@with_wiring("journey")
def journey(wiring: Wiring, url: str, as_json: bool) -> int:
    """Say what every step did with the document at URL (an address, or the path of a local file).

    \b
    Examples:
      heritage-wire journey https://whc.unesco.org/en/news/1234
      heritage-wire journey notes/press-release.txt
    """
    data_is_there(wiring)
    addresses = _addresses(url)
    known = find_journeys(wiring.store(), addresses)
    found = next((known[address] for address in addresses if address in known), None)
    if found is None:
        raise click.ClickException(
            f"nothing is known of {url}. Is the address as it was fetched? 'heritage-wire status' shows what is waiting."
        )
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        _print(found)
    return 0


def _addresses(given: str) -> list[str]:
    addresses = [given]
    try:
        addresses.append(normalise(given))
    except ValueError:
        addresses.append(Path(given).absolute().as_uri())
    return addresses


def _print(found: Journey) -> None:
    click.secho(found.url, bold=True)
    click.echo(f"state: {found.state}{f' ({found.reason})' if found.reason not in ('', found.state) else ''}")
    if found.article:
        click.echo(f"article: {found.article}")
    for step in found.steps:
        what = f"{step.result}: {step.reason}" if step.reason else step.result
        into = f", {step.outputs} on" if step.outputs else ""
        tries = f", try {step.attempts}" if step.attempts > 1 else ""
        click.echo(f"  {step.at:%Y-%m-%d %H:%M:%S}  {step.service:<8} {step.ms:8.1f} ms  {what}{into}{tries}")
