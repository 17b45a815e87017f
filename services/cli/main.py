"""The command `heritage-wire`."""

import sys
from importlib import import_module

import click

from shared.collecting import collect_seldom

# Each in a module of its own name. It is imported when it is asked for: what the others load would be waited for by
# every process of every service.
_COMMANDS = frozenset(
    (
        "corrections",
        "dashboard",
        "dead",
        "dev",
        "doctor",
        "ingest",
        "journey",
        "parse",
        "quality",
        "reclassify",
        "reindex",
        "sample",
        "search",
        "settings",
        "sources",
        "status",
        "subscribe",
        "subscriptions",
        "up",
    )
)


class _Lazy(click.Group):
    """The commands of `services/cli/commands`, loaded one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_COMMANDS, *_services()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return _services().get(cmd_name)
        found: click.Command = getattr(import_module(f"services.cli.commands.{cmd_name}"), cmd_name)
        return found


def _services() -> dict[str, click.Command]:
    from services.cli.commands.service import service_commands

    return {command.name or "": command for command in service_commands()}


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="heritage-wire", prog_name="heritage-wire")
def commands() -> None:
    """Watch heritage news: once per event, in any script, with the words that prove it.

    \b
    Begin with:   heritage-wire up
    then search:  heritage-wire search 'alliance:acha'
    """


def main() -> None:
    """Run the command; what goes wrong is said in words on standard error."""
    collect_seldom()
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
