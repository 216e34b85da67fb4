"""Whether a model that stays silent is being loaded."""

import asyncio
from collections.abc import Callable

from bot.core.errors import ModelError
from bot.core.ports import ChatModel


class LoadingWatch:
    """Calls `tell` if the model was not in memory when the watch began, and is silent for `after_s` from then."""

    def __init__(self, model: ChatModel, name: str, after_s: float, tell: Callable[[], None]) -> None:
        self._model, self._name, self._after_s, self._tell = model, name, after_s, tell
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._watch(), name=f"loading {self._name}?")

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        tell_at = loop.time() + self._after_s
        try:
            async with asyncio.timeout_at(tell_at):
                loaded = await self._model.loaded()
        except (ModelError, TimeoutError):
            return
        if any(model.is_called(self._name) for model in loaded):
            return
        await asyncio.sleep(max(0.0, tell_at - loop.time()))
        self._tell()
