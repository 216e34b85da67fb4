"""What a cog may use."""

from dataclasses import dataclass

from bot.chat.afterwards import Afterwards
from bot.chat.asking import Asking
from bot.chat.branches import Branches
from bot.chat.leaving import Leaving
from bot.chat.listening import Listening
from bot.chat.mending import Mending
from bot.chat.privacy import Keeping
from bot.chat.revising import Revising
from bot.chat.threads import Threads
from bot.core.exchange import Memory
from bot.core.ports import ChatModel, Places
from bot.core.runs import Runs
from bot.core.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Services:
    """Built by the composition root, one for the process."""

    runs: Runs
    model: ChatModel
    memory: Memory
    places: Places
    statistics: Statistics
    asking: Asking
    branches: Branches
    threads: Threads
    listening: Listening
    afterwards: Afterwards
    revising: Revising
    leaving: Leaving
    mending: Mending
    keeping: Keeping
    stop_emoji: str
    default_model: str
    """The model that answers unless another is asked for."""
