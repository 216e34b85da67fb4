"""The models that the bench `lag` stands on: Discord's limits, the libraries' queues, the other bots' loops."""

import asyncio
from itertools import pairwise
from statistics import fmean

import pytest

from bench.lag.cells import CELLS
from bench.lag.libraries import DiscordPy, discord_js, discordgo
from bench.lag.limits_model import Discord, channel_edits, channel_sends, token_writes
from bench.lag.load import TOKENS, Stream
from bench.lag.rivals import RIVALS
from tests import virtual_time

ONE, SAME10, OWN10, *_ = CELLS
BOTS = {rival.name: rival for rival in RIVALS}


def elapsed_since(start):
    return asyncio.get_running_loop().time() - start


# Discord


def test_a_window_begins_with_its_first_request_and_refuses_what_is_over_the_limit():
    async def main():
        discord, bucket = Discord(round_trip_s=0.0), channel_edits(1)
        await asyncio.sleep(3.0)
        said = []
        for pause_s in (1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.0):
            said.append(await discord.request(bucket))
            await asyncio.sleep(pause_s)
        return said

    said = virtual_time.run(main())
    assert [response.remaining for response in said] == [4, 3, 2, 1, 0, 0, 4]
    assert [response.reset_after_s for response in said] == pytest.approx([5, 4, 3, 2, 1, 0.5, 5], abs=0.01)
    assert [response.retry_after_s is None for response in said] == [True] * 5 + [False, True]


def test_channels_sends_and_tokens_are_buckets_of_their_own():
    async def main():
        discord = Discord()
        for bucket in (channel_edits(1), channel_edits(2), channel_sends(1), token_writes(1)):
            assert (await discord.request(bucket)).remaining == 4

    virtual_time.run(main())


def test_no_second_holds_more_than_50_requests_but_tokens_are_not_counted():
    async def main():
        discord = Discord(round_trip_s=0.0)
        for channel in range(50):
            await discord.request(channel_edits(channel))
            await asyncio.sleep(0.01)
        refused = await discord.request(channel_edits(50))
        assert refused.is_global
        assert refused.retry_after_s == pytest.approx(0.5, abs=0.01)
        assert (await discord.request(token_writes(1))).retry_after_s is None
        await asyncio.sleep(refused.retry_after_s)
        assert (await discord.request(channel_edits(50))).retry_after_s is None

    virtual_time.run(main())


# The libraries


async def _ask(library, bucket, count):
    """Make `count` requests at once; give when each was answered and when each call returned."""
    start = asyncio.get_running_loop().time()
    answered, returned = [], []

    async def request():
        await library.request(bucket, lambda response: answered.append((elapsed_since(start), response)))
        returned.append(elapsed_since(start))

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(request())
    return [at for at, response in answered if response.retry_after_s is None], sorted(returned)


def test_discord_py_sleeps_out_the_window_in_the_request_that_empties_a_bucket():
    answered, returned = virtual_time.run(_ask(DiscordPy(Discord()), channel_edits(1), 5))
    assert answered[-1] < 0.5
    assert returned[-2] < 0.5
    assert returned[-1] == pytest.approx(5.2, abs=0.2)


def test_discord_py_makes_the_requests_of_one_token_one_after_another():
    answered, _ = virtual_time.run(_ask(DiscordPy(Discord()), token_writes(1), 6))
    assert answered[:5] == pytest.approx([0.15, 0.3, 0.45, 0.6, 0.75], abs=0.01)
    assert answered[5] > 2.0


@pytest.mark.parametrize(("library", "sixth_at"), [(discordgo, 5.3), (discord_js, 5.35)])
def test_discord_js_and_discordgo_return_with_the_response_and_hold_the_next_request_back(library, sixth_at):
    answered, returned = virtual_time.run(_ask(library(Discord()), channel_edits(1), 6))
    assert answered == returned
    assert answered == pytest.approx([0.15, 0.3, 0.45, 0.6, 0.75, sixth_at], abs=0.03)


@pytest.mark.parametrize("library", [DiscordPy, discord_js, discordgo])
def test_a_library_asks_again_after_a_global_429(library):
    async def main():
        discord = Discord()
        queue = library(discord)
        async with asyncio.TaskGroup() as group:
            for channel in range(70):
                group.create_task(queue.request(channel_edits(channel), lambda _: None))
        return discord

    discord = virtual_time.run(main())
    assert discord.answered == 70
    assert discord.refused >= 20


# The bots


def _play(name, streams_of):
    async def main():
        return await BOTS[name].play(streams_of(asyncio.get_running_loop().time()), Discord())

    return virtual_time.run(main())


def _alone(begin):
    return ONE.load(0, begin)


def _two(begin):
    """Two streams in channels of their own, the second 0.4 s after the first."""
    (one,) = _alone(begin)
    return [one, Stream(1, 1, one.start + 0.4, tuple(at + 0.4 for at in one.arrivals))]


def _pauses(seen):
    return [after - before for before, after in pairwise(seen.acknowledged_at)]


def _distance(at, seen):
    return min(abs(at - other) for other in seen.acknowledged_at)


@pytest.mark.parametrize("name", BOTS)
def test_every_bot_shows_every_token(name):
    for seen in _play(name, lambda begin: SAME10.load(0, begin)):
        assert len(seen.lags) == TOKENS


def test_llmcord_makes_two_streams_write_in_step_since_they_share_one_gate():
    first, second = _play("llmcord", _two)
    assert min(_pauses(first)) >= 1.0
    assert _distance(second.acknowledged_at[5], first) < 0.2


def test_llmcord_go_gives_each_message_a_slot_of_its_own():
    first, second = _play("llmcord-go", _two)
    assert min(_pauses(first)) >= 1.0 - 1e-6
    assert _pauses(second) == pytest.approx(_pauses(first), abs=0.001)
    assert _distance(second.acknowledged_at[5], first) == pytest.approx(0.4, abs=0.01)


def test_js_llmcord_spends_its_window_at_once_and_then_stands_still():
    (alone,) = _play("js-llmcord", _alone)
    assert _pauses(alone)[1:5] == pytest.approx([0.25] * 4, abs=0.01)
    assert _pauses(alone)[5] > 3.5


def test_discord_ollama_queues_an_edit_for_each_token():
    (alone,) = _play("discord-ollama", _alone)
    assert len(alone.acknowledged_at) == TOKENS  # the message, and an edit for all but the first token
    assert alone.final > 450


def test_oobabot_lets_0_7_s_pass_after_an_edit():
    (alone,) = _play("oobabot", _alone)
    assert min(_pauses(alone)[:-1]) >= 0.7 + 0.15
    assert max(_pauses(alone)) > 1.5  # the sleep in the edit that empties the bucket, in the token loop


def test_newest_wins_writes_an_ending_before_older_text():
    seen = _play("naive newest-wins, endings first", lambda begin: SAME10.load(0, begin))
    assert fmean(one.final for one in seen) < 2.5
    assert max(one.freeze for one in seen) > 10.0
