"""`heritage-wire settings`: every setting, its value and what it means."""

import click
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from services.cli.options import with_wiring
from services.cli.wiring import Wiring
from shared.settings import PREFIX, Settings


@click.command()
@click.option(
    "--markdown", is_flag=True, help="Print the table of the documentation: names, defaults, meaning."
)
@with_wiring("settings")
def settings(wiring: Wiring, markdown: bool) -> int:
    """Print every setting with its value; secrets are masked.

    Each is set by its environment variable, by a file that VARIABLE_FILE names, or in the TOML file that
    HERITAGE_WIRE_CONFIG names.

    \b
    Example:
      HERITAGE_WIRE_BATCH=64 heritage-wire settings
    """
    click.echo(markdown_table() if markdown else values(wiring.settings))
    return 0


def values(current: Settings) -> str:
    """Every setting with its value and what it means; no secret, and no password of an address."""
    from shared.elastic import shown

    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(current, name)
        if isinstance(value, SecretStr):
            value = "(secret, set)"
        elif name in ("bus", "index"):
            value = shown(value)
        lines.append(f"{PREFIX}{name.upper()}={'' if value is None else value}\n    {field.description}")
    return "\n".join(lines)


def markdown_table() -> str:
    """The settings table as the documentation holds it."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "", PydanticUndefined) else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |".replace("||", "| |"))
    return "\n".join(rows)
