"""The bot as a process of its own."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

NO_LINE = {
    "MAX_RUNNING": "1000",
    "PERSON_ASKS_PER_MINUTE": "0",
    "PERSON_ASKS_AT_ONCE": "0",
    "GUILD_ASKS_PER_MINUTE": "0",
    "GUILD_ASKS_AT_ONCE": "0",
}


@asynccontextmanager
async def patter(*arguments, folder, **environment):
    """Run `patter` with nothing in its environment but what is given; end it if a test has not."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=folder,
        env=kept | {"PYTHONPATH": str(Path.cwd()), "PYTHONIOENCODING": "utf-8"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def addresses(chat, llm):
    """What a bot process needs to know of a world, in which nobody waits for anybody."""
    return NO_LINE | {
        "DISCORD_TOKEN": chat.world.bot.token,
        "DISCORD_API_URL": chat.api_url,
        "DISCORD_GATEWAY_URL": chat.gateway_url,
        "OLLAMA_URL": llm.url,
        "OLLAMA_MODEL": "smol",
    }
