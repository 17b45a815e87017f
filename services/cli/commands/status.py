"""`heritage-wire status`: is it alive, is it complete, what waits, what broke."""

from typing import Any

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.wiring import Wiring
from shared.status import collect_status


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
@with_wiring("status")
def status(wiring: Wiring, as_json: bool) -> int:
    """Say which services run, what waits, what became of the documents, and what failed.

    \b
    Examples:
      heritage-wire status
      heritage-wire status --json
    """
    data_is_there(wiring)
    state = collect_status(wiring.bus(), wiring.store(), wiring.reader())
    if as_json:
        click.echo(msgspec.json.encode(state))
    else:
        _print(state)
    return 0


def _print(state: dict[str, Any]) -> None:
    click.secho(f"{'service':<10} {'running':>7} {'waiting':>8} {'backfill':>8}", bold=True)
    for service in state["services"]:
        click.echo(
            f"{service['name']:<10} {service['running']:>7} {service['waiting']:>8} {service['backfill']:>8}"
        )
    documents = state["documents"]
    told = ", ".join(f"{count} {name}" for name, count in sorted(documents.items())) or "none yet"
    click.echo(f"\ndocuments: {sum(documents.values())} ({told})")
    click.echo(f"searchable: {state['searchable']} articles")
    letters = state["dead_letters"]
    click.echo(f"dead letters: {letters}{'; see heritage-wire dead list' if letters else ''}")
