"""The process that workers come from: it loads once what they need, then forks one in milliseconds when asked.

    python -m shared.workers.nursery DESCRIPTOR MODULE:FUNCTION[:ARGUMENT] LIMITS

DESCRIPTOR is a Unix socket. Each line on it asks for one thing and gets a line in reply: `fork`, which carries the
worker's end of a connection along and is answered by the worker's process id; `end PID`, answered by how that worker
ended. Its own start is told by `ready`, or by `failed` and why. Nursery and workers end when the socket does.
"""

import ctypes
import gc
import importlib
import os
import resource
import signal
import socket
import sys
import traceback

import msgspec

from shared.collecting import collect_seldom
from shared.workers.jobs import Jobs
from shared.workers.limits import Limits
from shared.workers.worker import WorkLoop, limit_memory

_SET_PARENT_DEATH_SIGNAL = 1
_LONGEST_LINE = 4096


def main() -> None:
    """The nursery's process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    limits = msgspec.json.decode(sys.argv[3], type=Limits)
    # Whoever started us finishes the work in hand and then hangs up; a signal to the whole group must not cut it off.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    collect_seldom()
    try:
        jobs = _load(sys.argv[2])
    except Exception as e:
        traceback.print_exc()
        control.sendall(f"failed {type(e).__name__}: {e}".encode()[:_LONGEST_LINE])
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library complains about while it works is of no use to anybody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    gc.collect()
    gc.freeze()  # a collection in a worker would touch, and so copy, every page that all could share
    control.sendall(b"ready")
    try:
        _serve(control, jobs, limits)
    except OSError:
        return


def _load(name: str) -> Jobs:
    module, function, *given = name.split(":", 2)
    jobs: Jobs = getattr(importlib.import_module(module), function)(*given)
    return jobs


def _serve(control: socket.socket, jobs: Jobs, limits: Limits) -> None:
    libc = ctypes.CDLL(None)
    while True:
        line, descriptors, _, _ = socket.recv_fds(control, _LONGEST_LINE, 1)
        if not line:
            return
        if line == b"fork":
            connection = socket.socket(fileno=descriptors[0])
            control.sendall(str(_fork(connection, control, jobs, limits, libc)).encode())
            connection.close()
        else:
            _, status = os.waitpid(int(line.removeprefix(b"end ")), 0)
            control.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _fork(
    connection: socket.socket, control: socket.socket, jobs: Jobs, limits: Limits, libc: ctypes.CDLL
) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        control.close()
        if sys.platform == "linux":
            # A worker deep in a C library would not notice that all others have gone.
            libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            _die_first()
            limit_memory(limits.memory)
        WorkLoop(jobs, limits).serve(connection)
    finally:
        os._exit(0)


def _die_first() -> None:
    """Where the machine's memory runs out, a worker is what can best be spared."""
    try:
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("500")
    except OSError:
        return


if __name__ == "__main__":
    main()
