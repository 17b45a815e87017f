"""Server programs from Maven Central, fetched with the ordinary `mvn` client, and a Java to run them.

Everything fetched is kept in a cache outside the work tree: `$HERITAGE_WIRE_SERVER_CACHE`, else
`~/.cache/heritage-wire/servers`. A fetch is complete or not there at all, and two processes that want the same thing
fetch it once. Servers run with the options of `$HERITAGE_WIRE_SERVER_JAVA_OPTIONS` besides their own.

Errors:
    ServerUnavailable   a program, a Java or a download is missing; the message says which and how to get it
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

CACHE_VARIABLE = "HERITAGE_WIRE_SERVER_CACHE"
JAVA_VARIABLE = "HERITAGE_WIRE_SERVER_JAVA_OPTIONS"

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_LONGEST_FETCH = 900.0
"""Seconds; the largest file fetched has 130 MB."""

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>heritage-wire</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""


class ServerUnavailable(Exception):
    """A server cannot be had here; the message says what is missing and how to get it."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where downloads are kept."""
    named = environment.get(CACHE_VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "heritage-wire" / "servers"


def java_options(environment: Mapping[str, str] = os.environ) -> list[str]:
    """What every Java of a server is told besides what the server itself needs."""
    return environment.get(JAVA_VARIABLE, "").split()


def fetch_jars(coordinates: str, cache: Path | None = None) -> Path:
    """The folder with the jar of `group:artifact:version` and all it needs to run. Raises ServerUnavailable."""
    group, artifact, version = coordinates.split(":")

    def fetch(folder: Path) -> None:
        pom = _POM.format(group=escape(group), artifact=escape(artifact), version=escape(version))
        with tempfile.TemporaryDirectory() as project:
            (Path(project) / "pom.xml").write_text(pom, encoding="utf-8")
            _maven(
                coordinates,
                Path(project),
                "copy-dependencies",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={folder}",
            )

    return _kept(coordinates, cache or cache_folder(), fetch)


def fetch_file(coordinates: str, cache: Path | None = None) -> Path:
    """The one file that is `group:artifact:version:type`, a zip for instance. Raises ServerUnavailable."""

    def fetch(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as project:
            _maven(
                coordinates,
                Path(project),
                "copy",
                f"-Dartifact={coordinates}",
                f"-DoutputDirectory={folder}",
            )

    return next(_kept(coordinates, cache or cache_folder(), fetch).iterdir())


def find_java(
    at_least: int,
    environment: Mapping[str, str] = os.environ,
    system: Path = Path("/usr/lib/jvm"),
) -> Path:
    """The program `java` of the first Java of this version or later; its grandparent is that Java's home.

    Looks at ES_JAVA_HOME, JAVA_HOME, PATH and the folder where the system keeps its Javas. Raises ServerUnavailable.
    """
    seen: dict[Path, int] = {}
    for candidate in _javas(environment, system):
        java = candidate.resolve()
        if java in seen or not os.access(java, os.X_OK):
            continue
        seen[java] = _java_version(java)
        if seen[java] >= at_least:
            return java
    found = ", ".join(f"{java} (version {version})" for java, version in seen.items()) or "none"
    raise ServerUnavailable(
        f"Java {at_least} or later is missing (found: {found}): install one, for instance the package "
        f"openjdk-{at_least}-jdk-headless, or set JAVA_HOME to the folder of one"
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for who holds it; the system lets go of it when a process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _kept(coordinates: str, cache: Path, fetch: Callable[[Path], None]) -> Path:
    name = coordinates.replace(":", "_")
    final = cache / name
    if final.is_dir():
        return final
    with locked(cache / f".{name}.lock"):
        if not final.is_dir():
            # In the cache itself, so that the rename stays on one disk.
            unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=cache))
            try:
                fetch(unfinished)
                if not any(unfinished.iterdir()):
                    raise ServerUnavailable(f"mvn brought nothing for {coordinates}: check that name")
                unfinished.chmod(0o755)
                unfinished.rename(final)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    return final


def _maven(coordinates: str, project: Path, goal: str, *options: str) -> None:
    program = shutil.which("mvn")
    if program is None:
        raise ServerUnavailable(
            f"mvn is missing and is needed to fetch {coordinates}: install the package maven, or put mvn on the PATH"
        )
    try:
        done = subprocess.run(  # noqa: S603
            [program, "--batch-mode", "--quiet", "-Dstyle.color=never", f"{_PLUGIN}:{goal}", *options],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LONGEST_FETCH,
        )
    except subprocess.TimeoutExpired as fault:
        raise ServerUnavailable(
            f"mvn did not fetch {coordinates} within {_LONGEST_FETCH:g} s: check the network and try again"
        ) from fault
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if line.removeprefix("[ERROR]").strip()]
        raise ServerUnavailable(
            f"mvn cannot fetch {coordinates}: {(said or ['it does not say why'])[0]}; check the network and Maven's "
            "settings.xml"
        )


def _javas(environment: Mapping[str, str], system: Path) -> Iterator[Path]:
    for name in ("ES_JAVA_HOME", "JAVA_HOME"):
        if home := environment.get(name):
            yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(on_path)
    yield from sorted(system.glob("*/bin/java"))


def _java_version(java: Path) -> int:
    """The version of a Java, 0 when it does not say. Before 9 they were named 1.8 and the like."""
    try:
        said = subprocess.run(  # noqa: S603
            [java, "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0
