"""
The world that people and bots share: users, guilds, channels, threads.

Every change is published as an event. What is said in a channel is the business of `messages`.
"""

from collections.abc import Callable

from playground.chat import errors, events
from playground.chat.events import Event
from playground.chat.model import (
    Application,
    Attachment,
    Channel,
    ChannelKind,
    Guild,
    Interaction,
    Membership,
    Message,
    Overwrite,
    Role,
    ThreadState,
    User,
)
from playground.chat.permissions import EVERYONE, Permission
from playground.chat.snowflakes import Snowflakes, now


class World:
    """
    Begins empty; `furnish` makes the usual one. Ids are ints, times by `clock`.

    Methods that tests call take and return the records of `model`; what REST looks up by id raises ApiError.
    """

    def __init__(self, clock: Callable[[], float], publish: Callable[[Event], None]) -> None:
        self.clock, self.publish = clock, publish
        self.new_id = Snowflakes()
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, Attachment] = {}
        self.interactions: dict[str, Interaction] = {}
        """By token."""
        self.nonces: dict[tuple[int, int, str], Message] = {}
        """Messages sent with `enforce_nonce`, by author, channel and nonce."""
        self._tokens: dict[str, User] = {}

    # People

    def add_user(self, name: str, *, token: str = "", bot: bool = False) -> User:
        user = User(self.new_id(), name, token or f"token-of-{name}", bot)
        self.users[user.id] = self._tokens[user.token] = user
        return user

    def add_application(self, name: str, owner: User, *, token: str = "", flags: int = 0) -> Application:
        application = Application(self.add_user(name, token=token, bot=True), owner, flags)
        self.applications[application.id] = application
        return application

    def by_token(self, token: str) -> User | None:
        return self._tokens.get(token)

    def user(self, user_id: int) -> User:
        try:
            return self.users[user_id]
        except KeyError:
            raise errors.unknown_user() from None

    # Guilds

    def add_guild(self, name: str, owner: User) -> Guild:
        guild = Guild(self.new_id(), name, owner)
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE)
        self.join(guild, owner)
        return guild

    def guild(self, guild_id: int) -> Guild:
        try:
            return self.guilds[guild_id]
        except KeyError:
            raise errors.unknown_guild() from None

    def delete_guild(self, guild: Guild) -> None:
        del self.guilds[guild.id]
        for channel_id in guild.channels:
            del self.channels[channel_id]
        viewers = frozenset(guild.members)
        self.publish(events.guild_deleted(guild, viewers))

    def lose(self, guild: Guild) -> None:
        """Begin an outage in which nobody sees the guild; all are still in it."""
        guild.unavailable = True
        self.publish(events.guild_deleted(guild, frozenset(guild.members)))

    def join(self, guild: Guild, user: User, *roles: Role) -> Membership:
        member = Membership(user, now(), {role.id for role in roles})
        guild.members[user.id] = member
        self.publish(events.member_changed("GUILD_MEMBER_ADD", guild, member))
        self.publish(events.guild_created(guild, user))
        return member

    def leave(self, guild: Guild, user: User) -> None:
        member = guild.members.pop(user.id)
        self.publish(events.member_changed("GUILD_MEMBER_REMOVE", guild, member))
        self.publish(events.guild_deleted(guild, frozenset((user.id,))))

    # Roles and permissions

    def add_role(self, guild: Guild, name: str, permissions: int) -> Role:
        role = Role(self.new_id(), name, int(permissions))
        guild.roles[role.id] = role
        self.publish(events.role_changed("GUILD_ROLE_CREATE", guild, role.id))
        return role

    def set_permissions(self, guild: Guild, role: Role | None, permissions: int) -> None:
        """Change what a role may do; None is @everyone."""
        role = role or guild.roles[guild.id]
        role.permissions = int(permissions)
        self.publish(events.role_changed("GUILD_ROLE_UPDATE", guild, role.id))

    def set_roles(self, guild: Guild, user: User, *roles: Role) -> None:
        member = guild.members[user.id]
        member.roles = {role.id for role in roles}
        self.publish(events.member_changed("GUILD_MEMBER_UPDATE", guild, member))

    def overwrite(self, channel: Channel, target: Role | User, *, allow: int = 0, deny: int = 0) -> None:
        """Allow or deny bits in one channel; neither takes an earlier overwrite away."""
        if allow or deny:
            channel.overwrites[target.id] = Overwrite(isinstance(target, User), int(allow), int(deny))
        else:
            channel.overwrites.pop(target.id, None)
        self.publish(events.channel_changed("CHANNEL_UPDATE", channel))

    # Channels

    def add_channel(self, guild: Guild, name: str) -> Channel:
        channel = self._add(Channel(self.new_id(), ChannelKind.TEXT, name, guild))
        self.publish(events.channel_changed("CHANNEL_CREATE", channel))
        return channel

    def channel(self, channel_id: int) -> Channel:
        try:
            return self.channels[channel_id]
        except KeyError:
            raise errors.unknown_channel() from None

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or one thread."""
        assert channel.guild is not None
        for thread in [one for one in channel.guild.channels.values() if one.parent is channel]:
            self.delete_channel(thread)
        name = "THREAD_DELETE" if channel.thread else "CHANNEL_DELETE"
        self.publish(events.channel_changed(name, channel))
        del self.channels[channel.id], channel.guild.channels[channel.id]

    def dm(self, one: User, other: User) -> Channel:
        """Give the DM of these two, which is made when it is first asked for."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and {one, other} == set(channel.recipients):
                return channel
        channel = self._add(Channel(self.new_id(), ChannelKind.DM, recipients=(one, other)))
        self.publish(events.channel_changed("CHANNEL_CREATE", channel))
        return channel

    def _add(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        return channel

    # Threads

    def start_thread(
        self,
        parent: Channel,
        name: str,
        owner: User,
        *,
        message: Message | None = None,
        private: bool = False,
        archive_minutes: int = 1440,
    ) -> Channel:
        """Make a thread of `parent`; from a message it takes that message's id."""
        if message is not None and message.thread is not None:
            raise errors.thread_exists()
        if parent.kind is not ChannelKind.TEXT:
            raise errors.wrong_channel_kind()
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        state = ThreadState(owner, archive_minutes, now(), members={owner.id: now()})
        thread_id = message.id if message else self.new_id()
        thread = self._add(Channel(thread_id, kind, name, parent.guild, parent, state))
        self.publish(events.channel_changed("THREAD_CREATE", thread))
        if message is not None:
            message.thread = thread
            self.publish(events.message_updated(message))
        return thread

    def update_thread(
        self, thread: Channel, *, name: str | None = None, archived: bool | None = None, locked: bool | None = None
    ) -> None:
        state = thread.thread
        assert state is not None
        thread.name = name or thread.name
        if archived is not None and archived is not state.archived:
            state.archived, state.archive_changed_at = archived, now()
        state.locked = state.locked if locked is None else locked
        self.publish(events.channel_changed("THREAD_UPDATE", thread))

    def join_thread(self, thread: Channel, user: User) -> None:
        assert thread.thread is not None
        thread.thread.members.setdefault(user.id, now())

    def leave_thread(self, thread: Channel, user: User) -> None:
        assert thread.thread is not None
        thread.thread.members.pop(user.id, None)


class Town(World):
    """
    The usual world: the guild "Playground" with the channels #general and #side.

    `ann` is a plain member, `bob` may manage messages and threads, `owner` owns guild and application, and
    `application` has its bot there.
    """

    def __init__(self, clock: Callable[[], float], publish: Callable[[Event], None]) -> None:
        super().__init__(clock, publish)
        self.owner = self.add_user("owner")
        self.application = self.add_application("patter", self.owner)
        self.bot = self.application.user
        self.ann, self.bob = self.add_user("ann"), self.add_user("bob")
        self.playground = self.add_guild("Playground", self.owner)
        may_moderate = Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS
        self.moderators = self.add_role(self.playground, "moderators", may_moderate)
        self.general = self.add_channel(self.playground, "general")
        self.side = self.add_channel(self.playground, "side")
        self.join(self.playground, self.bot)
        self.join(self.playground, self.ann)
        self.join(self.playground, self.bob, self.moderators)
