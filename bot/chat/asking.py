"""From a question, however it was put, to a Run that is under way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.chat.limits import Limits
from bot.chat.routes import ChannelRoute, Dress, TokenRoute
from bot.chat.surface import HANDOVER_S, ChannelSurface, InteractionSurface
from bot.chat.text.links import Links
from bot.chat.text.pages import MAX_PAGES, AnswerPages
from bot.chat.visitors import author_of, visitor_by
from bot.core.access import Models, Visitor
from bot.core.admission import Admission, Admitted
from bot.core.composer import Composer
from bot.core.exchange import Branch, Exchange, Memory, Wish
from bot.core.memory import Place, Speaker
from bot.core.ports import ChatModel, Observer, Surface
from bot.core.run import Bounds, Pace, Run, new_run_id
from bot.core.runs import Asked, Runs
from bot.core.scheduler import Scheduler

if TYPE_CHECKING:
    from bot.chat.client import Patter

FindBranch = Callable[[], Awaitable[Branch]]


@dataclass(frozen=True, slots=True)
class AskOptions:
    pace: Pace = field(default_factory=Pace)
    bounds: Bounds = field(default_factory=Bounds)
    handover_s: float = HANDOVER_S
    links: Links = field(default_factory=Links)
    max_pages: int = MAX_PAGES


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked, by whatever means."""

    text: str
    find_branch: FindBranch
    model: str | None = None
    """Who is wished to answer."""
    former_model: str | None = None
    """Who answered before, and is to do so again if that is still allowed."""
    private: bool = False
    shows_question: bool = True
    """Whether the question stands above the answer."""
    preface: str = ""
    """A line of ours above all that."""
    may_retry: bool = True
    """Whether what is remembered of it is enough to ask it again."""


async def nothing_before() -> Branch:
    return Branch()


class Asking:
    """Makes Runs out of questions. All its methods raise ShuttingDown, and those that admit NotAllowed and Busy."""

    def __init__(
        self,
        runs: Runs,
        admission: Admission,
        model: ChatModel,
        scheduler: Scheduler,
        limits: Limits,
        observer: Observer,
        memory: Memory,
        composer: Composer,
        options: AskOptions,
    ) -> None:
        self._runs, self._admission, self._model = runs, admission, model
        self._scheduler, self._limits = scheduler, limits
        self._observer, self._memory, self._composer = observer, memory, composer
        self._options = options

    async def admit(self, interaction: "discord.Interaction[Patter]", model: str | None) -> Admitted:
        """Admit whoever made the interaction, for when something is to be shown before the answer begins."""
        self._runs.check_open()
        return await self._admission.admit(visitor_by(interaction), model)

    @property
    def deployment_models(self) -> Models:
        return self._admission.deployment_models

    async def models(self, interaction: "discord.Interaction[Patter]") -> Models:
        """Tell which models may be used where the interaction was made."""
        return await self._admission.models(visitor_by(interaction))

    async def by_interaction(
        self,
        interaction: "discord.Interaction[Patter]",
        prompt: Prompt,
        *,
        admitted: Admitted | None = None,
        speaker: Speaker | None = None,
        message_id: int | None = None,
        in_place: bool = False,
        response_id: int | None = None,
    ) -> Run:
        """
        Start a Run that answers the interaction with its first message, and return it.

        It can be stopped from then on, even while that message is on its way. With `in_place` the answer takes the
        place of what the message below whose button one has clicked shows; `response_id` is the message whose place it
        takes if the interaction has been answered already. `speaker` is whom it is for, if not whoever made the
        interaction, who is the one to be `admitted`; `message_id` the message that is the question, if there is one.
        """
        self._runs.check_open()
        admitted = admitted or await self._admit(visitor_by(interaction), prompt)
        with admitted:
            run_id, place = new_run_id(), place_of(interaction)
            speaker = speaker or speaker_of(interaction.user)
            may_thread = _may_thread(interaction.channel) and not prompt.private
            dress = Dress(run_id, speaker.id, may_thread=may_thread, may_retry=prompt.may_retry)
            surface = InteractionSurface(
                interaction,
                TokenRoute(interaction, dress, self._scheduler, self._limits, private=prompt.private),
                ChannelRoute(interaction.client, place, dress, self._scheduler, self._limits),
                dress,
                private=prompt.private,
                in_place=in_place,
                response_id=response_id,
                handover_s=self._options.handover_s,
            )
            wish = Wish(
                run_id,
                place,
                speaker,
                prompt.text,
                admitted.model,
                prompt.private,
                message_id,
                said_at=interaction.id,
                application_id=interaction.application_id,
                token=interaction.token,
                in_place_of=interaction.message.id if in_place and interaction.message else response_id,
            )
            # A private answer has to end while its token lives.
            life_s = self._options.handover_s if prompt.private else None
            return self._start(wish, prompt, surface, admitted, life_s=life_s)

    async def by_message(self, message: discord.Message, client: "Patter", prompt: Prompt) -> None:
        """Start a Run that answers a message with a reply, and return."""
        self._runs.check_open()
        place = Place(message.channel.id, message.guild.id if message.guild else None)
        speaker = speaker_of(message.author)
        may_thread = _may_thread(message.channel)
        reference = message.to_reference(fail_if_not_exists=False)
        with await self._admit(author_of(message, client), prompt) as admitted:
            self.in_channel(client, place, speaker, prompt, admitted, message.id, reference, may_thread=may_thread)

    def in_channel(
        self,
        client: "Patter",
        place: Place,
        speaker: Speaker,
        prompt: Prompt,
        admitted: Admitted,
        message_id: int,
        reference: discord.MessageReference | None = None,
        *,
        may_thread: bool = False,
    ) -> Run:
        """Start a Run that answers in a channel the question that is shown by a message, and return it."""
        self._runs.check_open()
        run_id = new_run_id()
        dress = Dress(run_id, speaker.id, may_thread=may_thread)
        route = ChannelRoute(client, place, dress, self._scheduler, self._limits)
        wish = Wish(run_id, place, speaker, prompt.text, admitted.model, message_id=message_id)
        return self._start(wish, prompt, ChannelSurface(route, dress, reference), admitted)

    async def _admit(self, visitor: Visitor, prompt: Prompt) -> Admitted:
        return await self._admission.admit(visitor, prompt.model, prompt.former_model)

    def _start(
        self, wish: Wish, prompt: Prompt, surface: Surface, admitted: Admitted, life_s: float | None = None
    ) -> Run:
        question = prompt.text if prompt.shows_question else None
        links, max_pages = self._options.links, self._options.max_pages
        pages = AnswerPages(question, wish.model, preface=prompt.preface, max_pages=max_pages, links=links)
        exchange = Exchange(wish, self._memory, self._composer, prompt.find_branch, pages.add_note)
        run = Run(
            wish.run_id,
            exchange,
            self._model,
            pages,
            surface,
            observer=self._observer,
            ticket=admitted.ticket,
            pace=self._options.pace,
            bounds=self._options.bounds,
            life_s=life_s,
        )
        place_id, note = wish.place.channel_id, pages.add_note
        asked = Asked(run, wish.speaker.id, place_id, wish.private, exchange.answer_id, note)
        self._runs.start(asked, on_over=admitted.take_over())
        return run


def place_of(interaction: "discord.Interaction[Patter]") -> Place:
    assert interaction.channel_id is not None, "commands and buttons are used in a channel"
    return Place(interaction.channel_id, interaction.guild_id)


def speaker_of(user: discord.abc.User) -> Speaker:
    return Speaker(user.id, user.display_name)


def _may_thread(channel: object) -> bool:
    """Tell whether threads can be opened from a channel's messages."""
    return isinstance(channel, discord.TextChannel)
