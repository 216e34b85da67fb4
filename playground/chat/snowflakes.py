"""Discord's ids: 42 bits of milliseconds since 2015, then bits that keep ids of one millisecond apart."""

import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """A source of ids, each greater than the one before."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        born = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last = max(born, self._last + 1)
        return self._last


def created_at(snowflake: int) -> str:
    return isoformat((snowflake >> 22) / 1000 + EPOCH_MS / 1000)


def isoformat(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="microseconds")


def now() -> str:
    return isoformat(time.time())
