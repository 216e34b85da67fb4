"""What the settings say of who may ask, what, and how much."""

from bot.core.access import Access, Rules
from bot.core.admission import Admission
from bot.core.ports import Places
from bot.core.queue import Line
from bot.core.quota import Allotment, Quota
from bot.settings import Settings


def admission(settings: Settings, places: Places) -> Admission:
    quota = Quota(
        Allotment(settings.person_asks_per_minute, settings.person_asks_at_once),
        Allotment(settings.guild_asks_per_minute, settings.guild_asks_at_once),
    )
    line = Line(settings.max_running, settings.queue_size)
    return Admission(Access(rules(settings), places), quota, line, settings.quota_exempt)


def rules(settings: Settings) -> Rules:
    return Rules(
        default_model=settings.ollama_model,
        models=settings.ollama_models,
        allowed_guilds=frozenset(settings.allowed_guilds),
        blocked_guilds=frozenset(settings.blocked_guilds),
        allowed_channels=frozenset(settings.allowed_channels),
        blocked_channels=frozenset(settings.blocked_channels),
        allowed_roles=frozenset(settings.allowed_roles),
        blocked_roles=frozenset(settings.blocked_roles),
        blocked_users=frozenset(settings.blocked_users),
        direct_messages=settings.answer_dms,
    )
