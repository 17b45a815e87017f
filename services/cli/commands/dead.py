"""`heritage-wire dead`: messages that could not be handled, and what to do with them."""

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.wiring import Wiring
from shared.contracts.messages import DeadLetter
from shared.dead_letters import close, open_letters, readable
from shared.dead_letters import replay as replay_letter


@click.group()
def dead() -> None:
    """List, show, replay or drop messages that could not be handled.

    \b
    Examples:
      heritage-wire dead list
      heritage-wire dead show 3f2a
      heritage-wire dead replay --all
    """


@dead.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_wiring("list")
def list_letters(wiring: Wiring, as_json: bool) -> int:
    """List the dead letters that nobody has dealt with.

    \b
    Example:
      heritage-wire dead list
    """
    data_is_there(wiring)
    count = 0
    for letter in open_letters(wiring.bus(), wiring.store()):
        count += 1
        if as_json:
            click.echo(msgspec.json.encode(_summary(letter)))
        else:
            click.echo(
                f"{letter.id[:12]}  {letter.at:%Y-%m-%d %H:%M}  {letter.service:<8} {letter.url or letter.key}"
            )
            click.echo(f"    {letter.error}: {letter.reason}")
    if not count and not as_json:
        click.echo("No dead letters.")
    return 0


@dead.command("show")
@click.argument("id")
@with_wiring("show")
def show(wiring: Wiring, id: str) -> int:
    """Show one dead letter whole: ID is as `dead list` prints it, its beginning is enough.

    \b
    Example:
      heritage-wire dead show 3f2a
    """
    letter = _chosen(wiring, id)
    for name, value in _summary(letter).items():
        click.echo(f"{name + ':':<10} {value}")
    click.echo("message:")
    click.echo(readable(letter))
    return 0


@dead.command("replay")
@click.argument("id", required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@with_wiring("replay")
def replay(wiring: Wiring, id: str | None, everything: bool) -> int:
    """Put dead letters back on their topics, behind live news.

    \b
    Examples:
      heritage-wire dead replay 3f2a
      heritage-wire dead replay --all
    """
    letters = _letters(wiring, id, everything)
    for letter in letters:
        try:
            replay_letter(wiring.bus(), wiring.store(), letter)
        except LookupError as e:
            raise click.ClickException(str(e)) from e
        click.echo(f"replayed {letter.id[:12]}  {letter.url or letter.key}")
    click.echo(f"{len(letters)} replayed; 'heritage-wire status' shows how they go on.")
    return 0


@dead.command("drop")
@click.argument("id", required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@with_wiring("drop")
def drop(wiring: Wiring, id: str | None, everything: bool) -> int:
    """Close dead letters without trying again.

    \b
    Example:
      heritage-wire dead drop 3f2a
    """
    letters = _letters(wiring, id, everything)
    for letter in letters:
        close(wiring.store(), letter, "dropped")
    click.echo(f"{len(letters)} dropped.")
    return 0


def _letters(wiring: Wiring, id: str | None, everything: bool) -> list[DeadLetter]:
    if (id is None) == (not everything):
        raise click.UsageError("name one letter, or say --all")
    data_is_there(wiring)
    return list(open_letters(wiring.bus(), wiring.store())) if id is None else [_chosen(wiring, id)]


def _chosen(wiring: Wiring, id: str) -> DeadLetter:
    data_is_there(wiring)
    found = [letter for letter in open_letters(wiring.bus(), wiring.store()) if letter.id.startswith(id)]
    if len(found) != 1:
        what = "no dead letter" if not found else f"{len(found)} dead letters"
        raise click.ClickException(f"{what} begin with {id!r}; 'heritage-wire dead list' shows them")
    return found[0]


def _summary(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "url": letter.url,
        "service": letter.service,
        "place": f"{letter.topic}/{letter.partition}/{letter.offset}",
        "error": letter.error,
        "reason": letter.reason,
        "where": letter.where,
        "attempts": letter.attempts,
        "at": letter.at.isoformat(),
    }
