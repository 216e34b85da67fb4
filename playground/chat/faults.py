"""
Faults that are planned beforehand: which requests they hit, and what becomes of those.

    server.faults.plan(drop(applied=True), "PATCH", TOKEN_MESSAGE, skip=2)
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.chat.record import Entry

CHANNEL_MESSAGES = "/channels/{channel}/messages"
CHANNEL_MESSAGE = "/channels/{channel}/messages/{message}"
CALLBACK = "/interactions/{interaction}/{token}/callback"
FOLLOWUPS = "/webhooks/{application}/{token}"
TOKEN_MESSAGE = "/webhooks/{application}/{token}/messages/{message}"  # noqa: S105 - a path
HTML = "<!DOCTYPE html><html><body>{}</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What becomes of a request: it may be delayed and applied, then comes its end.

    `end` is "pass" for the answer that it would have got, "drop" for a closed connection, "hang" for silence
    until `seconds` are over or the server closes, "answer" for `status` with `body` and `headers`.
    """

    end: Literal["pass", "drop", "hang", "answer"]
    applied: bool = False
    delay_s: float = 0.0
    seconds: float | None = None
    status: int = 0
    body: Any = None
    """A str is sent as HTML, anything else as JSON."""
    headers: dict[str, str] = field(default_factory=dict)


def drop(*, applied: bool = False) -> Fault:
    return Fault("drop", applied=applied)


def hang(seconds: float | None = None, *, applied: bool = False) -> Fault:
    """Accept and never answer; the connection is dropped after `seconds` or when the server closes."""
    return Fault("hang", applied=applied, seconds=seconds)


def delay(seconds: float) -> Fault:
    return Fault("pass", applied=True, delay_s=seconds)


def server_error(status: int = 500, *, applied: bool = False, html: bool = False) -> Fault:
    body = HTML.format(f"{status}: Server Error") if html else {"message": f"{status}: Server Error", "code": 0}
    return Fault("answer", applied=applied, status=status, body=body)


def too_many_requests(
    retry_after: float = 0.1,
    *,
    scope: Literal["user", "global", "shared"] = "user",
    via: bool = True,
    html: bool = False,
) -> Fault:
    """Answer 429; without `via`, or with `html`, it reads as a ban by Cloudflare."""
    is_global = scope == "global"
    headers = {"Retry-After": str(int(-(-retry_after // 1))), "X-RateLimit-Scope": scope}
    headers |= {"Via": "1.1 google"} if via else {}
    headers |= {"X-RateLimit-Global": "true"} if is_global else {}
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": is_global}
    return Fault("answer", status=429, headers=headers, body=HTML.format("Error 1015") if html else body)


@dataclass(slots=True, eq=False)
class Plan:
    """A fault that lies in wait. `hits` are the requests that it met, `met` is set by the first."""

    fault: Fault
    method: str | None
    route: str | None
    where: Callable[[Entry], bool] | None
    skip: int
    times: int | None
    hits: list[Entry] = field(default_factory=list)
    met: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, entry: Entry) -> bool:
        matches = (
            self.method in (None, entry.method)
            and self.route in (None, entry.route)
            and (self.where is None or self.where(entry))
        )
        if not matches:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits.append(entry)
        self.met.set()
        return True

    @property
    def is_spent(self) -> bool:
        return self.times is not None and len(self.hits) >= self.times


class Faults:
    def __init__(self) -> None:
        self._plans: list[Plan] = []

    def plan(
        self,
        fault: Fault,
        method: str | None = None,
        route: str | None = None,
        *,
        where: Callable[[Entry], bool] | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> Plan:
        """
        Let `fault` meet the requests of that method and route template that `where` is true of.

        The first `skip` of them go by, then `times` are met (None: all). Plans are tried in the order they were made.
        """
        plan = Plan(fault, method, route, where, skip, times)
        self._plans.append(plan)
        return plan

    def cancel(self, plan: Plan) -> None:
        """Take a plan back; harmless for one that is spent."""
        if plan in self._plans:
            self._plans.remove(plan)

    def clear(self) -> None:
        self._plans.clear()

    def meet(self, entry: Entry) -> Fault | None:
        for plan in self._plans:
            if plan.meets(entry):
                if plan.is_spent:
                    self._plans.remove(plan)
                return plan.fault
        return None
