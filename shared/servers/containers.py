"""A server program in a container, where a container engine answers."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shared.servers.maven import ServerUnavailable

ANSWERS_WITHIN = 20.0
PULLED_WITHIN = 900.0


def container_engine_answers() -> bool:
    """Whether Docker is here and running."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        return subprocess.run([docker, "info"], capture_output=True, timeout=ANSWERS_WITHIN).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def container(image: str, port: int, environment: Mapping[str, str]) -> Iterator[int]:
    """Runs the image; gives the port of this machine at which its `port` is reached. Raises ServerUnavailable."""
    options = [f"--env={name}={value}" for name, value in environment.items()]
    name = _docker("run", "--detach", "--rm", f"--publish=127.0.0.1::{port}", *options, image)
    try:
        published = _docker("port", name, str(port)).splitlines()[0]
        yield int(published.rpartition(":")[2])
    finally:
        _docker("kill", name)


def _docker(*arguments: str) -> str:
    docker = shutil.which("docker") or "docker"
    try:
        done = subprocess.run(  # noqa: S603
            [docker, *arguments], capture_output=True, text=True, timeout=PULLED_WITHIN
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        raise ServerUnavailable(f"docker {arguments[0]}: {e}") from e
    if done.returncode:
        raise ServerUnavailable(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
