"""One writer at a time: a lock on a file, which the system releases when its process ends, however it ends."""

import fcntl
import os
import sys
import time
from pathlib import Path
from typing import Self

from shared.index.port import IndexUnavailable

POLL = 0.02  # seconds between two looks at a lock that another holds


class WriterLock:
    """Held until `release`. The file says which process holds it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, file: Path, wait: float | None) -> Self:
        """Waits up to `wait` seconds, or for ever; then raises IndexUnavailable naming the holder."""
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _locked(descriptor, wait):
                holder = os.pread(descriptor, 1000, 0).decode(errors="replace") or "another process"
                raise IndexUnavailable(
                    f"{file}: {holder} is writing this index, and only one may; stop it or try again later"
                )
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} ({' '.join(sys.argv[:2])[:200]})".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Let another write. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked(descriptor: int, wait: float | None) -> bool:
    if wait is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL)
