"""From a slash command to a Run that is under way."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.chat.limits import Limits
from bot.chat.surface import HANDOVER_S, NOBODY, AskSurface
from bot.chat.text.pages import AnswerPages
from bot.chat.views import controls
from bot.core.model import Phase, Question, Turn
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

    async def ask(
        self, interaction: "discord.Interaction[Patter]", prompt: str, *, model: str | None, private: bool
    ) -> None:
        """
        Answer the interaction at once with the first message, then start to stream into it.

        Raises ShuttingDown, and what discord.py raises if Discord refuses the first message.
        """
        self._runs.check_open()
        question = self._question(prompt, model or self._options.default_model)
        pages = AnswerPages(prompt, question.model)
        run_id = new_run_id()
        response = await interaction.response.send_message(
            pages.open_page(Phase.WAITING),
            view=controls(run_id),
            ephemeral=private,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
        )
        assert response.message_id is not None, "the response to a command is a message"
        surface = AskSurface(
            interaction,
            response.message_id,
            run_id,
            scheduler=self._scheduler,
            limits=self._limits,
            private=private,
            handover_s=self._options.handover_s,
        )
        run = Run(
            run_id,
            question,
            self._model,
            pages,
            surface,
            observer=self._observer,
            pace=self._options.pace,
            life_s=self._options.handover_s if private else None,  # it has to end while its token lives
        )
        assert interaction.channel_id is not None, "a command is always used in a channel"
        self._runs.start(Asked(run, interaction.user.id, interaction.channel_id))

    def _question(self, prompt: str, model: str) -> Question:
        system = self._options.system_prompt
        turns = (*([Turn("system", system)] if system else []), Turn("user", prompt))
        return Question(turns, model, seed=secrets.randbelow(2**31))
