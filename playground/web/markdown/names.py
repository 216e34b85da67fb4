"""What ids in mentions are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def mentioned(self, sign: str, target: str) -> tuple[str, str]:
        """
        Give the kind of a mention and what to show for it.

        >>> Names(channels={"7": "general"}).mentioned("#", "7")
        ('channel', '#general')
        >>> Names().mentioned("@", "7")
        ('user', '@unknown-user')
        """
        if sign == "#":
            return "channel", "#" + self.channels.get(target, "unknown")
        if sign == "@&":
            return "role", "@" + self.roles.get(target, "unknown-role").removeprefix("@")
        return "user", "@" + self.users.get(target, "unknown-user")
