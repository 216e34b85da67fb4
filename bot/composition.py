"""The composition root: the only place where the parts are put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.admitting import admission
from bot.chat.afterwards import Afterwards
from bot.chat.asking import Asking, AskOptions
from bot.chat.branches import Branches
from bot.chat.client import DiscordOptions, Patter, point_at
from bot.chat.gateway import Gateway
from bot.chat.leaving import Leaving
from bot.chat.limits import Limits
from bot.chat.listening import Listening
from bot.chat.mending import Mending
from bot.chat.privacy import Keeping
from bot.chat.revising import Revising
from bot.chat.text.links import Links
from bot.chat.threads import Threads
from bot.core.composer import Composer
from bot.core.exchange import Memory
from bot.core.ports import ChatModel, Observer
from bot.core.run import Bounds, Pace
from bot.core.runs import Runs
from bot.core.scheduler import Scheduler
from bot.core.statistics import Statistics
from bot.core.upkeep import keep_up
from bot.llm.options import OllamaOptions
from bot.model import open_model
from bot.observe.fan_out import FanOut
from bot.observe.last_day import LastDay
from bot.observe.logs import log_event
from bot.services import Services
from bot.settings import Settings
from bot.store.store import Store, open_store

EXTENSIONS = (
    "cogs.ask",
    "cogs.stop",
    "cogs.places",
    "cogs.talk",
    "cogs.memory",
    "cogs.menus",
    "cogs.settings",
    "cogs.stats",
    "cogs.doctor",
)

GRACE_S = 8.0
"""Time for the last edits at the end. Hosts that run Procfiles kill after ten seconds or more."""

CLOSE_S = 1.5
"""Time for leaving Discord's gateway after that."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What is not for people to set, and what tests shorten. In seconds."""

    loading_after_s: float = 3.0
    line_every_s: float = 3.0
    handover_s: float = 14 * 60.0
    guild_ready_timeout_s: float = 2.0


@asynccontextmanager
async def compose(
    settings: Settings, *, timing: Timing | None = None, ollama: OllamaOptions | None = None
) -> AsyncIterator[Patter]:
    """
    Give a bot that is ready to start.

    At the end its answers have ended in words, as far as there was time, and it has left Discord.
    """
    timing = timing or Timing()
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    runs, day = Runs(), LastDay()
    async with (
        open_model(settings, ollama) as model,
        open_health(settings, model, runs) as listeners,
        open_store(settings.database_url) as store,
    ):
        observer = FanOut(log_event, day, *listeners)
        services, limits = build(settings, timing, model, store, runs, observer, day)
        client_options = DiscordOptions(settings.dev_guild, timing.guild_ready_timeout_s)
        bot = Patter(services, limits, EXTENSIONS, client_options)
        Gateway(observer, bot)
        keeping = asyncio.create_task(
            keep_up(store.journal, store.conversations, retention_days=settings.retention_days), name="upkeep"
        )
        try:
            yield bot
        finally:
            await asyncio.gather(runs.close(GRACE_S), services.mending.aclose())
            # Not in a timeout: discord.py closes in a task of its own, which everybody would then find cancelled.
            await asyncio.wait({asyncio.create_task(bot.close(), name="closing")}, timeout=CLOSE_S)
            keeping.cancel()
            await asyncio.wait({keeping})


@asynccontextmanager
async def open_health(settings: Settings, model: ChatModel, runs: Runs) -> AsyncIterator[tuple[Observer, ...]]:
    """Serve the health pages, if anybody wants them; give who is to be told what happens."""
    if settings.health_port is None:
        yield ()
        return
    from bot.observe.health import open_pages  # Prometheus' client takes 0.1 s to import

    host, port = settings.health_host, settings.health_port
    async with open_pages(host, port, model, running=runs.__len__, waiting=lambda: runs.waiting) as listener:
        yield (listener,)


def build(
    settings: Settings,
    timing: Timing,
    model: ChatModel,
    store: Store,
    runs: Runs,
    observer: Observer,
    statistics: Statistics,
) -> tuple[Services, Limits]:
    """Put the parts together."""
    scheduler = Scheduler()
    limits = Limits(scheduler, observer)
    memory = Memory(store.journal, store.conversations)
    composer = Composer(model, system_prompt=settings.system_prompt, answer_tokens=settings.answer_max_tokens)
    pace = Pace(settings.edit_interval_s, timing.loading_after_s, timing.line_every_s)
    bounds = Bounds(settings.answer_max_s, settings.answer_max_chars)
    links, max_pages = Links.to(settings.link_hosts), settings.answer_max_pages
    options = AskOptions(pace, bounds, timing.handover_s, links, max_pages)
    asking = Asking(
        runs, admission(settings, store.places), model, scheduler, limits, observer, memory, composer, options
    )
    branches = Branches(memory)
    services = Services(
        runs=runs,
        model=model,
        memory=memory,
        places=store.places,
        statistics=statistics,
        asking=asking,
        branches=branches,
        threads=Threads(asking, memory, store.places, runs),
        listening=Listening(asking, branches, memory, store.places),
        afterwards=Afterwards(asking, branches, memory, runs),
        revising=Revising(memory, runs),
        leaving=Leaving(memory, store.places),
        mending=Mending(memory, runs, scheduler, limits),
        keeping=Keeping(settings.retention_days, engine=settings.database_url.partition("+")[0]),
        stop_emoji=settings.stop_emoji,
        default_model=settings.ollama_model,
    )
    return services, limits
