"""Alerts over Apprise (chat, push and text message services), from processes of their own that the guard watches."""

import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue

import msgspec

from services.alerter.delivery.apprise_jobs import Answer, Job
from services.alerter.delivery.parcel import Parcel
from services.alerter.delivery.sending import Sent, one_line
from services.alerter.delivery.wording import Wording
from shared.contracts.messages import Channel

# Seconds a message may take in all, loading Apprise included.
TIMEOUT = 30.0
# Each takes some 60 MB, and two seconds of a core to start.
MOST_AT_ONCE = 4
LONGEST_BODY = 4000
CHILD = "services.alerter.delivery.apprise_child"
# What the child gets of our environment: no proxy, no password, and no home with a .netrc in it.
NOWHERE = "/nonexistent"
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_PARTS = re.compile(r"[/:@?&=,#%]+")


class AppriseSender:
    """Sends a parcel's words to one Apprise address. `networks` is the setting `allow_networks`."""

    def __init__(self, networks: str, wording: Wording, timeout: float = TIMEOUT) -> None:
        self._wording = wording
        self._couriers = Couriers(networks, timeout)

    def place(self, channel: Channel) -> str:
        """The address itself: who is behind it, Apprise alone knows."""
        return channel.target

    def send(self, parcel: Parcel, now: datetime) -> Sent:
        """Hand it to Apprise once. An address that can never be used has failed; all else comes again."""
        target = parcel.channel.target
        body = self._wording.text(parcel)
        body = body if len(body) <= LONGEST_BODY else f"{body[: LONGEST_BODY - 1]}…"
        try:
            answer = self._couriers.ask(Job(target=target, title=self._wording.subject(parcel), body=body))
        except TimeoutError as e:
            return Sent("again", str(e), reached=False)
        said = one_line(without_secrets(answer.said, target))
        match answer.result:
            case "sent":
                return Sent("delivered", f"taken by {target.partition('://')[0]}:// over Apprise")
            case "bad":
                return Sent("failed", said)
            case "refused":
                return Sent("again", said)
            case "failed":
                return Sent("again", f"Apprise could not send it: {said or 'it does not say why'}")

    def close(self) -> None:
        """End the processes."""
        self._couriers.close()


class Couriers:
    """Up to `MOST_AT_ONCE` processes, each started when it is first needed. Thread-safe."""

    def __init__(self, networks: str, timeout: float) -> None:
        self._networks = networks
        self._timeout = timeout
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()

    def ask(self, job: Job) -> Answer:
        """What came of the job. Raises TimeoutError; whoever does not answer in time is ended."""
        with self._free:
            try:
                courier = self._idle.get_nowait()
            except Empty:
                courier = self._started()
            late = _Late(courier)
            timer = threading.Timer(self._timeout, late)
            timer.start()
            try:
                answer = _asked(courier, job)
            finally:
                timer.cancel()
            if answer and not late.called:
                self._idle.put(courier)
                return answer
            code = _ended(courier)
            if late.called:
                raise TimeoutError(f"Apprise took longer than {self._timeout:.0f} s")
            return Answer("failed", f"it ended without an answer (exit code {code})")

    def close(self) -> None:
        """End those that are idle; the others end when their pipe is closed with us."""
        while not self._idle.empty():
            _ended(self._idle.get_nowait())

    def _started(self) -> subprocess.Popen[bytes]:
        # It finds the same packages as we do, wherever they are.
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONUTF8": "1",
            "HOME": NOWHERE,
        }
        return subprocess.Popen(  # noqa: S603 (our own program, our own arguments)
            [sys.executable, "-P", "-B", "-m", CHILD, self._networks],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )


@dataclass(slots=True)
class _Late:
    """Ends a courier whose time is up."""

    courier: subprocess.Popen[bytes]
    called: bool = False

    def __call__(self) -> None:
        self.called = True
        self.courier.kill()


def _asked(courier: subprocess.Popen[bytes], job: Job) -> Answer | None:
    """The answer; None when the process ended instead."""
    if courier.stdin is None or courier.stdout is None:
        return None
    try:
        courier.stdin.write(msgspec.json.encode(job) + b"\n")
        courier.stdin.flush()
        return msgspec.json.decode(courier.stdout.readline(), type=Answer)
    except (BrokenPipeError, msgspec.DecodeError):
        return None


def _ended(courier: subprocess.Popen[bytes]) -> int:
    """End it, and say with what exit code it ended."""
    with courier:  # closes the pipes, and waits
        if courier.stdin:
            with suppress(BrokenPipeError):
                courier.stdin.close()
        try:
            return courier.wait(1)
        except subprocess.TimeoutExpired:
            courier.kill()
    return courier.returncode


def without_secrets(said: str, target: str) -> str:
    """The words without anything of the target that might be a token."""
    for part in sorted(_PARTS.split(target), key=len, reverse=True):
        if len(part) >= 8 and not re.fullmatch(r"[0-9.]+|localhost", part):
            said = said.replace(part, "…")
    return said
