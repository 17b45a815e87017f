"""A real Elasticsearch on this machine, for tests and developers: no container engine, no account, one process.

The program is the distribution that Elastic publishes for integration tests: the server itself with its HTTP and
security modules. It runs on any Java from 21 on, never as root: started by root it runs as `nobody`, who must be able
to reach the folder. `any_elasticsearch` takes what is there: a server given by address, a container engine, or that.
`python -m shared.servers.elasticsearch FOLDER` runs one until Ctrl-C.
"""

import ctypes
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.servers.containers import container, container_engine_answers
from shared.servers.maven import ServerUnavailable, fetch_file, find_java, java_options

VERSION = "9.5.0"
ZIP = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
ADDRESS_VARIABLE = "HERITAGE_WIRE_TEST_ELASTICSEARCH"
OLDEST_JAVA = 21
HEAP = "512m"
UNPRIVILEGED = "nobody"
READY_WITHIN = 180.0
STOPPED_WITHIN = 60.0
_IMAGE = f"docker.elastic.co/elasticsearch/elasticsearch:{VERSION}"
_IN_CONTAINER = {
    "discovery.type": "single-node",
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "cluster.info.update.interval": "24h",
    "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP}",
}
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>


@dataclass(slots=True)
class ElasticsearchServer:
    """A server and the folder it keeps everything in. Stopped at the end of a `with`."""

    folder: Path
    port: int
    java: Path
    settings: Mapping[str, str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where it listens."""
        secure = self.settings.get("xpack.security.http.ssl.enabled") == "true"
        return f"{'https' if secure else 'http'}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process; also the number of its process group. Raises ServerUnavailable when it does not run."""
        if self._process is None:
            raise ServerUnavailable(
                f"{self.address}: Elasticsearch is stopped; start it again with restart()"
            )
        return self._process.pid

    def __enter__(self) -> "ElasticsearchServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it answers. Raises ServerUnavailable with the end of its log."""
        if self._process is not None:
            return
        log, account = self.folder / "console.log", _account()
        with log.open("wb") as console:
            self._process = subprocess.Popen(  # noqa: S603
                [self.folder / "program" / "bin" / "elasticsearch"],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=account and [],
                preexec_fn=_end_with_parent,
            )
        try:
            _await(self.address, lambda: self._fault(log), time.monotonic() + READY_WITHIN)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in good order. May be called twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOPPED_WITHIN)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would. May be called twice."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):  # the server is a child of the process that was started
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same port and data."""
        self.stop()
        self.start()

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "ES_JAVA_HOME": str(self.java.parent.parent),
            "ES_JAVA_OPTS": " ".join((f"-Xms{HEAP}", f"-Xmx{HEAP}", *java_options())),
            "ES_TMPDIR": str(self.folder / "tmp"),
        }

    def _fault(self, log: Path) -> str:
        """Why it will never be ready, while it is not; empty as long as it may be."""
        if self._process is not None and self._process.poll() is None:
            return ""
        said = log.read_text(errors="replace").strip().splitlines()[-5:]
        return f"it ended: {' | '.join(said)} (all of it is in {log})"


def start_elasticsearch(
    folder: Path,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> ElasticsearchServer:
    """A running server that keeps program, data and logs in `folder`; a port of its own choosing by default.

    `settings` are added to its elasticsearch.yml, or replace what stands there; `files` are put beside that. A folder that was used before keeps its data. Raises ServerUnavailable when the program or a
    Java cannot be had, or it does not start.
    """
    java = find_java(OLDEST_JAVA)
    archive = fetch_file(ZIP)
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "program"
    if not program.is_dir():
        _unpack(archive, program)
    chosen = _free_port() if port is None else port
    server = ElasticsearchServer(folder, chosen, java, _settings(folder, chosen) | dict(settings or {}))
    (folder / "tmp").mkdir(exist_ok=True)
    lines = [f"{name}: {json.dumps(value)}" for name, value in server.settings.items()]
    (program / "config" / "elasticsearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, content in (files or {}).items():
        (program / "config" / name).write_bytes(content)
    _hand_over(folder)
    server.start()
    return server


@contextmanager
def any_elasticsearch(folder: Path, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The address of a server that tests may use, for as long as the block runs.

    In this order: the one that HERITAGE_WIRE_TEST_ELASTICSEARCH names, a container, the program in `folder`. Raises
    ServerUnavailable saying what is missing and how to get it.
    """
    if given := environment.get(ADDRESS_VARIABLE):
        yield given
    elif container_engine_answers():
        with container(_IMAGE, 9200, _IN_CONTAINER) as port:
            address = f"http://127.0.0.1:{port}"
            _await(address, lambda: "", time.monotonic() + READY_WITHIN)
            yield address
    else:
        try:
            server = start_elasticsearch(folder)
        except ServerUnavailable as e:
            raise ServerUnavailable(
                f"no Elasticsearch can be had: {ADDRESS_VARIABLE} names none, no container engine answers, and {e}"
            ) from e
        with server:
            yield server.address


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "cluster.name": "heritage-wire",
        "node.name": "heritage-wire",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": str(port),
        "transport.port": str(_free_port()),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "xpack.security.enabled": "false",
        # A developer's disk is often nearly full; the data here is small.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        # With every look at the disks it lifts the block of a full one, which tests set by hand.
        "cluster.info.update.interval": "24h",
    }


def _unpack(archive: Path, program: Path) -> None:
    """The distribution, without the folder that is named after its version; whole or not at all."""
    unfinished = program.with_name(".unpacking")
    shutil.rmtree(unfinished, ignore_errors=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(unfinished)
    (inner,) = unfinished.iterdir()
    for script in (inner / "bin").iterdir():
        script.chmod(0o755)
    inner.rename(program)
    unfinished.rmdir()


def _hand_over(folder: Path) -> None:
    """Give the folder to the user the server runs as. Raises ServerUnavailable when that user cannot reach it."""
    account = _account()
    if account is None:
        return
    closed = [parent for parent in folder.resolve().parents if not parent.stat().st_mode & 0o001]
    if closed:
        raise ServerUnavailable(
            f"{folder}: Elasticsearch does not run as root, and {UNPRIVILEGED} may not pass {closed[0]}; "
            "choose a folder that everybody can reach"
        )
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd | None:
    """Whom to run as, where that is not ourselves."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _end_with_parent() -> None:
    """In the child, before it becomes the server: the system asks it to end when we are gone, however we end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _await(address: str, fault: Callable[[], str], deadline: float) -> None:
    """Return when the server can be worked with. Raises ServerUnavailable."""
    while not _answers(address):
        why = fault() or (time.monotonic() > deadline and f"it gave no answer within {READY_WITHIN:g} s")
        if why:
            raise ServerUnavailable(f"Elasticsearch at {address} did not start: {why}")
        time.sleep(0.1)


def _answers(address: str) -> bool:
    """Whether it can be worked with; one that asks who is there can, too."""
    url = f"{address}/_cluster/health?wait_for_status=yellow&timeout=1s"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except urllib.error.HTTPError as e:
        return e.code in (401, 403)
    except urllib.error.URLError as e:
        return "CERTIFICATE_VERIFY_FAILED" in str(e.reason)
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main() -> None:
    """Run a server in the folder named on the command line until interrupted."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m shared.servers.elasticsearch FOLDER")
    with start_elasticsearch(Path(sys.argv[1]).absolute()) as server:
        print(f"Elasticsearch {VERSION} answers at {server.address}; Ctrl-C stops it", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
