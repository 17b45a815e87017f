"""The loop of a worker process: one piece of work at a time, until the other side hangs up.

The system enforces the limits, so that not even a hang inside a C library escapes them: a timer that counts the
process's own processor time ends it, and memory above the limit is refused.
"""

import os
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path

import msgspec

from shared.errors import BadMessage
from shared.workers.framing import receive, send
from shared.workers.jobs import Answer, Ask, Jobs
from shared.workers.limits import MIB, Limits

# A peak this near to the limit says that some allocation may have failed and the failure been swallowed.
NEAR_LIMIT = 16 * MIB
# The part of its room for work that a worker may once have filled and still serve on: what it then holds of it, in
# pieces, is wanting to the next.
WORN_AT = 0.25
MOST_ASKED = 64 * MIB
_LONGEST_FAULT = 300
_OURS = str(Path(__file__).parents[2]) + os.sep
_PEAK_UNIT = 1024 if sys.platform == "linux" else 1


class WorkLoop:
    """What a worker does: its jobs, within its limits."""

    def __init__(self, jobs: Jobs, limits: Limits) -> None:
        self._jobs = jobs
        self._limits = limits
        self._at_first = _peak()

    def serve(self, connection: socket.socket) -> None:
        """Answer until the connection ends."""
        decoder, encoder = msgspec.msgpack.Decoder(Ask), msgspec.msgpack.Encoder()
        while True:
            try:
                frame = receive(connection, MOST_ASKED)
            except (EOFError, OSError):
                return
            signal.setitimer(signal.ITIMER_PROF, self._limits.cpu_seconds)
            try:
                packed = encoder.encode(self._with_peak(self._answer(decoder.decode(frame))))
            except MemoryError:
                packed = encoder.encode(Answer(over=True))
            signal.setitimer(signal.ITIMER_PROF, 0)
            try:
                send(connection, packed)
            except OSError:
                return

    def _answer(self, ask: Ask) -> Answer:
        try:
            packed = self._jobs[ask.job](ask.question)
        except BadMessage as e:
            return Answer(bad=str(e))
        except MemoryError:
            raise
        except Exception as e:
            fault = f"{type(e).__name__}: {' '.join(str(e).split())[:_LONGEST_FAULT]}"
            return Answer(fault=fault, where=_where(e))
        if len(packed) > self._limits.answer:
            return Answer(size=len(packed))
        return Answer(packed=packed)

    def _with_peak(self, answer: Answer) -> Answer:
        peak, most = _peak(), self._limits.memory
        if peak > most - NEAR_LIMIT:
            return Answer(over=True)
        worn = peak - self._at_first > WORN_AT * (most - self._at_first)
        return msgspec.structs.replace(answer, worn=worn)


def limit_memory(most: int) -> None:
    """Refuse what would take this process above `most` bytes of real memory.

    The limit is one of address space, of which libraries reserve more than they use: what was reserved before the
    work began is allowed on top.
    """
    with open("/proc/self/statm") as statm:
        reserved, held = (int(pages) * resource.getpagesize() for pages in statm.read().split()[:2])
    space = reserved + max(0, most - held)
    resource.setrlimit(resource.RLIMIT_AS, (space, space))


def _where(error: Exception) -> str:
    """The innermost place in our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(_OURS) and "site-packages" not in f.filename] or frames
    return f"{ours[-1].filename}:{ours[-1].lineno} in {ours[-1].name}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT
