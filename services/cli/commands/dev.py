"""`heritage-wire dev`: what a developer needs beside the product."""

import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import click

from services.cli.options import with_wiring
from services.cli.wiring import Wiring
from shared.servers.elasticsearch import start_elasticsearch
from shared.servers.kafka import start_kafka
from shared.servers.maven import ServerUnavailable


@click.group()
def dev() -> None:
    """For developers.

    \b
    Example:
      heritage-wire dev servers
    """


@dev.command("servers")
@click.option("--kafka-port", type=int, help="Port of Kafka  [default: a free one]")
@click.option("--elasticsearch-port", type=int, help="Port of Elasticsearch  [default: a free one]")
@with_wiring("servers")
def servers(wiring: Wiring, kafka_port: int | None, elasticsearch_port: int | None) -> None:
    """Start a real Kafka and a real Elasticsearch on this machine, without a container engine.

    The first start downloads both (about 180 MB, with Maven) and needs a Java 21 or later. They keep their data in
    `servers` under the data folder, and end with Ctrl-C.

    \b
    Example:
      heritage-wire dev servers
    """
    folder: Path = wiring.settings.data.absolute() / "servers"
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: done.set())
    with ExitStack() as stack:
        try:
            click.echo("Starting Kafka …", err=True)
            kafka = stack.enter_context(start_kafka(folder / "kafka", kafka_port))
            click.echo("Starting Elasticsearch …", err=True)
            elasticsearch = stack.enter_context(
                start_elasticsearch(folder / "elasticsearch", elasticsearch_port)
            )
        except ServerUnavailable as e:
            raise click.ClickException(str(e)) from e
        click.echo("Both are ready. In another terminal:")
        click.echo(f"  export HERITAGE_WIRE_BUS=kafka://{kafka.address.removeprefix('kafka://')}")
        click.echo(f"  export HERITAGE_WIRE_INDEX={elasticsearch.address}")
        click.echo("Ctrl-C stops them.")
        done.wait()
    click.echo("Stopped.")
