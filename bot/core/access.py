"""Who may ask, where, and which models: what the deployment allows, and within that what a guild has set."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.errors import NotAllowed, StoreError
from bot.core.memory import Place, PlaceSettings
from bot.core.ports import Places

SETTINGS_S = 0.5
"""How long one waits for what is set for a place; Discord waits three seconds for an answer."""

EVERY = "*"
"""In the place of a model's name: all that are installed."""

NOT_IN_DM = "I do not answer in direct messages. Ask me on a server."
NOT_ON_SERVER = "I am not in use on this server."
NOT_IN_CHANNEL = "I do not answer in this channel."
NO_SUCH_ROLE = "You have none of the roles that may ask me here."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who asks, and where."""

    user_id: int
    place: Place
    parent_id: int | None = None
    """The channel of a thread."""
    role_ids: frozenset[int] = frozenset()
    may_moderate: bool = False
    is_owner: bool = False
    """Whether the bot is theirs."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all the guilds of a deployment. An empty list of what is allowed allows all."""

    default_model: str
    models: tuple[str, ...] = ()
    """What may be used beside the default one."""
    allowed_guilds: frozenset[int] = frozenset()
    blocked_guilds: frozenset[int] = frozenset()
    allowed_channels: frozenset[int] = frozenset()
    blocked_channels: frozenset[int] = frozenset()
    allowed_roles: frozenset[int] = frozenset()
    blocked_roles: frozenset[int] = frozenset()
    blocked_users: frozenset[int] = frozenset()
    direct_messages: bool = True


@dataclass(frozen=True, slots=True)
class Models:
    """The models that may be used in a place; `names` is None if every installed one may."""

    default: str
    names: tuple[str, ...] | None

    def allows(self, name: str) -> bool:
        return self.names is None or is_among(name, self.names)

    def choose(self, wish: str | None, former: str | None = None) -> str:
        """Give the model to ask: the wished one, else a former one if it still may be. Raises NotAllowed."""
        if wish is not None and not self.allows(wish):
            raise NotAllowed(hint=f"Only {self.listed} may be used here.")
        if wish is None and former is not None and self.allows(former):
            return former
        return wish or self.default

    @property
    def listed(self) -> str:
        """
        Name them in a sentence.

        >>> Models("a", ("a", "b", "c")).listed
        '`a`, `b` and `c`'
        """
        names = [f"`{name}`" for name in self.names or ()]
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


class Access:
    """Where the store fails, what was known last of a place holds, else the deployment's rules alone."""

    def __init__(self, rules: Rules, places: Places) -> None:
        self._rules, self._places = rules, places
        self._known: dict[Place, PlaceSettings] = {}  # where anything was set

    async def admit(self, visitor: Visitor) -> Models:
        """Give what a visitor may choose from. Raises NotAllowed."""
        self._check_deployment(visitor)
        settings = await self._settings(visitor)
        self._check_place(visitor, settings)
        return self._models(settings)

    async def models(self, visitor: Visitor) -> Models:
        """Give what may be chosen from where a visitor is."""
        return self._models(await self._settings(visitor))

    @property
    def deployment_models(self) -> Models:
        """What may be used where nothing else is set: the default model is always among it."""
        default, models = self._rules.default_model, self._rules.models
        others = (name for name in models if not is_among(name, (default,)))
        return Models(default, None if EVERY in models else (default, *others))

    def _check_deployment(self, visitor: Visitor) -> None:
        rules, place = self._rules, visitor.place
        if visitor.user_id in rules.blocked_users:
            raise NotAllowed
        if place.guild_id is None:
            if not rules.direct_messages:
                raise NotAllowed(hint=NOT_IN_DM)
        else:
            if not _is_open({place.guild_id}, rules.allowed_guilds, rules.blocked_guilds):
                raise NotAllowed(hint=NOT_ON_SERVER)
            here = {place.channel_id, visitor.parent_id}
            if not _is_open(here, rules.allowed_channels, rules.blocked_channels):
                raise NotAllowed(hint=NOT_IN_CHANNEL)
        _check_roles(visitor, rules.allowed_roles, rules.blocked_roles)

    def _check_place(self, visitor: Visitor, settings: PlaceSettings) -> None:
        if not settings.answers:
            raise NotAllowed(hint=NOT_IN_CHANNEL)
        _check_roles(visitor, settings.allowed_roles, settings.blocked_roles)

    def _models(self, settings: PlaceSettings) -> Models:
        """Of what a guild has set, what the deployment does not allow counts for nothing."""
        deployment, default = self.deployment_models, self._rules.default_model
        guild = tuple(name for name in settings.models if deployment.allows(name))
        return Models(default if is_among(default, guild) else guild[0], guild) if guild else deployment

    async def _settings(self, visitor: Visitor) -> PlaceSettings:
        place = visitor.place
        if place.guild_id is None:
            return PlaceSettings()
        try:
            async with asyncio.timeout(SETTINGS_S):
                settings = await self._places.settings(place, parent_id=visitor.parent_id)
        except (StoreError, TimeoutError):
            return self._known.get(place, PlaceSettings())
        self._known.pop(place, None)
        if settings != PlaceSettings():
            self._known[place] = settings
        return settings


def is_among(name: str, names: Sequence[str]) -> bool:
    """
    Tell whether a model is among others; a name without a tag means the tag `latest`.

    >>> is_among("smol:latest", ["smol"]), is_among("smol:1b", ["smol"])
    (True, False)
    """
    return _with_tag(name) in {_with_tag(other) for other in names}


def _with_tag(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _is_open(ids: set[int | None] | set[int], allowed: frozenset[int], blocked: frozenset[int]) -> bool:
    return not ids & blocked and (not allowed or bool(ids & allowed))


def _check_roles(
    visitor: Visitor, allowed: Sequence[int] | frozenset[int], blocked: Sequence[int] | frozenset[int]
) -> None:
    if visitor.role_ids & set(blocked):
        raise NotAllowed
    if allowed and not visitor.role_ids & set(allowed):
        raise NotAllowed(hint=NO_SUCH_ROLE)
