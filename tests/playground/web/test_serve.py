"""`scripts/play` as a person starts it: the page is there, and nothing is left behind."""

import asyncio
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from playground.__main__ import parse
from playground.web import serve

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def playground(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", "--no-browser", "--scripted", *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_says_where_the_page_is_and_serves_it_until_it_is_ended():
    async with playground() as process, asyncio.timeout(20):
        line = (await process.stdout.readline()).decode()
        url = re.match(r"Patter is at (http://127\.0\.0\.1:\d+/) ", line)[1]
        async with aiohttp.ClientSession() as http:
            async with http.get(url) as answer:
                assert answer.status == 200
            async with http.get(f"{url}web/config") as answer:
                assert (await answer.json())["model"]["scripted"] is True
            async with http.get(f"{url}web/panel"):  # somebody watches
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 143
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(url)


async def test_ctrl_c_ends_it_without_a_traceback():
    async with playground() as process, asyncio.timeout(20):
        await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in said


async def test_it_takes_the_port_that_it_is_told(unused_tcp_port):
    async with playground("--port", str(unused_tcp_port)) as process, asyncio.timeout(20):
        assert f":{unused_tcp_port}/".encode() in await process.stdout.readline()


async def test_a_port_that_is_taken_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with playground("--port", str(port)) as process, asyncio.timeout(20):
            _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode() == f"Port {port} cannot be listened on: Address already in use.\n"


@pytest.mark.parametrize(
    "bad", [["--port", "x"], ["--port", "70000"], ["--reload", "--console"], ["--ask", "x", "--console"]]
)
def test_what_makes_no_sense_is_refused(bad, capsys):
    with pytest.raises(SystemExit):
        parse(bad)
    assert "usage" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a display")
@pytest.mark.parametrize(("name", "has"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("TERM", False)])
def test_a_browser_needs_a_display(monkeypatch, name, has):
    for one in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(name, ":0")
    assert serve.has_display() is has


async def test_the_browser_is_opened_only_if_wanted(monkeypatch, play):
    opened = asyncio.Queue()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(serve.webbrowser, "open", lambda url: loop.call_soon_threadsafe(opened.put_nowait, url))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    for opens in (False, True):
        said = asyncio.Queue()
        serving = asyncio.create_task(serve.serve_page(play, said.put_nowait, opens=opens, reloads=False))
        assert serve.page_url(play) in await said.get()
        if opens:
            assert await asyncio.wait_for(opened.get(), 5) == serve.page_url(play)
        serving.cancel()
        await asyncio.wait([serving])
        assert opened.empty()


async def test_a_bot_that_dies_is_told_each_time_and_the_page_stays(play):
    said = asyncio.Queue()
    serving = asyncio.create_task(serve.serve_page(play, said.put_nowait, opens=False, reloads=False))
    await said.get()
    for _ in range(2):
        os.kill(play.bot.pid, signal.SIGKILL)
        obituary = await asyncio.wait_for(said.get(), 5)
        assert obituary.startswith("The bot ended by itself (status -9).")
        await play.bot.restart()
    assert said.empty()
    assert not serving.done()
    serving.cancel()
    await asyncio.wait([serving])
