"""Delivery on both pairs of engines: single alerts, a digest, and the ledger that both leave."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.alerter.delivery.digest import DIGESTS
from services.alerter.delivery.service import delivery_service
from services.alerter.delivery.webhook import WebhookSender
from services.cli.wiring import Wiring
from shared.contracts.deliveries import DELIVERIES
from shared.outgoing.addresses import Networks
from shared.outgoing.client import OutgoingClient
from shared.settings import load_settings
from shared.store.port import StoreUnavailable
from tests.engines import Engines
from tests.integration.receivers import web_receiver
from tests.unit.delivery_samples import alert, send, subscribe, webhook
from tests.unit.runner_turns import Clock, Turns


@pytest.mark.slow
def test_alerts_and_digests_on_both_engines(engines: Engines, tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", **engines.settings)
    clock = Clock()
    clock.now = datetime.now(UTC)
    client = OutgoingClient(Networks.parse("127.0.0.0/8"), "HeritageWire/test")
    with web_receiver() as receiver, Wiring(settings) as wiring:
        store, bus = wiring.store(), wiring.bus()
        ok, later = webhook(receiver.url("/ok")), webhook(receiver.url("/fail/1"))
        subscribe(store, ok, later)
        subscribe(store, ok, id="daily")

        def run(enough: Callable[[], bool], step: timedelta = timedelta(0)) -> None:
            def look() -> bool:
                clock.now += step
                # A collection that is being made cannot be counted yet on a busy cluster.
                with suppress(StoreUnavailable):
                    return enough()
                return False

            service = delivery_service(store, {"webhook": WebhookSender(client)}, clock)
            Turns(service, bus, store, clock).until(look, turns=5000)

        def count(**labels: str) -> int:
            return store.count(DELIVERIES, labels)

        send(bus, alert(1, ok), alert(2, later))
        send(bus, *(alert(n, ok, subscription="daily", digest="daily") for n in (3, 4, 5)))
        run(
            lambda: (
                count(status="delivered") == 2
                and count(status="held") == 3
                and len(store.count_by(DIGESTS, "due")) == 1  # listings may be a second old
            ),
            timedelta(seconds=1),
        )
        assert receiver.ids() == {"a00001": 1, "a00002": 2}
        clock.now += timedelta(days=1)
        run(lambda: count(status="delivered") == 5)
        send(bus, alert(1, ok), alert(3, ok, subscription="daily", digest="daily"))
        clock.now += timedelta(days=1)
        run(
            lambda: sum(bus.lag("delivery", ["alerts"]).values()) == 0 and store.count("agenda-delivery") == 0
        )
        digests = [id for id in receiver.ids() if id.startswith("digest-")]
        assert len(digests) == 1
        assert sum(receiver.ids().values()) == 4
