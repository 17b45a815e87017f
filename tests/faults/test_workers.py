"""Workers bound what a piece of work may take: whatever it does, it ends with a reason and its neighbours go on."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from shared.errors import BadMessage, TryAgain, Unavailable
from shared.workers.limits import MIB, Limits
from shared.workers.pool import WorkerPool, WorkFault
from tests.conftest import ROOT
from tests.faults.worker_jobs import AnyJob, Asked, Told
from tests.waiting import wait_until

JOBS = "tests.faults.worker_jobs:jobs"
LIMITS = Limits(cpu_seconds=0.5, wall_seconds=60, memory=128 * MIB, answer=MIB)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(JOBS, workers=2, limits=LIMITS)
    yield pool
    pool.close()


def ask(pool: WorkerPool, job: str, text: str = "", number: int = 0) -> Told:
    return pool.call(job, Asked(text, number), Told, "https://a.example/1")


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def worker_of(pool: WorkerPool) -> int:
    return ask(pool, "echo").pid


def test_answers_come_in_order_and_several_at_once(pool: WorkerPool) -> None:
    # The first of each pair takes longest.
    todo = [Asked(str(n), 60 if n % 2 == 0 else 1) for n in range(12)]
    told = list(pool.in_order(lambda asked: pool.call("spin", asked, Told, "x"), todo))
    assert [t.text for t in told] == [asked.text for asked in todo]
    assert len({t.pid for t in told}) == 2
    assert os.getpid() not in {t.pid for t in told}


@pytest.mark.parametrize(("job", "number"), [("spin", 10_000), ("hang", 0)])
def test_what_takes_too_long_ends_with_the_reason_and_the_next_is_done(
    pool: WorkerPool, job: str, number: int
) -> None:
    with pytest.raises(
        BadMessage, match=r"^https://a.example/1: reading it takes more than 0.5 s of processor time"
    ):
        ask(pool, job, number=number)
    assert ask(pool, "echo", "next").text == "next"


def test_time_counts_for_each_piece_of_work_alone(pool: WorkerPool) -> None:
    for _ in range(6):
        ask(pool, "spin", number=200)


@pytest.mark.parametrize("job", ["hog", "swallow"])
def test_what_takes_too_much_memory_ends_with_the_reason_and_the_next_is_done(
    pool: WorkerPool, job: str
) -> None:
    with pytest.raises(BadMessage, match="takes more than 128 MiB of memory"):
        ask(pool, job, number=400)
    assert ask(pool, "echo", "next").text == "next"


MIXED = [
    ("echo", "a", 0, "a"),
    ("spin", "b", 10_000, "more than 0.5 s of processor time"),
    ("echo", "c" * 200_000, 0, "c" * 200_000),
    ("crash", "d", 0, "Segmentation fault"),
    ("echo", "e", 0, "e"),
    ("hog", "f", 400, "more than 128 MiB of memory"),
    ("echo", "g", 0, "g"),
    ("bad", "h", 0, "h: nothing can be made of it"),
    ("long", "i", 900_000, "x" * 900_000),
    ("hog", "j", 60, "60"),
    ("echo", "k" * 60_000, 0, "k" * 60_000),
    ("fault", "l", 0, "KeyError"),
]


@pytest.mark.parametrize("turn", range(4))
def test_of_many_questions_each_gets_its_own_answer(turn: int) -> None:
    pool = WorkerPool(JOBS, limits=LIMITS)
    todo = (MIXED[turn:] + MIXED[:turn]) * 2
    try:
        questions = ((f"number {n}", AnyJob(*told[:3])) for n, told in enumerate(todo))
        given = list(pool.call_all("any", questions, Told))
        for n, ((*_, expected), one) in enumerate(zip(todo, given, strict=True)):
            if isinstance(one, Told):
                assert one.text == expected
            else:
                assert expected in str(one)
                assert str(one).startswith((f"number {n}: ", "h: "))
    finally:
        pool.close()


def test_an_error_of_ours_between_two_questions_mixes_up_nothing() -> None:
    pool = WorkerPool(JOBS, limits=LIMITS)
    try:
        with pytest.raises(msgspec.ValidationError):
            list(pool.call_all("echo", (("x", Asked(str(n))) for n in range(8)), Asked))
        assert ask(pool, "echo", "next").text == "next"
    finally:
        pool.close()


def test_a_worker_that_held_much_is_replaced_and_the_same_work_fits_again() -> None:
    with_one = WorkerPool(JOBS, limits=LIMITS)
    try:
        first, second = ask(with_one, "hog", number=60), ask(with_one, "hog", number=60)
        assert (first.text, second.text) == ("60", "60")
        assert first.pid != second.pid
        assert len({ask(with_one, "hog", number=2).pid for _ in range(5)}) == 1
    finally:
        with_one.close()


def test_what_crashes_its_worker_twice_is_to_blame(pool: WorkerPool) -> None:
    with pytest.raises(BadMessage, match=r"ends the process that reads it .*Segmentation fault"):
        ask(pool, "crash")
    assert ask(pool, "echo", "next").text == "next"


def test_what_loses_its_worker_once_is_done_by_another(pool: WorkerPool, tmp_path: Path) -> None:
    mark = tmp_path / "died"
    assert ask(pool, "die once", str(mark)).text == str(mark)
    assert mark.exists()


def test_workers_and_nursery_killed_while_idle_are_replaced(pool: WorkerPool) -> None:
    for _ in range(5):
        os.kill(worker_of(pool), signal.SIGKILL)
    nursery = pool._keeper._nursery
    assert nursery is not None
    for _ in range(2):
        worker = worker_of(pool)
        now = pool._keeper._nursery
        assert now is not None
        now.process.kill()
        wait_until(lambda worker=worker: not alive(worker), 10, lambda: "a worker outlived its nursery")  # type: ignore[misc]
        assert ask(pool, "echo", "next").text == "next"


def test_a_fault_nobody_foresaw_is_told_with_its_place(
    pool: WorkerPool, caplog: pytest.LogCaptureFixture
) -> None:
    before = worker_of(pool)
    with caplog.at_level(logging.ERROR), pytest.raises(WorkFault, match="KeyError: 'z'") as told:
        ask(pool, "fault", "z")
    assert "worker_jobs.py" in told.value.where
    assert "in _fault" in caplog.text
    assert worker_of(pool) == before


def test_the_content_may_be_to_blame(pool: WorkerPool) -> None:
    with pytest.raises(BadMessage, match=r"^here: nothing can be made of it$"):
        ask(pool, "bad", "here")


def test_what_comes_of_it_is_bounded(pool: WorkerPool) -> None:
    assert len(ask(pool, "long", number=MIB - 100).text) == MIB - 100
    with pytest.raises(BadMessage, match=r"what comes of it has 1,048,5.. bytes; at most 1,048,576 go on"):
        ask(pool, "long", number=MIB)


def test_what_stands_still_is_tried_again_later() -> None:
    pool = WorkerPool(JOBS, limits=Limits(wall_seconds=0.3))
    try:
        with pytest.raises(TryAgain, match=r"came to nothing in 0.3 s"):
            ask(pool, "sleep", number=600)
        assert ask(pool, "echo", "next").text == "next"
    finally:
        pool.close()


def test_what_cannot_be_loaded_is_no_fault_of_the_content(capfd: pytest.CaptureFixture[str]) -> None:
    pool = WorkerPool("tests.faults.worker_jobs:no_jobs")
    try:
        for _ in range(2):
            with pytest.raises(
                Unavailable, match="does not start: FileNotFoundError: the model is not there"
            ):
                ask(pool, "echo")
    finally:
        pool.close()
    assert "no_jobs" in capfd.readouterr().err


def test_closing_leaves_nothing_behind() -> None:
    pool = WorkerPool(JOBS, workers=2, limits=LIMITS)
    pids = {t.pid for t in pool.in_order(lambda _: ask(pool, "spin", number=50), range(6))}
    assert len(pids) == 2
    pool.close()
    wait_until(lambda: not any(map(alive, pids)), 10, lambda: "workers live on")
    with pytest.raises(Unavailable, match="closed"):
        ask(pool, "echo")


def test_sets_are_in_the_same_order_in_every_process(pool: WorkerPool) -> None:
    other = WorkerPool(JOBS)
    try:
        assert ask(other, "set").text == ask(pool, "set").text
    finally:
        other.close()


ASKING = """
import sys, threading
from shared.workers.limits import Limits
from shared.workers.pool import WorkerPool
from tests.faults.worker_jobs import AnyJob, Asked, Told
pool = WorkerPool("tests.faults.worker_jobs:jobs", workers=2, limits=Limits(cpu_seconds=600))
told = list(pool.in_order(lambda n: pool.call("spin", Asked("", 50), Told, "x"), range(6)))
pids = sorted({t.pid for t in told} | {pool._keeper._nursery.process.pid})
for _ in range(2):
    threading.Thread(target=lambda: pool.call("hang", Asked(), Told, "x"), daemon=True).start()
print(*pids, flush=True)
sys.stdin.read()
"""


def test_no_worker_outlives_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKING],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 3
        wait_until(lambda: sum(map(busy, pids)) == 2, 30, lambda: "the workers do not hang")
        parent.kill()
        wait_until(lambda: not any(map(alive, pids)), 10, lambda: f"{[p for p in pids if alive(p)]} live on")


def busy(pid: int) -> bool:
    """Whether a process has used a second of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK") > 0.5
