"""What is left of an answer that is no longer wanted: nothing, and at once."""

import asyncio
import time

import pytest

from bot.core.model import Delta, Retrying
from playground.llm import script

PATIENCE_S = 5.0
AT_ONCE_S = 0.05


@pytest.fixture
async def tasks_left():
    """Tell which tasks there are now that were not there before, the server's and the test's own aside."""
    before = asyncio.all_tasks()

    async def left():
        await asyncio.sleep(0)  # generators left half-way would now have their tasks
        tasks = asyncio.all_tasks() - before - {asyncio.current_task()}
        return {task for task in tasks if "aiohttp/web_" not in repr(task)}

    return left


async def read(answer, reached):
    async with answer as stream:
        async for _ in stream:
            reached.set()


async def cancel(task):
    """Cancel a task that waits; give the time at which that was."""
    at = time.monotonic()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    return at


async def test_cancelling_while_nothing_has_come_closes_the_socket_at_once(stage, client, question, tasks_left):
    stage.play(script.hold())
    async with asyncio.timeout(PATIENCE_S):
        task = asyncio.create_task(read(client.ask(question), asyncio.Event()))
        call = await stage.asked()
        at = await cancel(task)
        assert await call.left() - at < AT_ONCE_S
    assert await tasks_left() == set()


@pytest.mark.parametrize("before", [script.say("Hm"), script.think("Hm")], ids=["writing", "thinking"])
@pytest.mark.parametrize("gather_s", [0.0, 60.0], ids=["in a read", "between two reads"])
async def test_cancelling_in_mid_stream_closes_the_socket_at_once(
    stage, server, connect, question, tasks_left, before, gather_s
):
    client = await connect(server.url, gather_s=gather_s)
    stage.play(before, script.hold())
    async with asyncio.timeout(PATIENCE_S):
        reached = asyncio.Event()
        task = asyncio.create_task(read(client.ask(question), reached))
        await reached.wait()
        for _ in range(3):  # the reader goes on to where it waits
            await asyncio.sleep(0)
        at = await cancel(task)
        assert await (await stage.asked()).left() - at < AT_ONCE_S
    assert await tasks_left() == set()


async def test_cancelling_while_the_model_is_looked_up_closes_the_socket(stage, server, connect, question, tasks_left):
    client = await connect(server.url, think=True)
    stage.instead["/api/show"] = [script.hold()]
    async with asyncio.timeout(PATIENCE_S):
        task = asyncio.create_task(read(client.ask(question), asyncio.Event()))
        await stage.until(lambda: stage.calls)
        await cancel(task)
        await stage.calls[0].left()
    assert await tasks_left() == set()


async def test_cancelling_in_the_pause_before_a_retry_asks_no_more(stage, server, connect, question, tasks_left):
    client = await connect(server.url, first_pause_s=60.0, longest_pause_s=60.0)
    stage.play(script.status(503, '{"error":"server busy"}'))
    async with asyncio.timeout(PATIENCE_S):
        reached = asyncio.Event()
        task = asyncio.create_task(read(client.ask(question), reached))
        await reached.wait()
        await cancel(task)
    assert len(stage.asks) == 1
    assert await tasks_left() == set()


async def test_leaving_the_context_between_two_reads_closes_the_socket_before_it_is_left(
    stage, client, question, tasks_left
):
    stage.play(script.say("The sky"), script.hold())
    async with asyncio.timeout(PATIENCE_S):
        async with client.ask(question) as stream:
            assert isinstance(await anext(stream), Delta)
            at = time.monotonic()
        assert await tasks_left() == set()
        assert await (await stage.asked()).left() - at < AT_ONCE_S


async def test_leaving_with_much_still_unread_closes_the_socket(stage, client, question, tasks_left):
    stage.play(script.say(["x" * 1000] * 5000), script.hold())
    async with asyncio.timeout(PATIENCE_S):
        async with client.ask(question) as stream:
            await anext(stream)
        assert await tasks_left() == set()
        await (await stage.asked()).left()


async def test_an_error_of_the_reader_closes_the_socket_and_stays_the_readers(stage, client, question):
    async def fail():
        async with client.ask(question) as stream:
            await anext(stream)
            raise ConnectionError("the reader's own")

    stage.play(script.say("The sky"), script.hold())
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConnectionError, match="the reader's own"):
            await fail()
        await (await stage.asked()).left()


async def test_entering_without_reading_asks_nothing(stage, client, question):
    async with client.ask(question):
        pass
    assert stage.calls == []


async def test_leaving_at_a_notice_asks_no_more(stage, client, question):
    stage.play(script.drop())
    async with asyncio.timeout(PATIENCE_S):
        async with client.ask(question) as stream:
            assert await anext(stream) == Retrying(busy=False)
    assert len(stage.asks) == 1


async def test_fifty_answers_cancelled_together_are_all_closed_at_once(stage, client, question, tasks_left):
    stage.director = lambda _: [script.say(["word"] * 10_000, pace=0.02)]
    async with asyncio.timeout(PATIENCE_S):
        events = [asyncio.Event() for _ in range(50)]
        tasks = [asyncio.create_task(read(client.ask(question), event)) for event in events]
        await asyncio.gather(*(event.wait() for event in events))
        at = time.monotonic()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        left = [await call.left() - at for call in stage.asks]
    assert max(left) < 10 * AT_ONCE_S  # a client and a server of fifty share one loop here
    assert await tasks_left() == set()
