"""`/ask`, as somebody in the channel sees it."""

import asyncio
import re

import pytest

from bot.composition import Timing
from playground.chat.faults import (
    CALLBACK,
    CHANNEL_MESSAGES,
    TOKEN_MESSAGE,
    delay,
    drop,
    server_error,
    too_many_requests,
)
from playground.chat.permissions import Permission
from playground.llm.models import Model
from playground.llm.script import drop as drop_stream
from playground.llm.script import end, error, hold, say, status, think
from tests.end_to_end.scene import labels, scene, stop_button

EPHEMERAL, SUPPRESS_EMBEDS = 64, 4


async def test_the_answer_grows_in_one_message_and_ends_with_its_figures():
    async with scene() as play:
        play.stage.play(say("Because the sky scatters blue light.", pace=0.05))
        message_id = await play.ask("Why is the sky blue?")
        first = play.now(message_id)
        assert "Why is the sky blue?" in first["content"]
        assert stop_button(first)
        await play.shows(message_id, "Because", "writing")
        last = await play.shows(message_id, "Because the sky scatters blue light.\n-# smol · 6 tokens")
        assert re.search(r"tokens/s · \d+\.\d s$", last["content"])
        assert labels(last) == ["Retry", "Continue in thread"]
        assert last["flags"] & SUPPRESS_EMBEDS


async def test_the_question_stands_on_one_line_and_can_ping_nobody():
    async with scene() as play:
        play.stage.play(say("No."))
        message_id = await play.ask("**Is**\n# this @everyone\n" + "long " * 100)
        first, *_ = (await play.shows(message_id, "tokens"))["content"].split("\n")
        assert "Is" in first
        assert "…" in first
        assert "@everyone" not in first
        assert len(first) < 450


async def test_a_long_answer_goes_on_in_further_messages_with_whole_fences():
    async with scene() as play:
        code = "```python\n" + "".join(f"print({number})  # {'x' * 40}\n" for number in range(150)) + "```\ndone"
        play.stage.play(say(code, pace=0.0005))
        await play.ask()
        await play.ann.until(lambda message: message["content"].find("done\n-# smol") >= 0)
        pages = [message for message in play.ann.messages(play.channel) if play.is_answer(message)]
        assert len(pages) >= 4
        for page in pages:
            assert len(page["content"]) <= 2000
            assert page["content"].count("```") == 2
            assert "```python" in page["content"]
            assert labels(page) == (["Retry", "Continue in thread"] if page is pages[-1] else [])
            assert page["flags"] & SUPPRESS_EMBEDS
        shown = "\n".join(page["content"] for page in pages)
        assert [int(number) for number in re.findall(r"print\((\d+)\)", shown)] == list(range(150))


async def test_an_empty_answer_gets_a_sentence():
    async with scene() as play:
        play.stage.play(say(["\n", "  "]), end())
        message_id = await play.ask()
        await play.shows(message_id, "The model gave no answer.")


async def test_what_goes_on_before_the_first_token_is_told():
    async with scene(Model("smol", loaded=False, capabilities=("completion", "thinking"))) as play:
        loaded, thought = asyncio.Event(), asyncio.Event()
        play.stage.play(hold(loaded), think("Secret thoughts."), hold(thought), say("Out loud."))
        message_id = await play.ask()
        assert "waiting for the model" in play.now(message_id)["content"]
        await play.shows(message_id, "loading smol")
        loaded.set()
        await play.shows(message_id, "thinking")
        thought.set()
        last = await play.shows(message_id, "Out loud.", "tokens")
        assert play.stage.asks[0].body["think"] is True
    assert not any("Secret" in str(entry.body) for entry in play.requests())
    assert "Secret" not in last["content"]


async def test_hitting_the_limit_of_length_is_said():
    async with scene(answer_max_tokens=3) as play:
        play.stage.play(say("one two three"), end("length"))
        message_id = await play.ask()
        await play.shows(message_id, "hit the length limit")
        assert play.stage.asks[0].body["options"]["num_predict"] == 3


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([status(503, '{"error":"server busy"}')] * 9, "full right now"),
        ([drop_stream()] * 9, "cannot be reached"),
        ([status(500, '{"error":"SECRET of another"}')] * 9, "refused"),
        ([status(404, "404 page not found", "text/plain")] * 9, "OLLAMA_URL"),
    ],
)
async def test_a_model_that_does_not_begin_is_told_in_a_sentence(script, words):
    async with scene() as play:
        for step in script:
            play.stage.play(step)
        message_id = await play.ask()
        last = await play.shows(message_id, "failed", words)
        assert "SECRET" not in last["content"]
        assert labels(last) == ["Retry"]


async def test_an_unknown_model_names_the_command_that_fetches_it():
    async with scene() as play:
        message_id = await play.ask(model="nope")
        await play.shows(message_id, "ollama pull nope")


async def test_a_full_server_is_asked_again_and_the_message_says_so():
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(status(503, '{"error":"server busy"}'))
        play.stage.play(hold(gate), say("At last."))
        message_id = await play.ask()
        await play.shows(message_id, "trying again")
        gate.set()
        await play.shows(message_id, "At last.", "tokens")


async def test_a_cut_stream_is_asked_again_with_the_same_seed_and_goes_on():
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(say("one two three"), hold(gate), drop_stream())
        play.stage.play(say("one two", pace=0.1), hold(again := asyncio.Event()), say(" three four"))
        message_id = await play.ask()
        await play.shows(message_id, "one two three")
        gate.set()
        await play.shows(message_id, "one two three", "reconnecting")
        again.set()
        await play.shows(message_id, "one two three four\n-# smol")
        first, second = (call.body for call in play.stage.asks)
        assert first == second
        assert first["options"]["seed"] >= 0


async def test_a_stream_cut_again_and_again_keeps_its_text_and_shows_no_foreign_error():
    async with scene() as play:
        for _ in range(3):
            play.stage.play(say("half an ans"), error("SECRET of another request"))
        message_id = await play.ask()
        last = await play.shows(message_id, "half an ans", "cut off")
        assert "SECRET" not in last["content"]
        assert len(play.stage.asks) == 3


async def test_a_private_answer_is_seen_by_its_asker_alone():
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(say("a secret " * 300, pace=0.0005), hold(gate), say("told"))
        message_id = await play.ask(private=True)
        assert play.now(message_id)["flags"] & EPHEMERAL
        second = await play.ann.until(lambda message: play.is_answer(message) and int(message["id"]) != message_id)
        assert second["flags"] & EPHEMERAL
        assert not [message for message in play.bob.messages(play.channel) if play.is_answer(message)]
        await play.ann.command(play.channel, "stop")
        await play.ann.until(lambda message: "stopped by ann" in message["content"])


async def test_a_private_answer_ends_in_words_before_its_token_dies():
    async with scene(timing=Timing(guild_ready_timeout_s=0.05, handover_s=0.5)) as play:
        play.stage.play(say(["word "] * 1000, pace=0.01))
        message_id = await play.ask(private=True)
        last = await play.shows(message_id, "word", "14 minutes")
        assert labels(last) == ["Continue", "Retry"]
        assert await (await play.stage.asked()).left()


async def test_an_answer_moves_to_the_channels_routes_without_losing_a_character():
    async with scene(timing=Timing(guild_ready_timeout_s=0.05, handover_s=0.6)) as play:
        words = [f"word{number} " for number in range(400)]
        play.stage.play(say(words, pace=0.005))
        await play.ask()
        await play.ann.until(lambda message: "word399" in message["content"] and "tokens" in message["content"])
        shown = "".join(message["content"] for message in play.ann.messages(play.channel) if play.is_answer(message))
        assert [int(number) for number in re.findall(r"word(\d+)", shown)] == list(range(400))
        assert play.requests("PATCH", "/webhooks/")
        assert play.requests("PATCH", "/channels/{channel}/messages/{message}")
        assert play.requests("POST", "/channels/{channel}/messages")
        assert play.chat.record.count(status=429) == play.chat.record.count(status=401) == 0


async def test_a_token_that_dies_early_is_left_for_the_channel():
    async with scene() as play:
        dead = {"message": "Invalid Webhook Token", "code": 50027}
        play.stage.play(say(["word "] * 50, pace=0.02))
        message_id = await play.ask()
        await play.shows(message_id, "word")
        play.chat.faults.plan(server_error(401).__class__("answer", status=401, body=dead), "PATCH", TOKEN_MESSAGE)
        await play.shows(message_id, "50 tokens")
        assert play.requests("PATCH", "/channels/{channel}/messages/{message}")


@pytest.mark.parametrize(
    "fault",
    [
        drop(),
        drop(applied=True),
        server_error(503),
        too_many_requests(0.3),
        too_many_requests(0.3, scope="global"),
        too_many_requests(0.3, html=True),
        too_many_requests(0.3, via=False),
    ],
)
async def test_a_fault_on_an_edit_only_delays_the_text(fault):
    async with scene() as play:
        play.stage.play(say(["word "] * 50, pace=0.02))
        message_id = await play.ask()
        await play.shows(message_id, "word")
        play.chat.faults.plan(fault, "PATCH", TOKEN_MESSAGE)
        await play.shows(message_id, "word " * 49 + "word\n-# smol · 50 tokens", within_s=8)


@pytest.mark.parametrize("fault", [drop(), drop(applied=True), server_error(500, applied=True), server_error(503)])
async def test_a_fault_on_the_first_response_leaves_one_message_that_is_answered(fault, caplog):
    async with scene() as play:
        play.chat.faults.plan(fault, "POST", CALLBACK)
        play.stage.play(say("Here I am."))
        await play.ann.command(play.channel, "ask", prompt="Are you there?")
        await play.ann.until(lambda message: "Here I am.\n-# smol" in message["content"])
        assert sum(play.is_answer(message) for message in play.ann.messages(play.channel)) == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_stop_works_while_the_first_response_is_on_its_way():
    async with scene() as play:
        play.chat.faults.plan(delay(1.0), "POST", CALLBACK)
        play.stage.play(hold())
        await play.ann.command(play.channel, "ask", prompt="Why?")
        call = await play.stage.asked()
        await play.ann.command(play.channel, "stop")
        assert await call.left()
        await play.ann.until(lambda message: "stopped by ann" in message["content"])


async def test_shutting_down_while_the_first_response_is_on_its_way_ends_in_words():
    async with scene() as play:
        play.chat.faults.plan(delay(1.0), "POST", CALLBACK)
        play.stage.play(hold())
        asking = asyncio.create_task(play.ask())
        await play.stage.asked()
        await play.bot.services.runs.close(5.0)
        await play.shows(await asking, "interrupted by a restart")


async def test_moving_to_a_channel_where_it_may_not_write_ends_in_words():
    async with scene(timing=Timing(guild_ready_timeout_s=0.05, handover_s=0.6)) as play:
        world = play.chat.world
        world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
        play.stage.play(say(["word "] * 1000, pace=0.01))
        message_id = await play.ask()
        last = await play.shows(message_id, "word", "failed", "may not write here")
        assert labels(last) == ["Retry"]
        assert await (await play.stage.asked()).left()


async def test_a_page_posted_twice_in_the_channel_is_one_message():
    async with scene(timing=Timing(guild_ready_timeout_s=0.05, handover_s=0.1)) as play:
        play.chat.faults.plan(drop(applied=True), "POST", CHANNEL_MESSAGES)
        play.stage.play(say([f"word{number} " for number in range(400)], pace=0.003))
        await play.ask()
        await play.ann.until(lambda message: "400 tokens" in message["content"], 8.0)
        shown = "".join(message["content"] for message in play.ann.messages(play.channel) if play.is_answer(message))
        assert [int(number) for number in re.findall(r"word(\d+)", shown)] == list(range(400))


async def test_in_a_direct_message_it_answers_and_stops_likewise():
    async with scene() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        play.stage.play(say(["word "] * 5000, pace=0.01))
        message_id = await play.ask(channel=there)
        await play.shows(message_id, "word word")
        await play.ann.react(there, message_id, "🛑")
        await play.shows(message_id, "word word", "stopped")
        assert await (await play.stage.asked()).left()


async def test_the_models_are_offered_as_they_are_typed():
    async with scene(Model("smol"), Model("smol-think"), Model("llama3.2")) as play:
        choices = await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="SM")
        assert [choice["value"] for choice in choices] == ["smol:latest", "smol-think:latest"]


async def test_with_the_models_server_gone_nothing_is_offered_and_no_error_shown():
    async with scene() as play:
        play.stage.instead["/api/tags"] = [status(500, "{}")]
        assert await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="s") == []


async def test_the_system_prompt_and_the_question_reach_the_model():
    async with scene(system_prompt="Be brief.") as play:
        play.stage.play(say("Yes."))
        await play.shows(await play.ask("Can you hear me?"), "tokens")
        assert play.stage.asks[0].body["messages"] == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Can you hear me?"},
        ]


async def test_nothing_that_is_written_can_ping_anybody():
    async with scene() as play:
        play.stage.play(say("@everyone @here <@1> <@&2> " * 100, pace=0.001))
        await play.shows(await play.ask("@everyone"), "<@1>")
        await play.idle()
        written = [entry.body for entry in play.requests() if isinstance(entry.body, dict)]
        messages = [body.get("data", body) for body in written]
        contents = [message for message in messages if "content" in message]
        assert len(contents) >= 2
        assert all(
            message["allowed_mentions"] == {"parse": []} for message in contents if message["content"] != "@everyone"
        )


async def test_twenty_answers_in_one_channel_never_see_a_429():
    async with scene() as play:
        play.stage.director = lambda ask: [say(["word "] * 40, pace=0.02)]
        await asyncio.gather(*(play.ann.command(play.channel, "ask", prompt=f"question {n}") for n in range(20)))
        async with asyncio.timeout(20):
            await play.stage.until(lambda: len(play.stage.asks) == 20 and play.stage.open == 0)
        await play.idle()
        ended = [message for message in play.ann.messages(play.channel) if "40 tokens" in message["content"]]
        assert len(ended) == 20
        assert play.chat.record.count(status=429) == 0


@pytest.mark.parametrize(("settings", "pages"), [({}, 5), ({"answer_max_pages": 2}, 2)])
async def test_an_answer_of_many_pages_ends_with_the_whole_text_as_a_file(settings, pages):
    async with scene(**settings) as play:
        text = "".join(f"word{number} " for number in range(3000))
        play.stage.play(say([text[at : at + 400] for at in range(0, len(text), 400)], pace=0.005))
        await play.ask()
        last = await play.ann.until(lambda message: bool(message.get("attachments")), 15.0)
        assert "answer.md" in last["content"]
        assert last["flags"] & SUPPRESS_EMBEDS
        (attached,) = last["attachments"]
        assert (attached["filename"], attached["size"]) == ("answer.md", len(text))
        assert sum(play.is_answer(message) for message in play.ann.messages(play.channel)) == pages


async def test_what_discord_does_not_draw_is_turned_into_what_it_does():
    async with scene() as play:
        table = "| name | size |\n|---|---:|\n| a | 1 |\n| long name | 22 |\n"
        play.stage.play(say(list(f"#### Sizes\n\n{table}\n[mask](https://example.com)"), pace=0.001))
        last = await play.shows(await play.ask(), "tokens")
        assert "**Sizes**" in last["content"]
        assert "```" in last["content"]
        assert "|---" not in last["content"]
        assert "mask (<https://example.com>)" in last["content"]
