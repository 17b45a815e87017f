"""Being a member of a Kafka consumer group: how long a silent one counts as alive, and how it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_BEATS = 10


@dataclass(frozen=True, slots=True)
class Membership:
    """One member. `group` is the name people use, `name` the one Kafka knows.

    With an `instance`, a name that stays the same over a restart and that no other member has, a member that comes
    back within the session takes its partitions up again at once, and nobody else notices. Kafka then waits for it
    even when it has closed, so `dismiss` takes it out.
    """

    group: str
    name: str
    session: timedelta
    instance: str | None
    dismiss: Callable[[str, str], None]

    def options(self) -> dict[str, Any]:
        """In kafka-python's terms."""
        session = int(self.session.total_seconds() * 1000)
        return {
            "group_id": self.name,
            "group_instance_id": self.instance,
            "session_timeout_ms": session,
            "heartbeat_interval_ms": max(1, session // _BEATS),
        }

    @property
    def join_seconds(self) -> float:
        """How long a poll waits for the group to be shared out: kafka-python sends no heartbeat from the moment a
        join is answered to the next poll, so the session must not run out between two."""
        return self.session.total_seconds() / 4

    def leave(self) -> None:
        """Be no member any more, once the client is closed."""
        if self.instance is not None:
            self.dismiss(self.name, self.instance)
