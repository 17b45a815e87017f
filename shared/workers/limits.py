"""What one piece of work may take of the machine."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one piece of work: seconds, and bytes.

    `memory` counts all of the worker's process, with what it had loaded before; `answer` is what may come back.
    `wall_seconds` is there for what stands still without working; a busy machine must not reach it.
    """

    cpu_seconds: float = 5.0
    wall_seconds: float = 120.0
    memory: int = 512 * MIB
    answer: int = 16 * MIB
