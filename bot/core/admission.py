"""What a question has to pass before anything of an answer is shown."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Literal, Self

from bot.core.access import Access, Models, Visitor
from bot.core.queue import Line, Ticket
from bot.core.quota import Quota

Exempt = Literal["moderators", "owners", "nobody"]


class Admitted:
    """
    The right to one answer by `model`, with its place in line.

    It is given back at the end of the context, unless somebody has taken it over.
    """

    def __init__(self, model: str, ticket: Ticket, give_back: ExitStack) -> None:
        self.model, self.ticket = model, ticket
        self._give_back = give_back

    def take_over(self) -> Callable[[], None]:
        """Give what gives it back, which has to be called once."""
        return self._give_back.pop_all().close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._give_back.close()


class Admission:
    """The one way to an answer, for commands, messages and buttons alike. `exempt` says whom no quota holds."""

    def __init__(self, access: Access, quota: Quota, line: Line, exempt: Exempt) -> None:
        self.line = line
        self._access, self._quota, self._exempt = access, quota, exempt

    async def admit(self, visitor: Visitor, model: str | None = None, former: str | None = None) -> Admitted:
        """Raise NotAllowed or Busy, each with a sentence; `model` and `former` are as for `Models.choose`."""
        chosen = (await self._access.admit(visitor)).choose(model, former)
        guild_id, is_exempt = visitor.place.guild_id, self._is_exempt(visitor)
        # From here to the end nothing waits, so that no other ask comes between a check and what it allows.
        if not is_exempt:
            self._quota.check(visitor.user_id, guild_id)
        ticket = self.line.join(visitor.user_id)
        give_back = ExitStack()
        give_back.callback(ticket.leave)
        if not is_exempt:
            give_back.callback(await self._quota.take(visitor.user_id, guild_id))
        return Admitted(chosen, ticket, give_back)

    @property
    def deployment_models(self) -> Models:
        """The models that may be used where nothing else is set."""
        return self._access.deployment_models

    async def models(self, visitor: Visitor) -> Models:
        """Tell which models may be used where a visitor is."""
        return await self._access.models(visitor)

    def _is_exempt(self, visitor: Visitor) -> bool:
        match self._exempt:
            case "moderators":
                return visitor.may_moderate or visitor.is_owner
            case "owners":
                return visitor.is_owner
            case "nobody":
                return False
