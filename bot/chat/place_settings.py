"""What is set for a place, in words; and how it is changed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.chat.text.markdown import neutralise
from bot.core.access import EVERY, Models
from bot.core.errors import PatterError
from bot.core.memory import Place, PlaceSettings
from bot.core.ports import Places

AS_THE_SERVER = "as the server"
SWITCH = {"on": True, "off": False}
NO_LIST = frozenset({"none", "all", "everyone", "@everyone", EVERY})
ROLE = re.compile(r"<@&(\d{1,20})>")
NAME_CHARS, NAMES_CHARS, ROLES_SHOWN = 60, 200, 6
"""Twice what may be set, for the channel and its server, has to fit a message."""

HOW_ROLES = "Mention the roles, one after the other: @members @friends. `none` stands for no list of roles."


class Scope(Enum):
    CHANNEL = "this channel"
    SERVER = "this server"


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of PlaceSettings as people read of it."""

    field: str
    title: str
    says: Callable[[Any], str]
    reads: Callable[[str], Any]
    """From what somebody has written to a value. Raises PatterError, which says what to write."""

    def value_in(self, settings: PlaceSettings) -> str:
        return self.says(getattr(settings, self.field))


def on_or_off(value: bool) -> str:
    return "on" if value else "off"


def read_roles(text: str) -> tuple[int, ...]:
    """
    Give the ids of mentioned roles; none for a word that says so.

    >>> read_roles("<@&12> <@&3>"), read_roles("none")
    ((12, 3), ())
    """
    if text.strip().lower() in NO_LIST:
        return ()
    roles = tuple(int(number) for number in ROLE.findall(text))
    if not roles or ROLE.sub("", text).strip(" ,"):
        raise PatterError(hint=HOW_ROLES)
    return roles


def read_models(text: str) -> tuple[str, ...]:
    """
    Give the names of models between commas or spaces; none for a word that says so.

    >>> read_models("smol, big:1b"), read_models("all")
    (('smol', 'big:1b'), ())
    """
    return () if text.strip().lower() in NO_LIST else tuple(text.replace(",", " ").split())


def roles_or(nobody: str) -> Callable[[Sequence[int]], str]:
    def says(roles: Sequence[int]) -> str:
        shown = " ".join(f"<@&{role}>" for role in roles[:ROLES_SHOWN]) or nobody
        return f"{shown} and {len(roles) - ROLES_SHOWN} more" if len(roles) > ROLES_SHOWN else shown

    return says


def models_or_all(models: Sequence[str]) -> str:
    return neutralise(", ".join(models), NAMES_CHARS) or "all that this bot may use"


ALL = (
    Setting("answers", "Answers: I answer here", on_or_off, SWITCH.__getitem__),
    Setting("allowed_roles", "Roles that may ask", roles_or("all"), read_roles),
    Setting("blocked_roles", "Roles that may not ask", roles_or("none"), read_roles),
    Setting("models", "Models that may be used", models_or_all, read_models),
    Setting("auto_threads", "Auto-threads: every `/ask` opens a thread", on_or_off, SWITCH.__getitem__),
)


def read(written: Mapping[str, str | None], models: Models) -> dict[str, object]:
    """
    Give the fields of PlaceSettings that somebody has written something for.

    Raises PatterError for what cannot be understood, and for models that are not among those of the deployment.
    """
    values = {
        setting.field: None if text == AS_THE_SERVER else setting.reads(text)
        for setting in ALL
        if (text := written.get(setting.field)) is not None
    }
    unknown = [model for model in values.get("models") or () if not models.allows(model)]
    if unknown:
        named = neutralise(unknown[0], NAME_CHARS)
        raise PatterError(hint=f"This bot may not use {named}. Whoever runs it can add it to OLLAMA_MODELS.")
    return values


async def described(places: Places, guild_id: int, channel_id: int) -> str:
    """Tell what holds in a channel, and what its server has set if that differs. Raises StoreError."""
    here = await places.settings(Place(channel_id, guild_id))
    server = await places.settings(Place(guild_id, guild_id))
    lines = []
    for setting in ALL:
        value, elsewhere = setting.value_in(here), setting.value_in(server)
        apart = f" (this channel's own; the server has {elsewhere})" if value != elsewhere else ""
        lines.append(f"- {setting.title}: **{value}**{apart}")
    return "\n".join([f"What is set for <#{channel_id}>:", *lines])


async def change(places: Places, scope: Scope, guild_id: int, channel_id: int, **values: object) -> str:
    """Set fields of PlaceSettings, None for what holds above; return what holds now. Raises StoreError."""
    await places.change(channel_id if scope is Scope.CHANNEL else guild_id, **values)
    where = f"<#{channel_id}>" if scope is Scope.CHANNEL else "this server"
    return f"Changed for {where}.\n{await described(places, guild_id, channel_id)}"
