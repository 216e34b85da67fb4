"""Who may do what in a channel: roles, then the channel's overwrites, in Discord's order."""

from playground.chat.model import Channel, Guild, Membership, User


class Permission:
    CREATE_INVITE = 1 << 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = (1 << 53) - 1

# What everyone may do in a new guild, the part of it that text channels know.
EVERYONE = (
    Permission.CREATE_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)

IN_DM = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
)


def permissions_in(channel: Channel, user: User) -> int:
    """Tell the bits that `user` has in `channel`; 0 for those who are not there at all."""
    guild = channel.guild
    if guild is None:
        return IN_DM if user in channel.recipients else 0
    member = guild.members.get(user.id)
    if member is None:
        return 0
    bits = permissions_of(guild, member)
    return bits if bits == ALL else _overwritten(bits, channel.parent or channel, guild.id, user.id, member.roles)


def permissions_of(guild: Guild, member: Membership) -> int:
    """Tell the bits that a member has in the guild, before what single channels say."""
    if guild.owner is member.user:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    return ALL if bits & Permission.ADMINISTRATOR else bits


def _overwritten(bits: int, channel: Channel, everyone: int, user_id: int, roles: set[int]) -> int:
    """Apply a channel's overwrites: everyone's, then all roles' as one, then the member's own."""
    overwrites = channel.overwrites
    if not overwrites:
        return bits
    if everyone in overwrites:
        bits = overwrites[everyone].applied_to(bits)
    mine = [overwrites[role] for role in roles if role in overwrites]
    for overwrite in mine:
        bits &= ~overwrite.deny
    for overwrite in mine:
        bits |= overwrite.allow
    if user_id in overwrites:
        bits = overwrites[user_id].applied_to(bits)
    return bits


def may(channel: Channel, user: User, wanted: int) -> bool:
    return permissions_in(channel, user) & wanted == wanted
