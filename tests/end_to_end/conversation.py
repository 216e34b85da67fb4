"""A person at a terminal: `patter` at the other end of a real pseudo-terminal."""

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE_S = 15.0


class Conversation:
    """What stands on the terminal, and what is typed there."""

    def __init__(self, process, terminal):
        self.process, self.screen = process, ""
        self._terminal = terminal
        self._news = asyncio.Condition()
        self._read_to = 0

    async def reads(self, part):
        """Wait until `part` comes up, after what was read before; return all of the screen up to there."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: part in self.screen[self._read_to :])
        self._read_to = self.screen.index(part, self._read_to) + len(part)
        return self.screen[: self._read_to]

    async def types(self, line, after):
        """Type a line once `after` has come up."""
        await self.reads(after)
        os.write(self._terminal, f"{line}\n".encode())

    async def interrupts(self):
        """
        Press Ctrl+C while the process waits for a key.

        Between its question and its read Python would only note the signal, and go on to wait.
        """
        async with asyncio.timeout(PATIENCE_S):
            while not _sleeps(self.process.pid):  # noqa: ASYNC110 - a process tells nobody that it waits
                await asyncio.sleep(0.005)
        self.process.send_signal(signal.SIGINT)

    def presses(self, key):
        os.write(self._terminal, key)

    async def ends(self):
        """Wait for the end; return the exit status."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    async def listen(self):
        loop = asyncio.get_running_loop()
        data = b""
        while True:
            readable = loop.create_future()
            loop.add_reader(self._terminal, lambda future=readable: future.done() or future.set_result(None))
            try:
                await readable
                more = os.read(self._terminal, 65536)
            except OSError:  # Linux's way to say that the other end is closed
                return
            finally:
                loop.remove_reader(self._terminal)
            data += more
            async with self._news:
                self.screen = re.sub(r"\r", "", data.decode(errors="replace"))
                self._news.notify_all()


def _sleeps(pid):
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "S"


@asynccontextmanager
async def at_a_terminal(*arguments, folder, **environment):
    """Run `patter` as the leader of a session of its own, with nothing else in its environment."""
    terminal, its_side = os.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "PYTHONIOENCODING": "utf-8"} | environment,
        stdin=its_side, stdout=its_side, stderr=its_side,
        start_new_session=True,
    )  # fmt: skip
    os.close(its_side)
    conversation = Conversation(process, terminal)
    listening = asyncio.create_task(conversation.listen())
    try:
        yield conversation
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        listening.cancel()
        await asyncio.wait({listening})
        os.close(terminal)
