"""`heritage-wire crawler|parser|events|indexer|delivery`: one service on the configured engines."""

import click

from services.cli.options import with_wiring
from services.cli.process import run_services
from services.cli.wiring import SERVICES, Wiring, set_up_logging

DOES = {
    "crawler": "Look for new documents in the sources and put them on the bus.",
    "parser": "Turn documents into classified articles.",
    "events": "Find near-duplicates and the event each article belongs to. One works, others stand by.",
    "indexer": "Put articles into the search index, and journeys into the store.",
    "alerter": "Match articles against all subscriptions and tell each once per event.",
    "delivery": "Deliver alerts: webhooks, e-mail, Apprise, private feeds; note every try in the ledger.",
}


def service_commands() -> list[click.Command]:
    """A command for each service."""
    return [_command(name) for name in SERVICES]


def _command(name: str) -> click.Command:
    @click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input is closed.")
    @with_wiring(name)
    def run(wiring: Wiring, with_parent: bool) -> int:
        set_up_logging(wiring.settings, name)
        return run_services(wiring, name, with_parent=with_parent)

    help = f"{DOES[name]}\n\n\b\nExample:\n  heritage-wire {name}\n\nStop it with Ctrl-C or SIGTERM: it finishes what it has in hand."
    return click.command(name, help=help)(run)
