"""The client against a scripted Ollama, over real sockets."""

import asyncio
import json

import pytest

from bot.core.answer import TURNS_TO_READ
from bot.core.errors import ModelBusy, ModelMissing, ModelRefused, ModelUnreachable, StreamCut
from bot.core.model import Delta, LoadedModel, Question, Restarted, Retried, Retrying, Turn, Usage
from bot.llm.transport import NO_ANSWER, NOT_OLLAMA
from playground.llm import script
from playground.llm.models import Model

HTML = "<html>Welcome to nginx!</html>"


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Delta))


def notices(events):
    """Give all that is neither text nor usage, nor says that a pause is over; errors by their type."""
    others = [event for event in events if not isinstance(event, Delta | Usage | Retried)]
    return [type(event) if isinstance(event, Exception) else event for event in others]


async def test_an_answer_is_text_and_at_last_its_usage(stage, client, question, events):
    stage.play(script.say("Because of the sky."))
    *deltas, usage = await events(client.ask(question))
    assert text_of(deltas) == "Because of the sky."
    assert isinstance(usage, Usage)
    assert (usage.prompt_tokens, usage.answer_tokens, usage.hit_limit) == (12, 4, False)


async def test_a_real_answer_byte_for_byte(stage, client, question, events, captured):
    stage.play(script.raw(captured("chat_stream")), script.end(done=False))
    delta, usage = await events(client.ask(question))
    assert delta.text.endswith("on the multiplication of the number of options available at")
    assert usage.answer_tokens == 40


async def test_an_answer_that_hits_the_limit_says_so(stage, client, question, events):
    stage.play(script.say("On and on"), script.end("length"))
    assert (await events(client.ask(question)))[-1].hit_limit


async def test_the_request_says_what_must_always_be_said(stage, server, connect, question, events):
    client = await connect(server.url, num_predict=99)
    stage.play(script.say("x"))
    await events(client.ask(question))
    assert [call.path for call in stage.calls] == ["/api/chat"]
    assert stage.asks[0].body == {
        "model": "smol",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "think": False,
        "options": {"num_predict": 99, "seed": 7},
    }


# What is asked again before the first token


@pytest.mark.parametrize(
    ("fault", "busy"),
    [(script.status(503, '{"error":"server busy, please try again"}'), True), (script.drop(), False)],
    ids=["503", "reset"],
)
async def test_faults_before_the_first_token_are_told_and_tried_again(stage, client, question, events, fault, busy):
    for _ in range(2):
        stage.play(fault)
    stage.play(script.say("Here."))
    got = await events(client.ask(question))
    assert notices(got) == [Retrying(busy=busy)] * 2
    assert [type(event) for event in got[:4]] == [Retrying, Retried, Retrying, Retried]
    assert text_of(got) == "Here."


async def test_retries_are_bounded(stage, server, connect, question, events):
    client = await connect(server.url, retries=3)
    stage.director = lambda _: [script.status(503, '{"error":"server busy"}')]
    assert notices(await events(client.ask(question))) == [Retrying(busy=True)] * 3 + [ModelBusy]
    assert len(stage.asks) == 4


async def test_a_server_that_is_away_is_told_and_then_unreachable(connect, question, events, bare):
    async with bare(None) as url:
        pass  # closed again, so its port refuses
    client = await connect(url, retries=2)
    got = await events(client.ask(question))
    assert notices(got) == [Retrying(busy=False)] * 2 + [ModelUnreachable]


async def test_silence_before_the_first_byte_is_bounded_and_not_tried_again(stage, server, connect, question, events):
    client = await connect(server.url, first_byte_timeout_s=0.05)
    stage.play(script.hold())
    (error,) = await events(client.ask(question))
    assert (type(error), error.hint) == (ModelUnreachable, NO_ANSWER)
    await (await stage.asked()).left()


async def test_silence_after_early_headers_counts_as_before_the_first_byte(bare, connect, question, events):
    async def only_headers(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n")
        await reader.read()

    async with bare(only_headers) as url:
        client = await connect(url, first_byte_timeout_s=0.05, token_timeout_s=0.01)
        (error,) = await events(client.ask(question))
    assert isinstance(error, ModelUnreachable)


# What is refused


@pytest.mark.parametrize("name", ["nope", "nope:7b"])
async def test_a_missing_model_is_named_with_how_to_fetch_it(client, events, name):
    (error,) = await events(client.ask(Question((Turn("user", "Hi"),), name, seed=1)))
    assert isinstance(error, ModelMissing)
    assert f"`ollama pull {name}`" in error.hint


@pytest.mark.parametrize(
    "answer",
    [
        script.status(404, "404 page not found", "text/plain"),
        script.status(404, '{"detail":"Not Found"}'),
        script.status(200, HTML, "text/html"),
        script.status(302, "", "text/html"),
    ],
    ids=["plain 404", "JSON 404", "page", "redirect"],
)
async def test_what_is_not_ollama_is_a_wrong_url_and_no_missing_model(stage, client, question, events, answer):
    stage.play(answer)
    (error,) = await events(client.ask(question))
    assert (type(error), error.hint) == (ModelRefused, NOT_OLLAMA)


@pytest.mark.parametrize("name", ["load_failure", "err_bad_option_type", "err_images_nonvision_chat"])
async def test_any_other_refusal_keeps_its_words_for_the_log(stage, client, question, events, captured, name):
    body = captured(name)
    stage.play(script.status(500, body))
    (error,) = await events(client.ask(question))
    assert (type(error), error.status, error.again) == (ModelRefused, 500, False)
    assert error.detail == json.loads(body)["error"]
    assert error.detail not in error.hint


async def test_a_wrong_key_is_said(stage, client, question, events):
    stage.play(script.status(401, '{"error":"unauthorized"}'))
    (error,) = await events(client.ask(question))
    assert "OLLAMA_API_KEY" in error.hint


async def test_the_words_of_a_refusal_are_bounded(stage, client, question, events):
    stage.play(script.status(500, "x" * 1_000_000, "text/plain"))
    (error,) = await events(client.ask(question))
    assert len(error.detail) == 500


# What is cut


CUTS = {
    "no end": script.end(done=False),
    "drop": script.drop(),
    "error line": script.error("task id = 7: somebody else's secret"),
    "no JSON": script.raw(b"garbage\n"),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
async def test_a_cut_stream_is_asked_for_again_with_the_same_seed(stage, client, question, events, cut):
    stage.play(script.say("The sky"), cut)
    stage.play(script.say("The sky is blue."))
    got = await events(client.ask(question))
    at = got.index(Restarted())
    assert (text_of(got[:at]), text_of(got[at:])) == ("The sky", "The sky is blue.")
    assert isinstance(got[-1], Usage)
    assert stage.asks[0].body == stage.asks[1].body


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
async def test_at_most_twice_and_no_error_of_the_server_is_shown(stage, client, question, events, cut):
    stage.director = lambda _: [script.say("The sky"), cut]
    got = await events(client.ask(question))
    assert notices(got) == [Restarted(), Restarted(), StreamCut]
    assert "secret" not in f"{got[-1]} {got[-1].hint}"
    assert len(stage.asks) == 3


async def test_after_31_equal_chunks_it_is_not_asked_again(stage, client, question, events):
    stage.play(script.say([" ha"] * 31), script.end(done=False))
    got = await events(client.ask(question))
    assert notices(got) == [StreamCut]
    assert text_of(got) == " ha" * 31


async def test_silence_between_tokens_is_a_cut(stage, server, connect, question, events):
    client = await connect(server.url, token_timeout_s=0.05, restarts=0)
    stage.play(script.say("The sky"), script.hold())
    got = await events(client.ask(question))
    assert notices(got) == [StreamCut]
    assert text_of(got) == "The sky"
    await (await stage.asked()).left()


async def test_steady_tokens_may_take_longer_than_the_bound_on_silence(stage, server, connect, question, events):
    client = await connect(server.url, token_timeout_s=0.2, restarts=0)
    stage.play(script.say(["a"] * 15, pace=0.02))
    got = await events(client.ask(question))
    assert text_of(got) == "a" * 15
    assert isinstance(got[-1], Usage)


async def test_the_first_token_comes_at_once_and_those_after_it_together(stage, server, connect, question):
    client, first_is_there = await connect(server.url, gather_s=0.3), asyncio.Event()
    further = script.say([" sky", " is", " blue"], pace=0.001)
    stage.play(script.say("The"), script.hold(first_is_there), further, script.hold())
    async with asyncio.timeout(5.0), client.ask(question) as stream:
        assert await anext(stream) == Delta("The")
        first_is_there.set()
        assert await anext(stream) == Delta(" sky is blue")


async def test_what_gathers_comes_at_once_when_it_is_wanted(stage, server, connect, question):
    client, first_is_there, wanted = await connect(server.url, gather_s=60.0), asyncio.Event(), asyncio.Event()
    said = asyncio.Event()

    async def tell(_):
        said.set()

    stage.play(script.say("The"), script.hold(first_is_there), script.say([" sky", " is"]), tell, script.hold())
    async with asyncio.timeout(5.0), client.ask(question, wanted) as stream:
        assert await anext(stream) == Delta("The")
        following = asyncio.ensure_future(anext(stream))
        first_is_there.set()
        await said.wait()
        assert not following.done()
        wanted.set()
        for _ in range(TURNS_TO_READ):
            await asyncio.sleep(0)
        assert following.result() == Delta(" sky is")


async def test_an_end_is_heard_of_at_once_though_text_gathers(stage, server, connect, question, events):
    client = await connect(server.url, gather_s=60.0)
    stage.play(script.say("The sky is blue.", pace=0.01))
    async with asyncio.timeout(5.0):
        got = await events(client.ask(question))
    assert text_of(got) == "The sky is blue."
    assert isinstance(got[-1], Usage)


async def test_a_restart_into_a_full_server_is_retried_too(stage, client, question, events):
    stage.play(script.say("The sky"), script.drop())
    stage.play(script.status(503, '{"error":"server busy"}'))
    stage.play(script.say("The sky is blue."))
    got = await events(client.ask(question))
    assert notices(got) == [Restarted(), Retrying(busy=True)]


async def test_a_cut_answer_that_cannot_go_on_ends_as_cut(stage, client, question, events):
    stage.play(script.say("The sky"), script.drop())
    stage.play(script.status(500, '{"error":"out of memory"}'))
    got = await events(client.ask(question))
    assert notices(got) == [Restarted(), StreamCut]


# Thinking


async def ask_thinker(client, events, model="smol-think"):
    return await events(client.ask(Question((Turn("user", "Why?"),), model, seed=1)))


async def test_a_model_that_can_think_does_as_wished_and_is_looked_up_once(stage, server, connect, events):
    client = await connect(server.url, think="high")
    for _ in range(2):
        stage.play(script.think("Hm, well."), script.say("Because."))
        got = await ask_thinker(client, events)
        assert "".join(event.thinking for event in got if isinstance(event, Delta)) == "Hm, well."
        assert text_of(got) == "Because."
    assert [call.body["think"] for call in stage.asks] == ["high", "high"]
    assert [call.path for call in stage.calls].count("/api/show") == 1


async def test_a_model_that_cannot_think_is_told_not_to(stage, server, connect, events):
    client = await connect(server.url, think=True)
    stage.play(script.say("Because."))
    await ask_thinker(client, events, "smol")
    assert stage.asks[0].body["think"] is False


async def test_after_a_fault_the_model_is_looked_up_anew(stage, server, connect, events):
    client = await connect(server.url, think=True)
    stage.play(script.say("Because."))
    await ask_thinker(client, events)
    stage.models[:] = [Model("smol-think")]  # another model under the same name
    refused = (await ask_thinker(client, events))[-1]
    assert isinstance(refused, ModelRefused)
    stage.play(script.say("Because."))
    assert text_of(await ask_thinker(client, events)) == "Because."


async def test_without_a_look_up_nothing_is_wished_for(stage, server, connect, events):
    client = await connect(server.url, think=True)
    stage.instead["/api/show"] = [script.status(403, "forbidden", "text/plain")]
    stage.play(script.say("Because."))
    assert text_of(await ask_thinker(client, events)) == "Because."
    assert stage.asks[0].body["think"] is False


# The other endpoints


async def test_generate_streams_what_becomes_of_a_bare_prompt(stage, client, events):
    stage.play(script.say("upon a time"))
    got = await events(client.generate("Once", "smol"))
    assert text_of(got) == "upon a time"
    assert isinstance(got[-1], Usage)
    body = {"model": "smol", "prompt": "Once", "think": False, "options": {"num_predict": 2048}}
    assert (stage.asks[0].path, stage.asks[0].body) == ("/api/generate", body)


async def test_a_cut_of_generate_is_final(stage, client, events):
    stage.play(script.say("upon"), script.drop())
    assert notices(await events(client.generate("Once", "smol"))) == [StreamCut]


async def test_models_are_listed_and_shown(stage, client):
    stage.models[:] = [Model("smol", loaded=True), Model("thinker:7b", capabilities=("completion", "thinking"))]
    smol, thinker = await client.models()
    assert (smol.name, smol.context, thinker.name) == ("smol:latest", 8192, "thinker:7b")
    assert thinker.capabilities == {"completion", "thinking"}
    assert await client.loaded() == (LoadedModel("smol:latest", context=4096),)
    assert (await client.show("thinker:7b")).capabilities == {"completion", "thinking"}
    assert (await client.version()).startswith("0.")


async def test_a_crowd_looks_up_once_which_models_are_in_memory(stage, client, monkeypatch):
    looked = lambda: [call.path for call in stage.calls].count("/api/ps")  # noqa: E731
    await asyncio.gather(*(client.loaded() for _ in range(20)))
    assert looked() == 1
    monkeypatch.setattr("bot.llm.client.LOADED_KNOWN_S", 0.0)
    client._loaded_until = 0.0
    stage.models[0] = Model("smol", loaded=False)
    assert await client.loaded() == ()
    assert looked() == 2


async def test_showing_a_missing_model_says_so(client):
    with pytest.raises(ModelMissing):
        await client.show("nope")


@pytest.mark.parametrize("body", ["", "[]", '{"models": 7}', "{"])
async def test_a_look_up_that_cannot_be_read_is_not_ollamas(stage, client, body):
    stage.instead["/api/tags"] = [script.status(200, body)]
    with pytest.raises(ModelRefused) as caught:
        await client.models()
    assert caught.value.hint == NOT_OLLAMA
