"""Where a diagnosis draws its lines."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    discord_s: float = 20.0
    """For everything that is asked of Discord."""
    lookup_s: float = 5.0
    """For one look-up at Ollama."""
    answer_s: float = 60.0
    """For the short answer; a model that is not loaded has to be."""
    database_s: float = 5.0
    slow_tokens_per_s: float = 5.0
    """About as fast as one reads."""
    skew_warn_s: float = 5.0
    skew_fail_s: float = 60.0
    """The right to finish an answer lives 15 minutes, and Patter lets go of it one minute before."""
    disk_warn_bytes: int = 1024 * MIB
    disk_fail_bytes: int = 64 * MIB
