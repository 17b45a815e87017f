"""Work that goes wrong in every way, for tests of the workers."""

import ctypes
import os
import re
import signal
import time
from pathlib import Path

from shared.contracts.article import Struct
from shared.errors import BadMessage
from shared.workers.jobs import Jobs, job

MIB = 1024 * 1024


class Asked(Struct, frozen=True):
    """What to work with."""

    text: str = ""
    number: int = 0


class Told(Struct, frozen=True):
    """What came of it, and in which process."""

    text: str
    pid: int


class AnyJob(Struct, frozen=True):
    """A question together with the job that is to answer it."""

    job: str
    text: str
    number: int


def jobs() -> Jobs:
    """All of them."""
    functions = {
        "echo": _echo,
        "spin": _spin,
        "hang": _hang,
        "hog": _hog,
        "swallow": _swallow,
        "sleep": _sleep,
        "crash": _crash,
        "die once": _die_once,
        "fault": _fault,
        "bad": _bad,
        "long": _long,
        "set": _set,
    }

    def any_of_them(asked: AnyJob) -> Told:
        return functions[asked.job](Asked(asked.text, asked.number))

    return {"any": job(AnyJob, any_of_them)} | {name: job(Asked, f) for name, f in functions.items()}


def no_jobs() -> Jobs:
    """What cannot be loaded."""
    raise FileNotFoundError("the model is not there")


def _echo(asked: Asked) -> Told:
    return Told(asked.text, os.getpid())


def _spin(asked: Asked) -> Told:
    until = time.process_time() + asked.number / 1000
    while time.process_time() < until:
        pass
    return _echo(asked)


def _hang(asked: Asked) -> Told:
    # Inside a C library, which holds the interpreter's lock and looks at no signal.
    re.match(r"(a+)+$", "a" * 60 + "b")
    return _echo(asked)


def _hog(asked: Asked) -> Told:
    held = [b"x" * MIB for _ in range(asked.number)]
    return Told(str(len(held)), os.getpid())


def _swallow(asked: Asked) -> Told:
    held = []
    try:
        while True:
            held.append(b"x" * MIB)
    except MemoryError:
        pass
    return Told(f"all {len(held)} of it", os.getpid())


def _sleep(asked: Asked) -> Told:
    time.sleep(asked.number)
    return _echo(asked)


def _crash(_asked: Asked) -> Told:
    ctypes.string_at(0)
    raise AssertionError("still here")


def _die_once(asked: Asked) -> Told:
    mark = Path(asked.text)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _echo(asked)


def _fault(asked: Asked) -> Told:
    return Told({"a": "b"}[asked.text], 0)


def _bad(asked: Asked) -> Told:
    raise BadMessage(f"{asked.text}: nothing can be made of it")


def _long(asked: Asked) -> Told:
    return Told("x" * asked.number, os.getpid())


def _set(_asked: Asked) -> Told:
    return Told(" ".join({f"word{n}" for n in range(200)}), os.getpid())
