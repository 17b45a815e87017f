"""One Elasticsearch for a whole test run, however many processes share the work.

A keeper process starts it and stops it when nobody holds the lock file any more; the system lets go of that lock when
a process dies, so a run that is killed leaves no server behind.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elasticsearch import Elasticsearch

from shared.servers.elasticsearch import ADDRESS_VARIABLE, any_elasticsearch
from shared.servers.maven import ServerUnavailable, locked
from tests.conftest import ROOT


@contextmanager
def shared_elasticsearch(run: str) -> Iterator[str]:
    """The address of the server of this test run, started by whoever comes first. Raises ServerUnavailable."""
    if given := os.environ.get(ADDRESS_VARIABLE):
        yield given
        return
    folder = Path(tempfile.gettempdir()) / f"heritage-wire-tests-{run}"
    folder.mkdir(exist_ok=True)
    keeper = None
    try:
        with (folder / "users").open("ab") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            with locked(folder / "starting"):
                if not (folder / "address").exists():
                    keeper = _keeper(folder)
            yield (folder / "address").read_text()
    finally:
        if keeper is not None:  # it ends when the last of us has gone
            keeper.wait()
            shutil.rmtree(folder, ignore_errors=True)


def empty(address: str, prefix: str) -> None:
    """Remove every index whose name begins so, if there are any."""
    with Elasticsearch(address) as client:
        names = list(client.indices.get_alias(index=f"{prefix}-*", expand_wildcards="all"))
        for at in range(0, len(names), 50):
            # Whoever made one may remove it at this moment too.
            client.indices.delete(index=names[at : at + 50], ignore_unavailable=True)
        client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-*")


def _keeper(folder: Path) -> "subprocess.Popen[str]":
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.elasticsearch_server", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    with keeper.stdout:
        said = keeper.stdout.readline()
    if said != "ready\n":
        keeper.wait()
        raise ServerUnavailable(said.strip() or f"the keeper of Elasticsearch ended with {keeper.returncode}")
    return keeper


def keep(folder: Path) -> None:
    """Start the server, say so, and stop it when nobody uses it any more."""
    # A folder that the server's own user can reach, which those of pytest are not.
    with tempfile.TemporaryDirectory(prefix="heritage-wire-elasticsearch-") as place:
        Path(place).chmod(0o755)
        try:
            with any_elasticsearch(Path(place) / "server") as address, (folder / "users").open("ab") as users:
                (folder / "address").write_text(address)
                print("ready", flush=True)
                fcntl.flock(users, fcntl.LOCK_EX)
                (folder / "address").unlink()
        except ServerUnavailable as e:
            print(" ".join(str(e).split()), flush=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
