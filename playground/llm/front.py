"""The one door by which the bot reaches a model, whichever it is: to be watched, narrowed and shut."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from playground.llm.proxy import Proxy
from playground.llm.server import LlmServer
from playground.llm.tap import Tap


class Front:
    """An address before the Ollama at `url`. `tap` counts what passes and may slow it down."""

    def __init__(self, url: str) -> None:
        self._proxy = Proxy(url)
        self._server = LlmServer(self._proxy.respond)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._proxy)
            await stack.enter_async_context(self._server)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def tap(self) -> Tap:
        return self._proxy.tap

    @property
    def is_down(self) -> bool:
        return not self._server.listens

    async def set_down(self, down: bool) -> None:
        """Refuse connections as a host does where no Ollama runs, or take them again. Raises OSError."""
        await (self._server.refuse() if down else self._server.listen())
