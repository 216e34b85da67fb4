"""What a cog may use."""

from dataclasses import dataclass

from bot.chat.asking import Asking
from bot.core.ports import ChatModel
from bot.core.runs import Runs


@dataclass(frozen=True, slots=True)
class Services:
    """Built by the composition root, one for the process."""

    runs: Runs
    model: ChatModel
    asking: Asking
    stop_emoji: str
