"""From a slash command to a Run that is under way."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.chat.limits import Limits
from bot.chat.surface import HANDOVER_S, AskSurface
from bot.chat.text.pages import AnswerPages
from bot.core.model import Question, Turn
from bot.core.ports import ChatModel, Observer
from bot.core.run import Pace, Run, new_run_id
from bot.core.runs import Asked, Runs
from bot.core.scheduler import Scheduler

if TYPE_CHECKING:
    from bot.chat.client import Patter


@dataclass(frozen=True, slots=True)
class AskOptions:
    default_model: str
    system_prompt: str = ""
    pace: Pace = field(default_factory=Pace)
    handover_s: float = HANDOVER_S


class Asking:
    """Makes Runs out of questions."""

    def __init__(
        self,
        runs: Runs,
        model: ChatModel,
        scheduler: Scheduler,
        limits: Limits,
        observer: Observer,
        options: AskOptions,
    ) -> None:
        self._runs, self._model = runs, model
        self._scheduler, self._limits = scheduler, limits
        self._observer, self._options = observer, options

    def ask(self, interaction: "discord.Interaction[Patter]", prompt: str, *, model: str | None, private: bool) -> None:
        """
        Start a Run that answers the interaction with its first message, and return.

        It can be stopped from now on, even while that message is on its way. Raises ShuttingDown.
        """
        self._runs.check_open()
        assert interaction.channel_id is not None, "a command is always used in a channel"
        question = self._question(prompt, model or self._options.default_model)
        run_id, handover_s = new_run_id(), self._options.handover_s
        surface = AskSurface(
            interaction,
            run_id,
            scheduler=self._scheduler,
            limits=self._limits,
            private=private,
            handover_s=handover_s,
        )
        run = Run(
            run_id,
            question,
            self._model,
            AnswerPages(prompt, question.model),
            surface,
            observer=self._observer,
            pace=self._options.pace,
            life_s=handover_s if private else None,  # it has to end while its token lives
        )
        self._runs.start(Asked(run, interaction.user.id, interaction.channel_id, private))

    def _question(self, prompt: str, model: str) -> Question:
        system = self._options.system_prompt
        turns = (*([Turn("system", system)] if system else []), Turn("user", prompt))
        return Question(turns, model, seed=secrets.randbelow(2**31))
