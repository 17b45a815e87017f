"""Work in one thread, what it asks for in the other: nobody waits for ever, and errors come out."""

import threading

import pytest

from shared.bus.kafka.turns import Turns


def test_what_is_asked_for_is_done_by_the_caller_while_the_work_waits() -> None:
    turns = Turns("test")
    here = threading.get_ident()
    seen: list[int] = []

    def work() -> int:
        answered = threading.Event()

        def answer() -> None:
            seen.append(threading.get_ident())
            answered.set()

        turns.ask(answer)
        assert answered.wait(5)
        return threading.get_ident()

    assert turns.run(work) != here
    assert seen == [here]
    turns.close()


def test_an_error_of_what_is_asked_for_comes_out_after_the_work_is_done() -> None:
    turns = Turns("test")
    done: list[str] = []

    def fail() -> None:
        raise ValueError("the listener's")

    def work() -> None:
        turns.ask(fail)
        turns.ask(lambda: done.append("second"))
        done.append("work")

    with pytest.raises(ValueError, match="the listener's"):
        turns.run(work)
    assert sorted(done) == ["second", "work"]
    with pytest.raises(ZeroDivisionError):
        turns.run(lambda: 1 // 0)
    assert turns.run(lambda: 7) == 7
    turns.close()


def test_work_left_by_an_interrupt_is_finished_before_the_next() -> None:
    turns = Turns("test")
    order: list[str] = []
    go_on = threading.Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    def slow() -> None:
        turns.ask(interrupt)
        assert go_on.wait(5)
        turns.ask(lambda: order.append("asked late"))
        order.append("slow")

    with pytest.raises(KeyboardInterrupt):
        turns.run(slow)
    go_on.set()
    turns.run(lambda: order.append("next"))
    assert sorted(order[:2]) == ["asked late", "slow"]
    assert order[2:] == ["next"]
    turns.close()
