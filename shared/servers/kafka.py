"""A real Apache Kafka without a cluster: one process, broker and controller at once, for tests and developers.

`start_kafka` runs the released jars from Maven Central on a Java of this machine. `any_kafka` takes what is there: a
broker given by address, a container engine, or that. `python -m shared.servers.kafka FOLDER` runs one until Ctrl-C.

Settings differ from a cluster's where tests would wait otherwise: groups form at once, sessions may be short, and
retention is applied five times a second.
"""

import base64
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.servers.maven import ServerUnavailable, fetch_jars, find_java, java_options

VERSION = "4.1.0"
ADDRESS_VARIABLE = "HERITAGE_WIRE_TEST_KAFKA"

_JARS = f"org.apache.kafka:kafka_2.13:{VERSION}"
_IMAGE = f"apache/kafka:{VERSION}"
_JAVA = 17
_MEMORY = "-Xmx512m"
_STARTS_WITHIN, _STOPS_WITHIN = 90.0, 30.0
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>

_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "auto.create.topics.enable": "false",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.coordinator.append.linger.ms": "0",
    "group.min.session.timeout.ms": "500",
    "log.retention.check.interval.ms": "200",
    "log.initial.task.delay.ms": "200",
}


class KafkaServer:
    """A running broker. Used in a `with`, at whose end it is stopped; it dies with the thread that started it."""

    def __init__(self, folder: Path, java: Path, jars: Path, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        self._command = [str(java), *java_options(), "-cp", f"{jars}/*"]
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that is the broker. Raises ServerUnavailable when it is stopped."""
        if self._process is None:
            raise ServerUnavailable(f"the Kafka in {self._folder} is stopped: restart it first")
        return self._process.pid

    def start(self) -> None:
        """Start on the same port and data, and return once it answers. Raises ServerUnavailable."""
        if self._process is not None:
            return
        with (self._folder / "kafka.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [*self._command[:1], _MEMORY, *self._command[1:], "kafka.Kafka", str(self._properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
            )
        deadline = time.monotonic() + _STARTS_WITHIN
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerUnavailable(
                    f"Kafka did not start within {_STARTS_WITHIN:g} s: {self._last_words()} (all of it is in "
                    f"{self._folder / 'kafka.log'})"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Let it shut down; after half a minute it is killed. May be called twice."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a crash would. May be called twice."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start again, on the same port and data."""
        self.stop()
        self.start()

    def format(self, settings: Mapping[str, str]) -> None:
        """Write the settings and make the data folder, where that was not done before."""
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        self._properties.write_text("".join(lines), encoding="utf-8")
        if (self._folder / "data" / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).rstrip(b"=").decode()
        done = subprocess.run(  # noqa: S603
            [*self._command, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise ServerUnavailable(
                f"Kafka cannot make its data folder in {self._folder}: {done.stderr.strip()}"
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _last_words(self) -> str:
        lines = (self._folder / "kafka.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"


def start_kafka(
    folder: Path,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    protocol: str = "PLAINTEXT",
) -> KafkaServer:
    """A broker that keeps its data in `folder`, running; on a free port unless one is given.

    `settings` are added to its server.properties; `protocol` is how clients talk to it, in Kafka's words. Raises
    ServerUnavailable when Java or Maven is missing.
    """
    java, jars = find_java(_JAVA), fetch_jars(_JARS)
    folder.mkdir(parents=True, exist_ok=True)
    port, controller = port or _free_port(), _free_port()
    server = KafkaServer(folder, java, jars, port)
    server.format(
        {
            **_SETTINGS,
            "listeners": f"{protocol}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{protocol}:{protocol}",
            "inter.broker.listener.name": protocol,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(folder / "data"),
            **(settings or {}),
        }
    )
    server.start()
    return server


@contextmanager
def any_kafka(folder: Path, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The address of a broker that tests may use, for as long as the block runs.

    In this order: the one that HERITAGE_WIRE_TEST_KAFKA names, a container, the jars in `folder`. Raises
    ServerUnavailable saying what is missing and how to get it.
    """
    if given := environment.get(ADDRESS_VARIABLE):
        yield given
    elif _docker_answers():
        with _container() as address:
            yield address
    else:
        try:
            server = start_kafka(folder)
        except ServerUnavailable as fault:
            raise ServerUnavailable(
                f"no Kafka can be had: {ADDRESS_VARIABLE} names none, no container engine answers, and {fault}"
            ) from fault
        with server:
            yield server.address


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        done = subprocess.run([docker, "info"], capture_output=True, timeout=20)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@contextmanager
def _container() -> Iterator[str]:
    """A broker in a container, on the same port inside and outside, for clients are told its address by itself."""
    port = _free_port()
    settings = {
        **_SETTINGS,
        "listeners": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://127.0.0.1:{port + 1}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"1@127.0.0.1:{port + 1}",
    }
    options = [f"--env=KAFKA_{name.upper().replace('.', '_')}={value}" for name, value in settings.items()]
    docker = shutil.which("docker") or "docker"
    run = [docker, "run", "--detach", "--rm", f"--publish=127.0.0.1:{port}:{port}", *options, _IMAGE]
    started = subprocess.run(run, capture_output=True, text=True)  # noqa: S603
    if started.returncode:
        raise ServerUnavailable(f"docker cannot run {_IMAGE}: {started.stderr.strip()}")
    try:
        deadline = time.monotonic() + _STARTS_WITHIN
        while not _answers(port):
            if time.monotonic() > deadline:
                raise ServerUnavailable(
                    f"{_IMAGE} did not answer within {_STARTS_WITHIN:g} s: see docker logs"
                )
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([docker, "kill", started.stdout.strip()], capture_output=True)  # noqa: S603


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _die_with_parent() -> None:
    """In the child, before it becomes Java: the system ends it with us, however we end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """Run a broker in the folder named on the command line until interrupted."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m shared.servers.kafka FOLDER")
    with start_kafka(Path(sys.argv[1])) as server:
        print(f"Kafka {VERSION} answers at {server.address}; Ctrl-C stops it", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
