"""The process in which Apprise works: it sends messages, over connections that pass the guard, and nothing else.

Apprise opens its connections itself, in many ways. So the interpreter is told to ask before each: an audit hook sees
every address a socket is about to be connected to, and raises before a byte is sent. It also keeps the process from
running programs and from opening files, because some targets name a file to be read and sent along. A hook cannot be
taken off again; that is why this is a process of its own.

`python -m services.alerter.delivery.apprise_child NETWORKS` reads a `Job` from each line of standard input and answers
each with a line that holds an `Answer`. NETWORKS are the private networks the operator has opened, as in the setting.
"""

import logging
import resource
import socket
import sys
import sysconfig
from pathlib import Path
from typing import Any

import msgspec

from services.alerter.delivery.apprise_jobs import Answer, Job
from shared.channels import ON_THIS_MACHINE
from shared.outgoing.addresses import SETTING, Networks, refusal

# Some 60 MB are needed; whoever answers without end is not read to the end.
MOST_MEMORY = 2**30
_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# Whatever runs a program or changes files.
_FORBIDDEN = frozenset(
    {
        "os.chmod",
        "os.chown",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.spawn",
        "os.symlink",
        "os.system",
        "os.truncate",
        "pty.spawn",
        "shutil.copyfile",
        "shutil.move",
        "shutil.rmtree",
        "socket.bind",
        "subprocess.Popen",
    }
)
# Beside Python's own folders and its packages.
_READABLE = ("/etc/mime.types", "/etc/ssl/", "/usr/share/zoneinfo/", "/dev/urandom", "/dev/null")


class Hook:
    """Refuses what must not happen, with an OSError, and notes it for the answer."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        paths = sysconfig.get_paths()
        folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        self._readable = (*(f"{Path(folder)}/" for folder in folders), *_READABLE)
        self.refused: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by the interpreter before each such thing happens."""
        if event in _CONNECTS:
            reason = self._of_address(arguments[0], arguments[1])
        elif event == "open":
            reason = self._of_file(arguments[0], arguments[1], arguments[2])
        else:
            reason = f"{event} is not for Apprise" if event in _FORBIDDEN else ""
        if reason:
            self.refused.append(reason)
            raise PermissionError(reason)

    def _of_address(self, sock: socket.socket, address: Any) -> str:
        if address is None:  # sent over a connection that stands already
            return ""
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return "only the internet is spoken to"
        # A name would be looked up after us, and might then mean another address.
        reason = refusal(str(address[0]), self._networks)
        return f"{reason}; to allow it, name its network in {SETTING}" if reason else ""

    def _of_file(self, path: Any, mode: Any, flags: Any) -> str:
        if isinstance(path, int):
            return ""
        name = path.decode("utf-8", "replace") if isinstance(path, bytes) else str(path)
        reads = not (mode and set(str(mode)) & set("wax+")) and not (isinstance(flags, int) and flags & 0o3)
        plain = ".." not in Path(name).parts
        return "" if reads and plain and name.startswith(self._readable) else "files are not for Apprise"


class Said(logging.Handler):
    """Keeps the last warning or error."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.last = record.getMessage()


class Courier:
    """Sends messages, one after the other. Apprise is loaded whole before the hook holds."""

    def __init__(self, hook: Hook) -> None:
        from apprise import Apprise, AppriseAsset, PersistentStoreMode

        self._hook = hook
        self._said = Said(logging.WARNING)
        logging.getLogger("apprise").addHandler(self._said)
        self._asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, plugin_paths=[])
        Apprise.instantiate("json://localhost", asset=self._asset)  # loads every kind of target
        sys.addaudithook(hook)

    def sent(self, job: Job) -> Answer:
        """Send one message, once."""
        from apprise import Apprise, NotifyFormat

        scheme = job.target.partition("://")[0].lower()
        if scheme in ON_THIS_MACHINE:
            return Answer("bad", f"{scheme}:// works on this machine itself, and is not used")
        self._said.last = ""
        self._hook.refused.clear()
        try:
            target = Apprise.instantiate(job.target, asset=self._asset, suppress_exceptions=True)
            if target is None:
                return Answer("bad", f"{scheme}:// is no address that Apprise can use: {self._said.last}")
            done = target.notify(body=job.body, title=job.title, body_format=NotifyFormat.TEXT)
        except Exception as e:  # a fault of one kind of target, MemoryError too, is that message's own
            done, self._said.last = False, f"{type(e).__name__}: {e}"
        if done:
            return Answer("sent", "")
        if self._hook.refused:
            return Answer("refused", f"refused by the guard: {self._hook.refused[0]}")
        return Answer("failed", self._said.last)


def main() -> None:
    """Do the jobs on standard input, until it is closed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    courier = Courier(Hook(Networks.parse(sys.argv[1])))
    for line in sys.stdin.buffer:
        answer = courier.sent(msgspec.json.decode(line, type=Job))
        out.write(msgspec.json.encode(answer) + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
