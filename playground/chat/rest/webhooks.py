"""What a bot does with an interaction's token after its first response."""

from playground.chat import errors, messages
from playground.chat.draft import read_draft
from playground.chat.interactions import answered, is_loading
from playground.chat.limits import Lane
from playground.chat.message_payloads import message_json
from playground.chat.model import Interaction, Message
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route

PATH = "/webhooks/{application}/{token}"
ORIGINAL = "@original"


def _interaction(call: Call) -> Interaction:
    return answered(call.world, call.limiter.limits, call.id("application"), call.params["token"])


def _message(call: Call, interaction: Interaction) -> Message:
    """Give the message in the path: `@original`, a follow-up, or the message that a component stands on."""
    if call.params["message"] == ORIGINAL:
        message = interaction.original
        is_there = message is not None and message.id in message.channel.messages
    else:
        message = interaction.channel.messages.get(call.id("message"))
        is_there = message is not None and message.author is interaction.application.user
    if message is None or not is_there or message.only_for not in (None, interaction.user):
        raise errors.unknown_message()
    return message


def read(call: Call) -> Reply:
    return Reply(200, message_json(_message(call, _interaction(call))))


def edit(call: Call) -> Reply:
    message = _message(call, _interaction(call))
    messages.edit(call.world, message, read_draft(call.body, call.uploads))
    return Reply(200, message_json(message))


def delete(call: Call) -> Reply:
    messages.delete(call.world, _message(call, _interaction(call)))
    return NO_CONTENT


def follow_up(call: Call) -> Reply:
    """Send a further message. The first one after a deferral takes the place of the one that loads."""
    interaction = _interaction(call)
    draft = read_draft(call.body, call.uploads)
    original = interaction.original
    if original is not None and is_loading(original) and original.id in original.channel.messages:
        messages.edit(call.world, original, draft)
        return Reply(200, message_json(original))
    _count(call, interaction)
    message = messages.answer(call.world, interaction, draft, replies_to=original)
    return Reply(200, message_json(message))


def _count(call: Call, interaction: Interaction) -> None:
    """Hold applications that only the person installed to their few follow-ups."""
    guild = interaction.channel.guild
    if guild is None or interaction.application.id in guild.members:
        return
    most = call.limiter.limits.user_install_followups
    if interaction.followups >= most:
        raise errors.too_many_followups(most)
    interaction.followups += 1


ROUTES = (
    Route("PATCH", PATH + "/messages/{message}", edit, Lane.TOKEN, "open"),
    Route("GET", PATH + "/messages/{message}", read, caller="open"),
    Route("DELETE", PATH + "/messages/{message}", delete, Lane.TOKEN, "open"),
    Route("POST", PATH, follow_up, Lane.TOKEN, "open"),
)
