"""People who talk to the bot: a scene in which it answers `Answer 0.`, `Answer 1.` and so on."""

from contextlib import asynccontextmanager

from playground.chat import messages
from playground.chat.draft import Draft
from playground.chat.model import AppFlag
from playground.llm.script import say
from tests.end_to_end.scene import town


@asynccontextmanager
async def talk(*, reads_all=False, **at_work):
    """A bot at work, which has the Message Content intent if it `reads_all`."""
    async with town() as play:
        grant(play, reads_all=reads_all)
        play.stage.director = lambda ask: [say(f"Answer {len(play.stage.asks) - 1}.")]
        async with play.at_work(**at_work):
            yield play


def grant(play, *, reads_all):
    play.chat.world.application.flags = AppFlag.MESSAGE_CONTENT_LIMITED if reads_all else 0


def to_bot(play, text=""):
    return f"<@{play.chat.world.bot.id}> {text}".strip()


async def say_and_hear(play, text, by=None, channel=None, **reply):
    """Say something and wait for the end of its answer; give the id of what was said and of what answers it."""
    number, by = len(play.stage.asks), by or play.ann
    said = await by.say(channel or play.channel, text, **reply)
    return int(said["id"]), await hears(play, number)


async def ask_and_hear(play, prompt, **more):
    number = len(play.stage.asks)
    await play.ask(prompt, **more)
    return await hears(play, number)


async def hears(play, number, by=None):
    """Wait for the end of an answer, and until it is remembered; give the id of its message."""
    answer = await (by or play.ann).until(
        lambda message: f"Answer {number}." in message["content"] and "tokens" in message["content"]
    )
    await play.idle()
    return int(answer["id"])


async def modal_about(play, target, by=None, channel=None):
    """Open the menu of a message and choose; give the modal that comes."""
    by = by or play.ann
    events = by.events()
    await by.context(channel or play.channel, "Ask about this", target)
    async for name, data in events:
        if name == "INTERACTION_MODAL_CREATE":
            return data
    raise ConnectionError("no modal came")


async def ask_about(play, target, question, by=None, channel=None):
    number = len(play.stage.asks)
    await (by or play.ann).submit(await modal_about(play, target, by, channel), question=question)
    return await hears(play, number)


async def is_told(play, part, by=None):
    """Wait for a sentence of the bot."""
    return await (by or play.ann).until(lambda message: play.is_answer(message) and part in message["content"])


def notices(play, part, by=None):
    by = by or play.ann
    everything = [message for channel in by._inbox.channels for message in by.messages(channel)]
    return [message for message in everything if play.is_answer(message) and part in message["content"]]


def send(play, author, channel, text, uploads=()):
    """Say something as anybody, with files if need be."""
    world = play.chat.world
    draft = Draft(text, None, None, None, None, list(uploads), None, None, unique=False, reference=None)
    return messages.send(world, world.channel(channel), author, draft)
