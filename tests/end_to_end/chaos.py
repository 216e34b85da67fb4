"""
Many faults at once, at random, while several people ask; then nothing may be left half-done.

    scripts/chaos --seconds 60 --seed 7

The same seed makes the same choices; what the machine makes of them in time differs from run to run.
"""

# ruff: noqa: T201 - a command line prints

import argparse
import asyncio
import os
import signal
import sys
import time
import traceback
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from random import Random, SystemRandom

from playground.chat import ApiError, Member
from playground.chat.faults import (
    CALLBACK,
    CHANNEL_MESSAGE,
    CHANNEL_MESSAGES,
    FOLLOWUPS,
    TOKEN_MESSAGE,
    drop,
    hang,
    server_error,
    too_many_requests,
)
from playground.chat.permissions import Permission
from playground.llm.script import drop as cut
from playground.llm.script import end, error, hold, raw, say, status, think
from tests.end_to_end.chaos_checks import problems_in_log, problems_left, questions_in, unfinished
from tests.end_to_end.process import addresses
from tests.end_to_end.scene import stop_button, town
from tests.end_to_end.talk import to_bot

ROOMS = 3
GAVE_UP = 1  # the exit status for a fault that may pass
QUIET_S, ANSWER_S = 75.0, 20.0
EXIT_S = 13.5  # ten, and three for what is left behind
FREE = {
    "EDIT_INTERVAL_S": "0.2",
    "TOKEN_TIMEOUT_S": "1.5",
    "FIRST_TOKEN_TIMEOUT_S": "4",
    "MAX_RUNNING": "32",
    "PERSON_ASKS_PER_MINUTE": "0",
    "PERSON_ASKS_AT_ONCE": "0",
    "GUILD_ASKS_PER_MINUTE": "0",
    "GUILD_ASKS_AT_ONCE": "0",
}


class Bot:
    """The bot's process, which is ended and killed and started again."""

    def __init__(self, play):
        self._play, self.log = play, Path(play.folder) / "bot.log"
        self._process = None
        self.gave_up = 0

    async def start(self):
        """Start it; again, if it gives up because it cannot reach Discord, as whoever hosts it would."""
        while await self._start() == GAVE_UP:
            self.gave_up += 1

    async def _start(self):
        """Return None once it is on the gateway, or the status with which it has ended before that."""
        seen = len(self._play.chat.record.identifies)
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        environment = {"PYTHONPATH": str(Path.cwd()), **FREE, **addresses(self._play.chat, self._play.llm)}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.end_to_end.chaos_bot",
                cwd=self._play.folder, env=kept | environment, stdout=log, stderr=log,
            )  # fmt: skip
        identified = asyncio.create_task(self._play.chat.record.until_identified(seen + 1, 30))
        died = asyncio.create_task(self._process.wait())
        await asyncio.wait({identified, died}, return_when=asyncio.FIRST_COMPLETED)
        if died.done():
            identified.cancel()
            return died.result()
        died.cancel()
        identified.result()
        return None

    async def end(self, number):
        """Send a signal and wait for the exit. Raises AssertionError if that is not as it should be."""
        began = time.monotonic()
        self._process.send_signal(number)
        async with asyncio.timeout(EXIT_S + 5):
            status_ = await self._process.wait()
        took_s = time.monotonic() - began
        if number is signal.SIGTERM:
            assert status_ == 0, f"exit {status_} on SIGTERM"
            assert took_s < EXIT_S, f"{took_s:.1f} s until the exit"

    async def aclose(self):
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class Chaos:
    """All who make trouble. `done` counts what they did."""

    def __init__(self, play, bot, people, random):
        self.play, self.bot, self.people, self.random = play, bot, people, random
        world = play.chat.world
        self.rooms = [world.general, *(world.add_channel(world.playground, f"room{n}") for n in range(ROOMS))]
        self.done = Counter()
        self.asked = 0
        self.deleted, self.retried = set(), set()  # questions of whose answers that was done with a part
        self.shut = {}  # channel id: the newest message id there when it was last opened again
        play.stage.director = self.direct

    # What the model does

    def direct(self, ask):
        """Play something for a question, the words of which say which question it is, and in which order they are."""
        tag = next((word for word in reversed(ask.messages[-1]["content"].split()) if word.startswith("q")), "q0")
        words = [f"{tag}w{number} " for number in range(self.random.choice([5, 40, 120, 400]))]
        pace, half = self.random.choice([0.0, 0.005, 0.02]), len(words) // 2
        ways = {
            "all": [say(words, pace)],
            "thought": [think(["hm "] * 5, pace), say(words, pace)],
            "cut": [say(words[:half], pace), cut()],
            "error": [say(words[:half], pace), error("SECRET")],
            "no done": [say(words[:half], pace), end(done=False)],
            "garbage": [say(words[:half], pace), raw(b'{"message": 7}\n')],
            "no UTF-8": [say(words[:half], pace), raw(b'{"message":{"content":"\xff\xfe"}}\n')],
            "stall": [say(words[:half], pace), hold()],
            "500": [status(500, '{"error":"SECRET"}')],
            "503": [status(503, '{"error":"busy"}')],
            "not Ollama": [status(404, "404 page not found", "text/plain")],
        }
        way = self.random.choices(list(ways), [12, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1])[0]
        self.done[f"model: {way}"] += 1
        return ways[way]

    # What people do

    async def ask(self):
        number, who = self.asked, self.random.choice(self.people)
        self.asked += 1
        room, way = self.random.choice(self.rooms), self.random.choices(["ask", "private", "mention"], [6, 1, 3])[0]
        self.done[way] += 1
        if way == "mention":
            await who.say(room.id, to_bot(self.play, f"question q{number}"))
        else:
            await who.command(room.id, "ask", prompt=f"question q{number}", private=way == "private")

    async def stop(self):
        who = self.random.choice(self.people)
        room = self.random.choice(self.rooms)
        shown = [one for one in who.messages(room.id) if stop_button(one)]
        if not shown:
            return
        message, way = self.random.choice(shown), self.random.choice(["button", "reaction", "command"])
        self.done[f"stop by {way}"] += 1
        match way:
            case "button":
                await who.click(message, stop_button(message))
            case "reaction":
                await who.react(room.id, int(message["id"]), "🛑")
            case _:
                await who.command(room.id, "stop")

    async def delete(self):
        room = self.random.choice(self.rooms)
        shown = [one for one in room.messages.values() if one.author is self.play.chat.world.bot and not one.only_for]
        if shown:
            message = self.random.choice(shown)
            self.deleted |= questions_in(message.content)
            self.done["delete"] += 1
            await self.play.bob.delete(room.id, message.id)

    async def retry(self):
        who, room = self.random.choice(self.people), self.random.choice(self.rooms)
        for message in who.messages(room.id):
            ids = [one["custom_id"] for row in message.get("components") or [] for one in row["components"]]
            retry = next((one for one in ids if one == f"retry:{who.id}"), None)
            if retry:
                self.retried |= questions_in(message["content"])
                self.done["retry"] += 1
                await who.click(message, retry)
                return

    # What the world does

    async def fault_of_discord(self):
        fault_of = {
            "drop": drop,
            "drop, applied": lambda: drop(applied=True),
            "hang": hang,
            "hang, applied": lambda: hang(applied=True),
            "500": lambda: server_error(500),
            "502, applied": lambda: server_error(502, applied=True, html=True),
            "503": lambda: server_error(503),
            "429": lambda: too_many_requests(0.5),
            "429, shared": lambda: too_many_requests(0.5, scope="shared"),
            "429, global": lambda: too_many_requests(1.0, scope="global"),
            "429, HTML": lambda: too_many_requests(1.0, html=True),
        }
        name = self.random.choice(list(fault_of))
        route = self.random.choice(
            [("POST", CALLBACK), ("PATCH", TOKEN_MESSAGE), ("POST", FOLLOWUPS), ("PATCH", CHANNEL_MESSAGE),
             ("POST", CHANNEL_MESSAGES), (None, None)]
        )  # fmt: skip
        self.done[f"Discord: {name}"] += 1
        of_bot = (None, self.play.chat.world.bot.id)
        self.play.chat.faults.plan(
            fault_of[name](), *route, where=lambda entry: entry.by in of_bot, times=self.random.choice([1, 1, 2])
        )

    async def fault_of_gateway(self):
        gateway, bot = self.play.chat.gateway, self.play.chat.world.bot
        name = self.random.choice(["drop", "op 7", "op 9", "op 9, resumable", "close"])
        self.done[f"gateway: {name}"] += 1
        match name:
            case "drop":
                gateway.drop(bot)
            case "op 7":
                gateway.ask_to_reconnect(bot)
            case "close":
                gateway.close(1001, bot)
            case _:
                gateway.invalidate(bot, resumable="resumable" in name)

    async def outage_of_ollama(self):
        self.done["Ollama down"] += 1
        await self.play.llm.refuse()
        try:
            await asyncio.sleep(self.random.uniform(0.2, 3.0))
        finally:
            await self.play.llm.listen()

    async def loss_of_rights(self):
        world, room = self.play.chat.world, self.random.choice(self.rooms[1 : 1 + ROOMS])
        self.done["rights taken"] += 1
        deny = self.random.choice([Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL])
        world.overwrite(room, world.bot, deny=deny)
        try:
            await asyncio.sleep(self.random.uniform(0.2, 2.0))
        finally:
            world.overwrite(room, world.bot)
            self.shut[room.id] = max(room.messages, default=0)

    async def loss_of_a_channel(self):
        world = self.play.chat.world
        room = world.add_channel(world.playground, "doomed")
        self.rooms.append(room)
        self.done["channel deleted"] += 1
        try:
            await asyncio.sleep(self.random.uniform(0.5, 3.0))
        finally:
            self.rooms.remove(room)
            world.delete_channel(room)

    async def restart(self):
        number = self.random.choice([signal.SIGTERM, signal.SIGKILL])
        self.done[f"{number.name}"] += 1
        await self.bot.end(number)
        self.play.chat.faults.clear()  # those were for the one that is gone; a start needs its log-in
        await self.bot.start()

    async def reign(self, seconds):
        """Let all of them do what they do, each at its own pace."""
        paces = {
            self.ask: 0.35,
            self.stop: 1.5,
            self.delete: 4.0,
            self.retry: 3.0,
            self.fault_of_discord: 0.7,
            self.fault_of_gateway: 6.0,
            self.outage_of_ollama: 8.0,
            self.loss_of_rights: 7.0,
            self.loss_of_a_channel: 9.0,
            self.restart: 13.0,
        }
        until = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for act, pace_s in paces.items():
                group.create_task(self._again_and_again(act, pace_s, until), name=act.__name__)

    async def _again_and_again(self, act, pace_s, until):
        loop = asyncio.get_running_loop()
        while True:
            pause_s = self.random.uniform(0.3, 1.7) * pace_s
            if loop.time() + pause_s > until:
                return
            await asyncio.sleep(pause_s)
            with suppress(ApiError, LookupError):  # what was there is gone, or the person may not
                await act()

    async def heal(self):
        """Take all faults away, and wait until nothing is under way."""
        self.play.chat.faults.clear()
        until = time.monotonic() + QUIET_S
        while left := unfinished(self):
            assert time.monotonic() < until, f"not over after {QUIET_S:.0f} s: {left}"
            await asyncio.sleep(0.25)  # what is waited for is in a database and in another process

    async def check_health(self):
        """Ask once more in each room: it is answered as if nothing had been."""
        self.play.stage.director = lambda _: [say("All is well.")]
        for room in self.rooms:
            await self.play.ann.command(room.id, "ask", prompt="Are you well?")
            await self.play.ann.until(
                lambda one, room=room: (
                    int(one["channel_id"]) == room.id
                    and "All is well." in one["content"]
                    and "tokens" in one["content"]
                ),
                ANSWER_S,
            )


@asynccontextmanager
async def chaos(random):
    """A world, a bot as a process, and people."""
    async with AsyncExitStack() as stack:
        play = await stack.enter_async_context(town())
        world = play.chat.world
        people = [play.ann, play.bob]
        for name in ("carl", "dora"):
            user = world.add_user(name)
            world.join(world.playground, user)
            people.append(await stack.enter_async_context(Member(play.chat.api_url, play.chat.gateway_url, user.token)))
        bot = Bot(play)
        stack.push_async_callback(bot.aclose)
        await bot.start()
        yield Chaos(play, bot, people, random)


async def run(seconds, seed):
    """Return what is wrong afterwards."""
    async with chaos(Random(seed)) as one:
        try:
            await one.reign(seconds)
            await one.heal()
            problems = problems_left(one)
            await one.check_health()
            await one.bot.end(signal.SIGTERM)
            problems += [*problems_left(one), *problems_in_log(one.bot.log.read_text(errors="replace"))]
        except (AssertionError, TimeoutError, ExceptionGroup) as error:
            problems = [*told(error), *problems_left(one)]
        print("\n".join(f"{count:6} {what}" for what, count in sorted(one.done.items())))
        print(f"{one.bot.gave_up:6} starts that gave up on Discord")
        print(f"{len(one.play.chat.record):6} requests, {one.asked} questions")
        return list(dict.fromkeys(problems))


def told(error):
    if isinstance(error, ExceptionGroup):
        return [line for one in error.exceptions for line in told(one)]
    return ["".join(traceback.format_exception(error)).strip()]


def main():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    print(f"seed {seed}, {chosen.seconds:g} s", flush=True)
    problems = asyncio.run(run(chosen.seconds, seed))
    for problem in problems:
        print("PROBLEM", problem)
    print(f"seed {seed}: {len(problems)} problems" if problems else f"seed {seed}: nothing is left half-done")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
