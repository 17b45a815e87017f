"""The delivery service is killed at random while it sends: every alert arrives, under its own id and no other.

The short form runs everywhere; `./test --full tests/faults/test_kill_delivery.py` kills it while 500 alerts go out.
"""

import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from shared.contracts.deliveries import DELIVERIES
from shared.contracts.messages import Alert, Channel
from shared.settings import load_settings
from shared.status import waiting
from tests.engines import Engines
from tests.integration.receivers import WebReceiver, web_receiver
from tests.unit.delivery_samples import SECRET, alert, ledger, send, subscribe
from tests.waiting import wait_until

SUBSCRIPTIONS = 10


class Killing:
    """Kills the service each time a few more alerts have arrived, which is while it works."""

    def __init__(self, supervisor: Supervisor, receiver: WebReceiver, kills: int, apart: int) -> None:
        self._supervisor = supervisor
        self._receiver = receiver
        self._draw = random.Random(20260302)
        self._apart = apart
        self.todo = kills
        self._next = 1

    def maybe(self) -> None:
        """Kill it if its moment has come."""
        if self.todo and len(self._receiver.posts) >= self._next and self._supervisor.runs("delivery"):
            os.kill(self._supervisor.pid("delivery"), signal.SIGKILL)
            self.todo -= 1
            self._next = len(self._receiver.posts) + self._draw.randrange(1, self._apart)


def alerts(receiver: WebReceiver, count: int) -> list[Alert]:
    """Of several subscriptions; every tenth alert fails on its first try."""
    made = []
    for number in range(count):
        subscription = f"sub-{number % SUBSCRIPTIONS}"
        path = "/fail/1" if number % SUBSCRIPTIONS == 0 else f"/ok/{subscription}"
        channel = Channel(kind="webhook", target=receiver.url(path), secret=SECRET)
        made.append(alert(number, channel, subscription=subscription))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("engines", ["embedded"], indirect=True)
def test_kills_lose_no_alert_and_invent_none(tmp_path: Path, engines: Engines, full: bool) -> None:
    count, kills, within = (500, 20, 600.0) if full else (100, 5, 180.0)
    settings = load_settings(data=tmp_path / "data", **engines.settings)
    environment = {"HERITAGE_WIRE_ALLOW_NETWORKS": "127.0.0.0/8", **engines.environment()}
    with web_receiver() as receiver, Wiring(settings) as wiring:
        sent = alerts(receiver, count)
        for one in {one.subscription: one for one in sent}.values():
            subscribe(wiring.store(), one.channel, id=one.subscription)
        send(wiring.bus(), *sent)
        with Supervisor(settings.data, ("delivery",), environment) as supervisor:
            killing = Killing(supervisor, receiver, kills, apart=2 * count // kills)

            def over() -> bool:
                supervisor.watch()
                killing.maybe()
                delivered = wiring.store().count(DELIVERIES, {"status": "delivered"})
                return delivered == count and not killing.todo and not any(waiting(wiring.bus())["delivery"])

            wait_until(
                over, within, lambda: f"{Counter(d.status for d in ledger(wiring.store()))} {killing.todo}"
            )
        check(receiver, wiring, sent)


def check(receiver: WebReceiver, wiring: Wiring, sent: list[Alert]) -> None:
    """The ledger has each alert once, delivered; the receiver saw each at least once and nothing else."""
    entries = ledger(wiring.store())
    assert {one.id for one in entries} == {one.id for one in sent}
    assert {one.status for one in entries} == {"delivered"}
    arrived = receiver.ids()
    assert set(arrived) == {one.id for one in sent}
    by_id = {post.id: post.body for post in receiver.posts}
    assert all(post.body == by_id[post.id] for post in receiver.posts), "a second sending says the same"
    assert wiring.store().count("agenda-delivery") == 0
