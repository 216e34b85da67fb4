"""`/stats`, as people see it."""

import io

import aiohttp
from PIL import Image

from playground.llm.script import drop, hold, say
from tests.end_to_end.scene import scene, town
from tests.end_to_end.talk import ask_and_hear, talk


async def stats(play, by=None):
    """Use the command; return what one is told, with its picture."""
    by = by or play.ann
    seen = {message["id"] for message in by.messages(play.channel)}
    await by.command(play.channel, "stats")
    return await by.until(lambda one: one["id"] not in seen and one["flags"] & 64 and one["attachments"])


async def test_it_tells_of_the_answers_since_the_start_with_a_picture():
    async with talk() as play:
        for _ in range(3):
            await ask_and_hear(play, "Why?")
        told = await stats(play)
        lines = told["content"].splitlines()
        assert lines[:2] == ["**Since the start just now**", "- Answers: **3** (3 finished)"]
        assert any(line.startswith("- First token after: **") for line in lines)
        assert any(line.startswith("- From the model to the screen: **") for line in lines)
        (attachment,) = told["attachments"]
        assert attachment["filename"] == "stats.png"
        (sent,) = [entry for entry in play.requests() if "stats.png" in str(entry.body)]
        description = sent.body["attachments"][0]["description"]
        assert description.startswith("Two charts, hour by hour. Since the start just now: 3 answers, most in the hour")
        async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
            assert Image.open(io.BytesIO(await response.read())).format == "PNG"


async def test_failures_and_what_goes_on_are_told_apart():
    async with scene() as play:
        play.stage.director = lambda _: [say("half"), drop()]
        await play.shows(await play.ask(), "cut off")
        await play.idle()
        play.stage.director = lambda _: [say("word "), hold()]
        await play.shows(await play.ask(), "word")
        told = (await stats(play))["content"]
        assert "- Answers: **1** (1 cut off)" in told
        assert "- Being answered right now: **1**" in told


async def test_nobody_else_sees_it():
    async with talk() as play:
        told = await stats(play, by=play.ann)
        assert told["id"] not in {message["id"] for message in play.bob.messages(play.channel)}


async def test_a_restart_begins_the_count_anew_and_says_so():
    async with town() as play:
        play.stage.director = lambda _: [say("Answer 0.")]
        async with play.at_work():
            await ask_and_hear(play, "Why?")
            assert "- Answers: **1**" in (await stats(play))["content"]
        async with play.at_work():
            assert (await stats(play))["content"] == "**Since the start just now**\n- Answers: **0**"
