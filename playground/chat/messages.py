"""What is said in channels: each function changes the world's messages and publishes the event of it."""

from collections.abc import Iterable

from playground.chat import errors, events
from playground.chat.draft import Draft
from playground.chat.mentions import set_mentions
from playground.chat.model import (
    Channel,
    Interaction,
    Message,
    MessageFlag,
    MessageKind,
    User,
)
from playground.chat.snowflakes import now
from playground.chat.world import World

SENDABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
EDITABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


def send(world: World, channel: Channel, author: User, draft: Draft, replies_to: Message | None = None) -> Message:
    """Say something new. Raises ApiError for what `draft` lacks."""
    kind = MessageKind.REPLY if replies_to else MessageKind.DEFAULT
    message = Message(world.new_id(), channel, author, world.clock(), kind, replies_to=replies_to)
    return _fill(world, message, draft, SENDABLE)


def answer(world: World, interaction: Interaction, draft: Draft, replies_to: Message | None = None) -> Message:
    """Answer an interaction, maybe for its user alone; a follow-up replies to the first answer."""
    message = blank_answer(world, interaction)
    if replies_to is not None:
        message.kind, message.replies_to = MessageKind.REPLY, replies_to
    return _fill(world, message, draft, SENDABLE | MessageFlag.EPHEMERAL)


def blank_answer(world: World, interaction: Interaction) -> Message:
    """Make the empty message that answers an interaction: of a command by its kind, of a component as a reply."""
    author, channel = interaction.application.user, interaction.channel
    kind = MessageKind.REPLY if interaction.message else MessageKind.CHAT_COMMAND
    if interaction.data.get("type", 1) > 1:
        kind = MessageKind.CONTEXT_MENU_COMMAND
    message = Message(world.new_id(), channel, author, world.clock(), kind, interaction=interaction)
    message.replies_to = interaction.message
    return message


def _fill(world: World, message: Message, draft: Draft, settable: int) -> Message:
    draft.check(message)
    draft.apply(message, settable=settable)
    message.nonce = draft.nonce
    set_mentions(message, draft.allowed_mentions, world.users)
    add(world, message)
    return message


def add(world: World, message: Message) -> None:
    """Put a new message into its channel; an archived thread wakes up by it."""
    thread = message.channel.thread
    if thread is not None and thread.archived:
        world.update_thread(message.channel, archived=False)
    message.channel.messages[message.id] = message
    world.publish(events.message_created(message))


def edit(world: World, message: Message, draft: Draft) -> None:
    """Change what `draft` names. A deferred answer stops loading."""
    thread = message.channel.thread
    if thread is not None and thread.archived:
        raise errors.thread_is_archived()
    draft.check(message)
    draft.apply(message, settable=EDITABLE)
    set_mentions(message, draft.allowed_mentions, world.users)
    if message.flags & MessageFlag.LOADING:
        message.flags &= ~MessageFlag.LOADING  # and nobody calls that an edit
    else:
        message.edited_at = now()
    world.publish(events.message_updated(message))


def delete(world: World, message: Message) -> None:
    del message.channel.messages[message.id]
    world.publish(events.message_deleted(message))


def delete_many(world: World, channel: Channel, ids: Iterable[int]) -> None:
    gone = [one for one in ids if channel.messages.pop(one, None) is not None]
    if gone:
        world.publish(events.messages_deleted(channel, gone))


def react(world: World, message: Message, key: str, user: User) -> None:
    users = message.reactions.setdefault(key, {})
    if user.id not in users:
        users[user.id] = user
        world.publish(events.reaction_changed(message, key, user, added=True))


def unreact(world: World, message: Message, key: str, user: User) -> None:
    users = message.reactions.get(key, {})
    if users.pop(user.id, None) is None:
        return
    if not users:
        del message.reactions[key]
    world.publish(events.reaction_changed(message, key, user, added=False))


def clear_reactions(world: World, message: Message) -> None:
    message.reactions.clear()
    world.publish(events.reactions_cleared(message))


def start_thread_from(world: World, message: Message, name: str, owner: User, archive_minutes: int) -> Channel:
    """Start a thread that hangs on `message`; its first message says so and carries no text."""
    thread = world.start_thread(message.channel, name, owner, message=message, archive_minutes=archive_minutes)
    starter = Message(world.new_id(), thread, message.author, world.clock(), MessageKind.THREAD_STARTER)
    starter.replies_to = message
    add(world, starter)
    return thread
