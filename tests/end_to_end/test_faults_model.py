"""The model's server fails in every way that it can, in mid-stream and before it."""

import asyncio
from pathlib import Path

import pytest

from bot.chat import presence
from playground.llm.script import drop, end, error, hold, raw, say, status
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import labels, scene, stop_button, town

HALF = "half an answer"
LINE = b'{"model":"smol","message":{"role":"assistant","content":"%s"},"done":false}\n'
SECRET = "SECRET of another request"

BREAKS = {
    "an error line": [error(SECRET)],
    "an end without done": [end(done=False)],
    "a chunk cut in half": [drop()],
    "a line cut in half": [raw((LINE % SECRET.encode())[:40]), drop()],
    "no UTF-8": [raw(LINE % b"\xff\xfe")],
    "no JSON": [raw(b"<html>" + SECRET.encode() + b"</html>\n")],
    "JSON of another shape": [raw(b'{"message": ["' + SECRET.encode() + b'"]}\n')],
    "JSON that says nothing": [raw(b"{}\n")],
    "a line of nothing but brackets": [raw(b"[" * 100_000 + b"\n")],
    "a stall": [hold()],
}


@pytest.mark.parametrize("steps", BREAKS.values(), ids=BREAKS)
async def test_a_broken_stream_keeps_its_text_says_so_and_shows_nothing_foreign(steps):
    async with scene(token_timeout_s=0.5) as play:
        play.stage.director = lambda _: [say([HALF], pace=0.1), *steps]
        message_id = await play.ask()
        last = await play.shows(message_id, f"{HALF}\n-# cut off", within_s=10)
        assert labels(last) == ["Retry"]
        assert len(play.stage.asks) == 3  # it was asked for again, twice
        await play.idle()
        assert not any(SECRET in str(entry.body) for entry in play.requests())
        assert play.stage.open == 0


async def test_a_first_token_after_a_long_silence_comes_all_the_same():
    async with scene(first_token_timeout_s=4, token_timeout_s=0.3) as play:
        gate = asyncio.Event()
        play.stage.play(hold(gate), say("At last."))
        message_id = await play.ask()
        asyncio.get_running_loop().call_later(1.5, gate.set)  # as five token timeouts
        await play.shows(message_id, "At last.", "tokens")
        assert len(play.stage.asks) == 1


async def test_a_first_token_that_never_comes_is_given_up_in_words():
    async with scene(first_token_timeout_s=0.5) as play:
        play.stage.director = lambda _: [hold()]
        message_id = await play.ask()
        last = await play.shows(message_id, "failed", "did not begin to answer in time")
        assert labels(last) == ["Retry"]
        assert await play.stage.asks[0].left()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's memory is read from /proc")
async def test_a_line_of_ten_megabytes_is_cut_off_and_takes_no_memory(tmp_path):
    async with town() as play:
        play.stage.play(say("small"))
        play.stage.director = lambda _: [say(HALF), *[raw(b"x" * 65536)] * 160]
        seen = len(play.chat.record.identifies)
        async with patter(folder=tmp_path, **addresses(play.chat, play.llm)) as process:
            await play.chat.record.until_identified(seen + 1, 20)
            await play.shows(await play.ask(), "small", "tokens")
            before = peak_bytes(process.pid)
            message_id = await play.ask()
            await play.shows(message_id, f"{HALF}\n-# cut off", within_s=20)
            assert peak_bytes(process.pid) - before < 8 << 20


def peak_bytes(pid):
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


REFUSALS = {
    "unknown model": (status(404, '{"error":"model \'smol\' not found"}'), "ollama pull smol"),
    "400": (status(400, '{"error":"SECRET"}'), "refused the request"),
    "500": (status(500, '{"error":"SECRET"}'), "refused the request"),
    "503": (status(503, '{"error":"SECRET"}'), "full right now"),
    "401": (status(401, '{"error":"SECRET"}'), "OLLAMA_API_KEY"),
    "text with 200": (status(200, "<html>SECRET</html>", "text/html"), "OLLAMA_URL"),
    "text with 404": (status(404, "404 page not found", "text/plain"), "OLLAMA_URL"),
    "another API": (status(405, '{"detail":"SECRET"}'), "refused the request"),
    "a redirect": (status(302, "", "text/plain"), "OLLAMA_URL"),
    "no answer": (drop(), "cannot be reached"),
}


@pytest.mark.parametrize(("step", "words"), REFUSALS.values(), ids=REFUSALS)
async def test_each_way_not_to_begin_has_a_sentence_of_its_own(step, words):
    async with scene() as play:
        play.stage.director = lambda _: [step]
        last = await play.shows(await play.ask(), "failed", words)
        assert "SECRET" not in last["content"]
        assert labels(last) == ["Retry"]
        assert stop_button(last) is None


async def test_with_ollama_down_the_bot_stays_says_so_and_answers_as_soon_as_it_is_back(monkeypatch):
    monkeypatch.setattr(presence, "EVERY_S", 0.1)
    async with scene() as play:
        record = play.chat.record
        await play.llm.refuse()
        await record.until_presence(lambda one: "out of reach" in str(one["activities"]))
        for _ in range(3):
            await play.shows(await play.ask(), "failed", "cannot be reached")
        await play.llm.listen()
        play.stage.play(say("Back again."))
        await play.shows(await play.ask(), "Back again.", "tokens")
        await record.until_presence(lambda one: one["status"] == "online" and not one["activities"])
        assert record.identify_count == 1
        assert len(record.presences) == 2


async def test_a_bot_that_is_identified_anew_shows_again_that_ollama_is_down(monkeypatch):
    monkeypatch.setattr(presence, "EVERY_S", 0.1)
    async with scene() as play:
        record, bot = play.chat.record, play.chat.world.bot
        await play.llm.refuse()
        is_out = lambda one: one["status"] == "idle"  # noqa: E731 - names the condition
        await record.until_presence(is_out)
        record.presences.clear()
        play.chat.gateway.invalidate(bot)
        await record.until_identified(2, 20)
        await record.until_presence(is_out)
