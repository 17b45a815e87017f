"""`heritage-wire dashboard`: the web pages, the API and the feeds."""

import click

from services.cli.options import with_wiring
from services.cli.wiring import Wiring, set_up_logging
from services.dashboard.access import load_keys


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to serve on; 0: any free one  [default: 8480]"
)
@click.option("--token", "show_token", is_flag=True, help="Print the login token and end.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input is closed.")
@with_wiring("dashboard")
def dashboard(wiring: Wiring, port: int | None, show_token: bool, with_parent: bool) -> int:
    """Serve the web pages, the API and the feeds.

    On this machine no login is needed. To serve others set HERITAGE_WIRE_DASHBOARD_HOST and HERITAGE_WIRE_PUBLIC_URL;
    they log in with the token.

    \b
    Examples:
      heritage-wire dashboard
      heritage-wire dashboard --token

    Stop it with Ctrl-C or SIGTERM: it finishes the answers it has in hand.
    """
    if show_token:
        click.echo(load_keys(wiring.store(), wiring.settings).token)
        return 0
    set_up_logging(wiring.settings, "dashboard")
    if port is not None:
        wiring.settings = wiring.settings.model_copy(update={"dashboard_port": port})
    from services.cli.serving import run_dashboard

    return run_dashboard(wiring, with_parent=with_parent)
