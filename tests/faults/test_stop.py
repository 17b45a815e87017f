"""Stopping: what is in hand is finished and committed; what takes too long is ended, and comes again."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from services.cli.process import TEMPORARY_FAILURE
from shared.bus.local import open_local_bus
from shared.contracts.messages import FetchRequest, Source
from shared.contracts.topics import bus_topics
from shared.contracts.wire import Outgoing, decode, encode, new_traceparent
from tests.unit.runner_turns import START

# A process with one service whose step says that it has begun, then goes on when its standard input says so.
PROGRAM = """
import sys
from pathlib import Path
from services.cli import process, wiring
from shared.runner.service import Handled, Service, each
from shared.settings import load_settings

def handle(received):
    print("begun", flush=True)
    sys.stdin.readline()
    return Handled(ends="done")

wiring.SERVICES["slow"] = lambda _: [Service("slow", ("fetch-requests",), each(handle), batch=1)]
settings = load_settings(data=Path(sys.argv[1]), stop_within=float(sys.argv[2]))
with wiring.Wiring(settings) as wired:
    sys.exit(process.run_services(wired, "slow", with_parent=False))
"""


def start(data: Path, stop_within: float) -> "subprocess.Popen[str]":
    bus = open_local_bus(data / "bus", bus_topics())
    producer = bus.producer()
    for number in range(2):
        source = Source(id="s", kind="folder", path=".")
        request = FetchRequest(kind="page", source=source, url=f"file:///{number}", requested_at=START)
        sent = Outgoing("fetch-requests", "one host", request)
        producer.produce([encode(sent, message_id=f"m{number}", traceparent=new_traceparent(), mode="live")])
    producer.close()
    bus.close()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data), str(stop_within)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    return process


def outcomes(data: Path) -> Counter[str]:
    bus = open_local_bus(data / "bus", bus_topics())
    ends = bus.ends("outcomes").items()
    told = [decode(r).message for place, (first, end) in ends for r in bus.read(place, first, end - first)]
    bus.close()
    return Counter(outcome.url for outcome in told)


def test_what_is_in_hand_is_finished(tmp_path: Path) -> None:
    with start(tmp_path, 60) as process:
        assert process.stdin
        os.kill(process.pid, signal.SIGTERM)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait(30) == 0
    assert outcomes(tmp_path) == {"file:///0": 1}


def test_what_takes_too_long_is_ended_and_comes_again(tmp_path: Path) -> None:
    with start(tmp_path, 0.5) as process:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == TEMPORARY_FAILURE
    assert outcomes(tmp_path) == {}
    with start(tmp_path, 60) as process:
        # Closed, its input holds up no message, however often one that was in hand comes again.
        assert process.stdin
        process.stdin.close()
        assert process.stdout
        process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0
    assert set(outcomes(tmp_path)) >= {"file:///0"}
