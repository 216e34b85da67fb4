"""The parent's hand on the process in which the embedded model runs."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path
from typing import Any

from playground.errors import PlaygroundError

# By its path, for it needs nothing of ours; -P keeps its folder's names from shadowing anybody's.
WORKER = ("-P", str(Path(__file__).with_name("worker.py")))
END_S = 2.0  # time for the process to end by itself; it needs about a millisecond


class ModelUnusable(PlaygroundError):  # noqa: N818 - a state of the machine
    """The embedded model cannot run; says why."""


class ModelProcess:
    """
    A child process with a model in it.

    It is loading from the moment of `start`; asks made before it is ready wait. It ends with `aclose`, and by itself
    when this process dies.
    """

    def __init__(self, *command: str) -> None:
        self._command = command or (sys.executable, *WORKER)
        self._settled = asyncio.Event()
        self._failure = ""
        self._answers: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._numbers = count(1)
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def pending(self) -> int:
        """How many asks have not ended."""
        return len(self._answers)

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        self._reader = asyncio.create_task(self._read(self._process))

    async def ready(self) -> None:
        """Wait until the model is loaded. Raises ModelUnusable, also later if the process has died."""
        await self._settled.wait()
        if self._failure:
            raise ModelUnusable(self._failure)

    async def ask(self, request: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """
        Give what the worker says to one request, to its last line; closing the iterator stops the model.

        Raises ModelUnusable if there is no model; if the process dies later, that is the last line.
        """
        await self.ready()
        number = next(self._numbers)
        lines = self._answers[number] = asyncio.Queue()
        self._write({"id": number, "ask": request})
        ended = False
        try:
            while not ended:
                line = await lines.get()
                ended = "text" not in line
                yield line
        finally:
            del self._answers[number]
            if not ended:
                self._write({"cancel": number})

    async def aclose(self) -> None:
        if self._process is None or self._reader is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        # Not drained: messages are small, and a worker that reads nothing has died.
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self._take(json.loads(line))
        status = await process.wait()
        self._fail(f"The demo model's process ended (status {status}).")

    def _take(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._settled.set()
        elif "fatal" in message:
            self._fail(message["fatal"])
        elif lines := self._answers.get(message["id"]):
            lines.put_nowait(message)

    def _fail(self, sentence: str) -> None:
        self._failure = self._failure or sentence
        self._settled.set()
        for lines in self._answers.values():
            lines.put_nowait({"error": self._failure, "status": 500})
