"""Discord's rate limits: fixed windows that open with their first request."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

ROUNDING = 1e-6  # what binary fractions add to whole milliseconds


@dataclass(frozen=True, slots=True)
class Rate:
    count: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Every number and period that the server holds its callers to.

    Documented by Discord: `everything` (50/s a bot; interaction callbacks and webhook tokens are outside it),
    `invalid` (10,000 responses of 401, 403 and 429 in 10 minutes, then a ban), `gateway_sends`, `identifies`,
    `first_response_s`, `token_life_s`, `user_install_followups`, `nonce_life_s` ("a few minutes").

    Known from issue threads and from response headers: `edit` and `send` (5 per 5 s a channel, and a thread is
    a channel), `token` (5 per 2 s for one interaction's edits and follow-ups together), `reaction`
    (1 per 0.25 s a channel). Community knowledge: `old_edit` (3 per 6 s a channel for messages older than
    `old_after_s`).

    `heartbeat_s` is what HELLO says today. Chosen here: `resume_life_s`, how long a lost session is kept, and
    `replay_events`, how much of it.
    """

    edit: Rate = Rate(5, 5.0)
    send: Rate = Rate(5, 5.0)
    token: Rate = Rate(5, 2.0)
    reaction: Rate = Rate(1, 0.25)
    old_edit: Rate = Rate(3, 6.0)
    old_after_s: float = 3600.0
    everything: Rate = Rate(50, 1.0)
    invalid: Rate = Rate(10_000, 600.0)
    gateway_sends: Rate = Rate(120, 60.0)
    identifies: Rate = Rate(1000, 86_400.0)
    first_response_s: float = 3.0
    token_life_s: float = 900.0
    user_install_followups: int = 5
    nonce_life_s: float = 300.0
    heartbeat_s: float = 41.25
    resume_life_s: float = 120.0
    replay_events: int = 2000


class Lane(Enum):
    """A bucket's kind; its value is the hash in X-RateLimit-Bucket and the name of its Rate."""

    EDIT = "edit"
    SEND = "send"
    TOKEN = "token"  # noqa: S105 - not a secret
    REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Refusal:
    retry_after: float
    scope: str

    @property
    def is_global(self) -> bool:
        return self.scope == "global"


class Window:
    """Counts what happens until `rate.per_s` after the first of it."""

    __slots__ = ("_clock", "ends", "rate", "used")

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self.rate, self._clock = rate, clock
        self.used = 0
        self.ends = -math.inf

    def take(self) -> bool:
        """Use one up if there is one left."""
        now = self._clock()
        if now >= self.ends:
            self.used, self.ends = 0, now + self.rate.per_s
        if self.used >= self.rate.count:
            return False
        self.used += 1
        return True

    @property
    def remaining(self) -> int:
        return self.rate.count - self.used if self._clock() < self.ends else self.rate.count

    @property
    def reset_after(self) -> float:
        """Seconds to the end of the window, in whole milliseconds rounded up: who waits so long is not early."""
        if self.is_over:
            return 0.0
        return math.ceil((self.ends - self._clock()) * 1000 - ROUNDING) / 1000

    @property
    def is_over(self) -> bool:
        return self._clock() >= self.ends


class RateLimiter:
    """Who has used how much of what. `refused` counts the 429s, `invalid` what counts towards a ban."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, str, int], Window] = {}
        self._sweep_at = 1024
        self._invalid = Window(limits.invalid, clock)
        self.refused = 0

    @property
    def invalid(self) -> int:
        """How many invalid responses were given in the present window."""
        return self.limits.invalid.count - self._invalid.remaining

    @property
    def is_banned(self) -> bool:
        return self._invalid.remaining == 0

    def count_answer(self, status: int, scope: str | None) -> None:
        if status == 429:
            self.refused += 1
        if status in {401, 403, 429} and scope != "shared":
            self._invalid.take()

    def everything(self, bot: int) -> Refusal | None:
        """Count a request of a bot against its global limit."""
        window = self._window(("everything", "", bot), self.limits.everything)
        return None if window.take() else Refusal(window.reset_after, "global")

    def windows(self) -> Iterator[tuple[str, str, Window]]:
        """Give each window that is known, with the name of its Rate and its channel's id or interaction's token."""
        for (kind, major, _), window in self._windows.items():
            yield kind, major, window

    def identifies(self, bot: int) -> Window:
        """Give the window that the IDENTIFYs of a bot are counted in."""
        return self._window(("identifies", "", bot), self.limits.identifies)

    def take(self, lane: Lane, major: str, caller: int) -> tuple[Window, Refusal | None]:
        """Count a request against its bucket; `major` is the channel's id or the interaction's token."""
        rate: Rate = getattr(self.limits, lane.value)
        window = self._window((lane.value, major, caller), rate)
        return window, None if window.take() else Refusal(window.reset_after, "user")

    def old_edit(self, channel: int, caller: int) -> Refusal | None:
        """Count an edit of an old message; a limit of its own, which no header tells beforehand."""
        window = self._window(("old_edit", str(channel), caller), self.limits.old_edit)
        return None if window.take() else Refusal(window.reset_after, "user")

    def _window(self, key: tuple[str, str, int], rate: Rate) -> Window:
        window = self._windows.get(key)
        if window is None:
            self._sweep()
            window = self._windows[key] = Window(rate, self._clock)
        return window

    def _sweep(self) -> None:
        """Forget windows that are over, each time their number has doubled: every interaction makes one."""
        if len(self._windows) < self._sweep_at:
            return
        self._windows = {key: window for key, window in self._windows.items() if not window.is_over}
        self._sweep_at = max(1024, 2 * len(self._windows))


def bucket_headers(lane: Lane, window: Window) -> dict[str, str]:
    reset_after = window.reset_after
    return {
        "X-RateLimit-Limit": str(window.rate.count),
        "X-RateLimit-Remaining": str(window.remaining),
        "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        "X-RateLimit-Bucket": lane.value,
    }


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    """Tell what Discord's 429s carry; without `Via` clients take one for a ban by Cloudflare."""
    headers = {
        "Retry-After": str(math.ceil(refusal.retry_after)),
        "X-RateLimit-Scope": refusal.scope,
        "Via": "1.1 google",
    }
    if refusal.is_global:
        headers["X-RateLimit-Global"] = "true"
    return headers


def refusal_body(refusal: Refusal) -> dict[str, object]:
    return {
        "message": "You are being rate limited.",
        "retry_after": refusal.retry_after,
        "global": refusal.is_global,
    }
