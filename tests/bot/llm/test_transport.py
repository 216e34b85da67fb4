"""The HTTP client and its faults, against real sockets."""

import asyncio
import socket

import httpx
import pytest

from bot.core.errors import ModelRefused, ModelUnreachable
from bot.llm.transport import NO_ANSWER, NO_TRUST, NOT_OLLAMA, open_http, translated, unreachable
from playground.llm import script


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


async def fault_of(client, kind=ModelUnreachable):
    with pytest.raises(kind) as caught:
        await client.version()
    assert caught.value.__cause__ is not None
    return caught.value


async def test_the_key_goes_out_as_bearer(stage, server, connect):
    await (await connect(server.url, "s3cret")).version()
    assert stage.calls[0].headers["Authorization"] == "Bearer s3cret"


async def test_without_a_key_there_is_no_authorization(stage, server, connect):
    await (await connect(server.url)).version()
    assert "Authorization" not in stage.calls[0].headers


@pytest.mark.parametrize(("api_key", "scheme"), [("", "Basic"), ("s3cret", "Bearer")])
async def test_a_password_in_the_url_goes_out_as_basic_unless_there_is_a_key(stage, server, connect, api_key, scheme):
    client = await connect(server.url.replace("//", "//me:pass@"), api_key)
    await client.version()
    assert stage.calls[0].headers["Authorization"].split()[0] == scheme


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_path_in_the_url_stays_in_front(stage, server, connect, slash):
    client = await connect(f"{server.url}/ollama{slash}")
    with pytest.raises(ModelRefused):
        await client.version()
    assert stage.calls[0].path == "/ollama/api/version"


async def test_more_than_a_hundred_answers_may_stream_at_once(stage, server, client, question):
    stage.director = lambda _: [script.say("hi"), script.hold()]

    async def first():
        async with client.ask(question) as stream:
            await anext(stream)
            await everybody.wait()

    everybody = asyncio.Barrier(120)
    async with asyncio.timeout(5):
        await asyncio.gather(*(first() for _ in range(120)))
    assert len(stage.asks) == 120


async def test_a_refused_connection_is_unreachable_and_worth_another_try(connect):
    error = await fault_of(await connect(f"http://127.0.0.1:{free_port()}"))
    assert error.again
    assert "ClientConnectorError" in str(error)


async def test_an_unknown_host_is_unreachable_and_worth_another_try(connect):
    error = await fault_of(await connect("http://ollama.invalid:11434"))
    assert error.again
    assert "DNS" in str(error)


async def test_a_disconnect_before_the_headers_is_worth_another_try(bare, connect):
    async def hang_up(reader, _):
        await reader.readuntil(b"\r\n\r\n")

    async with bare(hang_up) as url:
        error = await fault_of(await connect(url))
    assert error.again
    assert "ServerDisconnectedError" in str(error)


async def test_a_reset_before_the_headers_is_worth_another_try(bare, connect):
    async def reset(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        linger_0 = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_0)

    async with bare(reset) as url:
        assert (await fault_of(await connect(url))).again


async def test_a_server_that_never_answers_a_look_up_is_given_up(bare, connect):
    async def keep_silent(reader, _):
        await reader.read()

    async with bare(keep_silent) as url:
        error = await fault_of(await connect(url, lookup_timeout_s=0.05))
        assert (error.hint, error.again) == (NO_ANSWER, False)


async def test_a_server_that_does_not_take_the_connection_is_given_up_in_time(connect):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:  # beyond the backlog, the kernel lets connections wait
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        error = await fault_of(await connect(url, connect_timeout_s=0.05))
        for filler in fillers:
            filler.close()
    assert error.again
    assert "Timeout" in str(error)


async def test_what_does_not_speak_http_is_not_ollama(bare, connect):
    async def greet(_, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await writer.drain()

    async with bare(greet) as url:
        error = await fault_of(await connect(url))
    assert (error.hint, error.again) == (NOT_OLLAMA, False)


async def test_a_server_without_tls_is_not_trusted_as_one_that_has_it(bare, connect):
    async def greet(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with bare(greet) as url:
        error = await fault_of(await connect(url.replace("http:", "https:")))
    assert (error.hint, error.again) == (NO_TRUST, False)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "localhost:11434"])
async def test_a_url_that_is_none_of_http_is_a_sentence_as_well(connect, url):
    error = await fault_of(await connect(url))
    assert (error.hint, error.again) == (NOT_OLLAMA, False)


def test_what_is_ours_passes_untranslated():
    for ours in (ModelRefused(400, "no"), KeyError("a bug"), asyncio.CancelledError()):
        with pytest.raises(type(ours)) as caught, translated(unreachable):
            raise ours
        assert caught.value is ours


async def test_opening_connects_to_nothing():
    async with open_http(f"http://127.0.0.1:{free_port()}") as http:
        assert isinstance(http, httpx.AsyncClient)
