"""What goes to the process in which Apprise works, and what comes back."""

from typing import Literal

from shared.contracts.article import Struct


class Job(Struct, frozen=True, kw_only=True):
    """One message to one Apprise address."""

    target: str
    title: str
    body: str


class Answer(Struct, frozen=True):
    """bad: the target can never be used; refused: by the guard; failed: another try may work."""

    result: Literal["sent", "failed", "refused", "bad"]
    said: str
