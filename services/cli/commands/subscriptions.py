"""`heritage-wire subscriptions`: the alerts there are, what became of them, and their end."""

from typing import get_args

import click
import msgspec
from msgspec.structs import replace

from services.cli.options import data_is_there, with_wiring
from services.cli.wiring import Wiring
from shared.channels import shown_target
from shared.contracts.deliveries import DELIVERIES, DeliveryStatus
from shared.contracts.messages import Channel, Subscription
from shared.index.port import SearchIndexError
from shared.query.parse import QueryError
from shared.subscriptions import Subscriptions, UnknownSubscription, estimate, new_id
from shared.taxonomy.taxonomy import load_taxonomy


def opened(wiring: Wiring) -> Subscriptions:
    """The subscriptions of this installation."""
    return Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id, load_taxonomy())


@click.group()
def subscriptions() -> None:
    """List, show or remove subscriptions; 'heritage-wire subscribe' makes one.

    \b
    Examples:
      heritage-wire subscriptions list
      heritage-wire subscriptions show sub-3f2a
      heritage-wire subscriptions remove sub-3f2a
    """


@subscriptions.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, without secrets.")
@with_wiring("list")
def list_subscriptions(wiring: Wiring, as_json: bool) -> None:
    """List all subscriptions, oldest first.

    \b
    Example:
      heritage-wire subscriptions list
    """
    data_is_there(wiring)
    found = opened(wiring)
    every = found.all()
    for one in every:
        if as_json:
            click.echo(msgspec.json.encode({**_plain(one), "fault": found.fault(one)}))
        else:
            click.echo(f"{one.id}  {one.name}  ({_state(one, found.fault(one))})")
            click.echo(f"    {one.query}  →  {', '.join(map(_shown, one.channels))}")
    if not every and not as_json:
        click.echo("No subscriptions. 'heritage-wire subscribe QUERY --webhook URL' makes one.")


@subscriptions.command("show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="As JSON, without secrets.")
@with_wiring("show")
def show(wiring: Wiring, id: str, as_json: bool) -> None:
    """Show one subscription and what became of its alerts: ID is as 'list' prints it, its beginning is enough.

    \b
    Example:
      heritage-wire subscriptions show sub-3f2a
    """
    data_is_there(wiring)
    found = opened(wiring)
    one = _chosen(found, id)
    fault = found.fault(one)
    counts = {status: count for status in get_args(DeliveryStatus) if (count := _count(wiring, one, status))}
    if as_json:
        click.echo(msgspec.json.encode({**_plain(one), "fault": fault, "deliveries": counts}))
        return
    print_subscription(one)
    click.echo(f"  state:      {_state(one, fault)}")
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    click.echo(f"  deliveries: {told or 'none yet'}")
    if not fault:
        print_estimate(wiring, one)


@subscriptions.command("remove")
@click.argument("id")
@with_wiring("remove")
def remove(wiring: Wiring, id: str) -> None:
    """End a subscription and forget where its alerts went.

    \b
    Example:
      heritage-wire subscriptions remove sub-3f2a
    """
    data_is_there(wiring)
    found = opened(wiring)
    try:
        ended = found.remove(_chosen(found, id).id)
    except UnknownSubscription as e:
        raise click.ClickException(str(e)) from e
    click.echo(f"removed {ended.id}  {ended.name}")


def print_subscription(one: Subscription, *, with_secrets: bool = False) -> None:
    """A subscription in words."""
    when = {"event": "once per event", "article": "of each article"}[one.per]
    click.secho(f"{one.id}  {one.name}", bold=True)
    click.echo(f"  query:      {one.query}")
    click.echo(f"  tells:      {when}{', gathered daily' if one.digest else ''}")
    for channel in one.channels:
        click.echo(f"  {channel.kind + ':':<11} {_shown(channel, whole=with_secrets)}")
        if with_secrets and channel.secret:
            click.echo(f"  secret:     {channel.secret}")
            click.echo("              Keep it: it is shown this once, and deliveries are signed with it.")


def print_estimate(wiring: Wiring, one: Subscription) -> None:
    """How often it would have spoken lately, as far as the index can tell."""
    try:
        found = estimate(one.query, wiring.reader(), wiring.clock(), load_taxonomy())
    except (SearchIndexError, QueryError) as e:
        click.echo(f"How often it would have spoken cannot be told: {e}")
        return
    articles = f"{found['articles']} {'article' if found['articles'] == 1 else 'articles'}"
    if one.per == "event" and found["articles"]:
        articles = f"{found['events']} {'event' if found['events'] == 1 else 'events'} ({articles})"
    click.echo(f"In the last {found['days']} days it would have told of {articles}.")


def _chosen(found: Subscriptions, id: str) -> Subscription:
    exact = found.get(id)
    beginning = [one for one in found.all() if one.id.startswith(id)] if exact is None else [exact]
    if len(beginning) != 1:
        what = "no subscription" if not beginning else f"{len(beginning)} subscriptions"
        say = "begins" if not beginning else "begin"
        raise click.ClickException(f"{what} {say} with {id!r}; 'heritage-wire subscriptions list' shows them")
    return beginning[0]


def _count(wiring: Wiring, one: Subscription, status: str) -> int:
    return wiring.store().count(DELIVERIES, {"subscription": one.id, "status": status})


def _state(one: Subscription, fault: str | None) -> str:
    if fault:
        return f"matches nothing: {fault}"
    return "active" if one.enabled else "paused"


def _shown(channel: Channel, whole: bool = False) -> str:
    return channel.target if whole else shown_target(channel)


def _plain(one: Subscription) -> dict[str, object]:
    """Without what only its owner may know."""
    channels = tuple(replace(c, target=shown_target(c), secret=None) for c in one.channels)
    plain: dict[str, object] = msgspec.to_builtins(replace(one, channels=channels))
    return plain
