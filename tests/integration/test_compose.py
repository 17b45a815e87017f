"""Every service as the compose file starts it: its command, its environment, its health check, on real servers.

No container engine is needed: only the addresses of the servers and the port that each container has to itself are
put in place of the compose file's.
"""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.wiring import SERVICES, Wiring
from shared.settings import load_settings
from shared.status import by_state
from tests.conftest import ROOT
from tests.engines import Engines
from tests.waiting import wait_until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS: dict[str, Any] = {n: s for n, s in COMPOSE["services"].items() if s.get("image") == "heritage-wire"}
# Articles that the sample press has from its start.
SAMPLES = 59
ADDRESSES = {"HERITAGE_WIRE_BUS": "bus", "HERITAGE_WIRE_INDEX": "index"}


def test_every_service_is_there_with_all_it_needs() -> None:
    assert set(OURS) == {*SERVICES, "sample", "dashboard"}
    for name, service in COMPOSE["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert service["mem_limit"], name
    for name, service in OURS.items():
        assert service["command"][0] == name
        assert set(service["depends_on"]) == {"kafka", "elasticsearch"}
        assert set(service["environment"]) >= {*ADDRESSES, "HERITAGE_WIRE_MONITOR_PORT"}
    text = (ROOT / "docker-compose.yml").read_text()
    assert "${GRAFANA_PASSWORD:?" in text, "no password has a default"
    assert set(COMPOSE["volumes"]) == {"kafka", "elasticsearch", "prometheus", "grafana"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def started(
    name: str, engines: Engines, folder: Path, ports: Mapping[str, int]
) -> Iterator["subprocess.Popen[bytes]"]:
    said = {key: str(value) for key, value in OURS[name]["environment"].items() if value is not None}
    said |= {key: engines.settings[setting] for key, setting in ADDRESSES.items()}
    said |= {
        "HERITAGE_WIRE_MONITOR_PORT": str(ports[name]),
        "HERITAGE_WIRE_PREFIX": engines.settings["prefix"],
        "HERITAGE_WIRE_DASHBOARD_PORT": str(ports["pages"]),
        "HERITAGE_WIRE_CATALOGUE": "0",  # nobody out there is asked by a test
    }
    if "HERITAGE_WIRE_SAMPLE" in said:
        said["HERITAGE_WIRE_SAMPLE"] = said["HERITAGE_WIRE_SAMPLE"].replace(
            "sample:8481", f"127.0.0.1:{ports['site']}"
        )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HERITAGE_WIRE_")}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", *OURS[name]["command"]],
            env={**clean, **said, "HERITAGE_WIRE_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(40) == 0, (folder / f"{name}.log").read_text()


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=4) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.slow
@pytest.mark.parametrize("engines", ["cluster"], indirect=True)
def test_the_services_of_the_compose_file_work_together(engines: Engines, tmp_path: Path) -> None:
    ports = {name: free_port() for name in (*OURS, "pages", "site")}
    with ExitStack() as stack:
        for name in OURS:
            stack.enter_context(started(name, engines, tmp_path, ports))
        settings = load_settings(data=tmp_path / "data", **engines.settings)
        wiring = stack.enter_context(Wiring(settings))
        for path in ("/health/live", "/health/ready", "/metrics"):
            for name in OURS:
                wait_until(partial(answers, ports[name], path), 90, partial(str, name))
        # The crawler's environment asks for the sample press.
        wait_until(
            lambda: by_state(wiring.store()).get("indexed", 0) >= SAMPLES,
            240,
            lambda: str(by_state(wiring.store())),
        )
        assert wiring.reader().count() >= SAMPLES
        wait_until(lambda: answers(ports["pages"], "/health/ready"), 30, lambda: "dashboard")
