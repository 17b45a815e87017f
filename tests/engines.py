"""The engines that whole flows are run on."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Engines:
    """A pair of engines: by name, and as settings."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The settings for a process."""
        return {f"HERITAGE_WIRE_{name.upper()}": value for name, value in self.settings.items()}
