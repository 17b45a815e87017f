"""What workers can do: functions by name, over bytes. A module offers them as a function that loads what
they need and returns `Jobs`; it runs once, before the workers are forked, with a string or nothing as its argument."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from shared.contracts.article import Struct

Job = Callable[[bytes], bytes]
Jobs = Mapping[str, Job]

Question = TypeVar("Question", bound=Struct)


class Ask(Struct, frozen=True):
    """One piece of work: the job's name and its question, packed."""

    job: str
    question: bytes


class Answer(Struct, frozen=True):
    """What came of it: the packed answer, or why there is none.

    `bad` is for what the question's content is to blame for; `fault` for an error nobody foresaw, with its place in
    the code (`where`); `size` for an answer of so many bytes, which are too many. `over` says that memory ran out, `worn`
    that the worker should do no more.
    """

    packed: bytes = b""
    bad: str = ""
    fault: str = ""
    where: str = ""
    size: int = 0
    over: bool = False
    worn: bool = False


def job(question: type[Question], run: Callable[[Question], Struct]) -> Job:
    """A job from a function of messages."""
    decoder, encoder = msgspec.msgpack.Decoder(question), msgspec.msgpack.Encoder()

    def packed(frame: bytes) -> bytes:
        return encoder.encode(run(decoder.decode(frame)))

    return packed
