"""The things of a chat world as plain records. They know no rules; `World` makes and changes them."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from playground.chat.snowflakes import created_at

Json = dict[str, Any]


class ChannelKind(IntEnum):
    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageKind(IntEnum):
    DEFAULT = 0
    REPLY = 19
    CHAT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag:
    """Plain ints, as in Permission and Intent: an enum's `&` would be the costliest step of an edit."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class AppFlag:
    """Which privileged intents an application may ask for; LIMITED is for those below 10,000 users."""

    PRESENCE = 1 << 12
    PRESENCE_LIMITED = 1 << 13
    MEMBERS = 1 << 14
    MEMBERS_LIMITED = 1 << 15
    MESSAGE_CONTENT = 1 << 18
    MESSAGE_CONTENT_LIMITED = 1 << 19


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(slots=True, eq=False)
class User:
    id: int
    name: str
    token: str
    bot: bool = False


@dataclass(slots=True, eq=False)
class Application:
    """A bot's application. As with Discord's newer ones, its id is its bot user's."""

    user: User
    owner: User
    flags: int = 0
    commands: dict[int, dict[int, Json]] = field(default_factory=dict)
    """Registered commands by id, under their guild's id; 0 stands for everywhere."""
    installed_by: set[int] = field(default_factory=set)
    """Ids of people who installed it for themselves: they may use it where the bot is not."""

    @property
    def id(self) -> int:
        return self.user.id


@dataclass(slots=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int


@dataclass(slots=True, eq=False)
class Membership:
    user: User
    joined_at: str
    roles: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Overwrite:
    is_member: bool
    allow: int = 0
    deny: int = 0

    def applied_to(self, bits: int) -> int:
        return bits & ~self.deny | self.allow


@dataclass(slots=True, eq=False)
class Guild:
    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Membership] = field(default_factory=dict)
    channels: dict[int, "Channel"] = field(default_factory=dict)
    """Threads included."""
    unavailable: bool = False


@dataclass(slots=True, eq=False)
class ThreadState:
    owner: User
    archive_minutes: int
    archive_changed_at: str
    archived: bool = False
    locked: bool = False
    members: dict[int, str] = field(default_factory=dict)
    """When each user joined."""


@dataclass(slots=True, eq=False)
class Channel:
    id: int
    kind: ChannelKind
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None
    thread: ThreadState | None = None
    recipients: tuple[User, ...] = ()
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    """In the order of their ids, ephemeral ones included."""


@dataclass(slots=True, eq=False)
class Attachment:
    id: int
    filename: str
    content_type: str
    data: bytes
    url: str
    description: str | None = None


@dataclass(slots=True, eq=False)
class Message:
    id: int
    channel: Channel
    author: User
    born: float
    """By the world's clock: what its age is counted from."""
    kind: MessageKind = MessageKind.DEFAULT
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    replies_to: "Message | None" = None
    edited_at: str | None = None
    reactions: dict[str, dict[int, User]] = field(default_factory=dict)
    """Who reacted, under the emoji, in order."""
    interaction: "Interaction | None" = None
    """What the message answers."""
    thread: Channel | None = None
    webhook_id: int | None = None
    """Of a channel's webhook, if that is what said it."""
    sent_at: str = field(init=False)

    def __post_init__(self) -> None:
        self.sent_at = created_at(self.id)

    @property
    def only_for(self) -> User | None:
        """The one who sees it; None for a message that all in the channel see."""
        return self.interaction.user if self.flags & MessageFlag.EPHEMERAL and self.interaction else None


@dataclass(slots=True, eq=False)
class Interaction:
    id: int
    token: str
    application: Application
    kind: InteractionKind
    user: User
    channel: Channel
    born: float
    data: Json
    """As the bot gets it: options resolved."""
    nonce: str | None = None
    message: Message | None = None
    """Where the component or the modal's component stands."""
    answered: bool = False
    original: Message | None = None
    modal: Json | None = None
    """The modal it was answered with."""
    followups: int = 0
    opener: "Interaction | None" = None
    """What the modal answered that this submits."""
