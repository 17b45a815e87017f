"""`heritage-wire subscribe`: an alert on a query."""

from collections.abc import Iterator
from typing import get_args

import click
import msgspec

from services.cli.commands.subscriptions import opened, print_estimate, print_subscription
from services.cli.options import with_wiring
from services.cli.wiring import Wiring
from shared.contracts.messages import Channel, Subscription
from shared.index.port import SearchIndexError
from shared.query.parse import QueryError
from shared.subscriptions import BadSubscription, Digest, Per, estimate
from shared.taxonomy.taxonomy import load_taxonomy


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--webhook", multiple=True, metavar="URL", help="Post each alert there, signed.")
@click.option("--email", multiple=True, metavar="ADDRESS", help="Mail each alert there.")
@click.option(
    "--apprise", multiple=True, metavar="URL", help="Send it to a chat or phone: an address for Apprise."
)
@click.option(
    "--per",
    type=click.Choice(get_args(Per)),
    default="event",
    show_default=True,
    help="Tell once per event, or of each article.",
)
@click.option("--digest", type=click.Choice(get_args(Digest)), help="Gather alerts into one message a day.")
@click.option("--name", default="", help="What it is called in messages  [default: the query]")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the API.")
@with_wiring("subscribe")
def subscribe(
    wiring: Wiring,
    query: tuple[str, ...],
    webhook: tuple[str, ...],
    email: tuple[str, ...],
    apprise: tuple[str, ...],
    per: Per,
    digest: Digest | None,
    name: str,
    as_json: bool,
) -> None:
    """Tell me when news matches QUERY: once per event, with the words that prove it.

    The query is that of 'heritage-wire search'. A webhook's secret is printed once, here.

    \b
    Examples:
      heritage-wire subscribe 'alliance:acha' --webhook https://example.org/hook
      heritage-wire subscribe 'restitution place:Benin' --email desk@example.org --digest daily
      heritage-wire subscribe '重庆共识' --apprise ntfy://my-topic --per article --name Chongqing
    """
    source = " ".join(query)
    if not (webhook or email or apprise):
        raise click.UsageError("say where alerts go: --webhook URL, --email ADDRESS or --apprise URL")
    channels = [
        *(Channel(kind="webhook", target=url) for url in webhook),
        *(Channel(kind="email", target=address) for address in email),
        *(Channel(kind="apprise", target=url) for url in apprise),
    ]
    try:
        made = opened(wiring).create(name, source, per, channels, digest)
    except BadSubscription as e:
        if isinstance(e.__cause__, QueryError):
            raise click.ClickException(f"the query cannot be read:\n{e.__cause__.pointed(source)}") from e
        raise click.ClickException(str(e)) from e
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(made), "estimate": _estimate(wiring, made)}))
        return
    print_subscription(made, with_secrets=True)
    print_estimate(wiring, made)
    for line in _missing(wiring, made):
        click.echo(line, err=True)


def _estimate(wiring: Wiring, made: Subscription) -> object:
    try:
        return estimate(made.query, wiring.reader(), wiring.clock(), load_taxonomy())
    except SearchIndexError:
        return None


def _missing(wiring: Wiring, made: Subscription) -> Iterator[str]:
    """What has to be there before the first alert can arrive."""
    if not (wiring.bus().members("alerter") and wiring.bus().members("delivery")):
        yield "Alerts come while the services run: 'heritage-wire up' starts them."
    if any(c.kind == "email" for c in made.channels) and not wiring.settings.smtp_host:
        yield "No mail can be sent yet: name a mail server with HERITAGE_WIRE_SMTP_HOST."
