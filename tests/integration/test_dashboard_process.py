"""The dashboard as a process: its address, its token, its end."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "services.cli.main", "dashboard"]


@contextmanager
def started(data: Path, *arguments: str, **environment: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process and the address it tells."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HERITAGE_WIRE_")}
    process = subprocess.Popen(
        [*COMMAND, "--data", str(data), "--port", "0", *arguments],
        env={**clean, "PYTHONPATH": str(ROOT), "HERITAGE_WIRE_CATALOGUE": "0", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    deadline = threading.Timer(120, process.kill)  # reading from it must come to an end
    deadline.start()
    try:
        first = process.stdout.readline()
        assert first.startswith("Dashboard: http://127.0.0.1:"), first
        yield process, first.split()[1]
    finally:
        process.kill()
        process.communicate()
        deadline.cancel()


def test_a_signal_ends_it(tmp_path: Path) -> None:
    with started(tmp_path) as (process, address):
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert b"Nothing has arrived yet" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with started(tmp_path, "--with-parent") as (process, _):
        assert process.stdin
        process.stdin.close()
        assert process.wait(40) == 0
        process.stdin = None


def test_metrics_and_health_are_on_the_monitor_port_too(tmp_path: Path) -> None:
    with started(tmp_path, HERITAGE_WIRE_MONITOR_PORT="0") as (_, address):
        for path in ("health/live", "health/ready", "metrics"):
            with urllib.request.urlopen(address + path, timeout=30) as answer:
                assert answer.status == 200


def test_others_bring_the_token_that_the_command_prints(tmp_path: Path) -> None:
    with started(tmp_path, HERITAGE_WIRE_DASHBOARD_HOST="0.0.0.0") as (_, address):
        token = subprocess.run(
            [*COMMAND, "--token", "--data", str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout.strip()
        assert len(token) == 32
        assert status(f"{address}api/v1/search") == 401
        assert status(f"{address}api/v1/search", Authorization=f"Bearer {token}") == 200


def status(address: str, **headers: str) -> int:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
