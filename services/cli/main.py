"""The command `heritage-wire`."""

import sys

import click

from services.cli.commands.corrections import corrections
from services.cli.commands.dashboard import dashboard
from services.cli.commands.dead import dead
from services.cli.commands.dev import dev
from services.cli.commands.doctor import doctor
from services.cli.commands.ingest import ingest
from services.cli.commands.journey import journey
from services.cli.commands.parse import parse
from services.cli.commands.quality import quality
from services.cli.commands.reclassify import reclassify
from services.cli.commands.reindex import reindex
from services.cli.commands.sample import sample
from services.cli.commands.search import search
from services.cli.commands.service import service_commands
from services.cli.commands.settings import settings
from services.cli.commands.sources import sources
from services.cli.commands.status import status
from services.cli.commands.subscribe import subscribe
from services.cli.commands.subscriptions import subscriptions
from services.cli.commands.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="heritage-wire", prog_name="heritage-wire")
def commands() -> None:
    """Watch heritage news: once per event, in any script, with the words that prove it.

    \b
    Begin with:   heritage-wire up
    then search:  heritage-wire search 'alliance:acha'
    """


for command in (
    up,
    ingest,
    parse,
    sample,
    search,
    subscribe,
    subscriptions,
    journey,
    sources,
    status,
    dead,
    reindex,
    reclassify,
    corrections,
    quality,
    settings,
    doctor,
    dev,
    dashboard,
    *service_commands(),
):
    commands.add_command(command)


def main() -> None:
    """Run the command; what goes wrong is said in words on standard error."""
    try:
        # An exit code that a command asked for is returned here, not raised.
        sys.exit(commands.main(prog_name="heritage-wire", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as e:
        click.echo(e.ctx.get_help())
        sys.exit(2)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
