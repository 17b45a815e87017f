"""Locks on files, which the system releases when their process ends, however it ends."""

import os
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import Self


class FileLock:
    """A lock held on a file. Two holders exclude each other within one process as well."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock on `path`, which is made if it is missing, or None while somebody holds it. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if _lock(descriptor, LOCK_EX):
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    def write(self, content: bytes) -> None:
        """Put `content` into the locked file, which is empty."""
        if self._descriptor is not None:
            os.write(self._descriptor, content)

    def move(self, path: Path) -> None:
        """Give the locked file another name in the same folder."""
        self.path = self.path.rename(path)

    def release(self) -> None:
        """Let go. May be called twice. In a forked child this closes the copy only: the parent keeps the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock on `path`; a file that is missing is not held. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who ask at once do not take each other for the holder.
        return not _lock(descriptor, LOCK_SH)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Delete a file that may be gone already."""
    with suppress(FileNotFoundError):
        path.unlink()


def _lock(descriptor: int, kind: int) -> bool:
    try:
        flock(descriptor, kind | LOCK_NB)
    except BlockingIOError:
        return False
    return True
