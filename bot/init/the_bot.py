"""The first half of the conversation: the bot's token, and what Discord says about it."""

import asyncio
import re
from collections.abc import Sequence

from bot.core.errors import PatterError
from bot.doctor.discord_api import Application, BotUser, DiscordUnreachable, Guild, TokenRefused, open_discord
from bot.doctor.on_discord import application_found, both
from bot.init import terminal
from bot.invite import NEEDED, intents_found, invite_url

WHERE = """\
Discord, 1 of 2: the bot's token.
  1. Open https://discord.com/developers/applications, New Application, give it a name.
  2. Under Bot, press Reset Token and copy what it shows."""

SHAPES = (
    (re.compile(r"\d{15,20}"), "That is an id. The token is longer and has two dots in it: Bot, Reset Token."),
    (re.compile(r"[0-9a-f]{64}"), "That is the public key. The token is under Bot, Reset Token."),
    (re.compile(r"[\w-]{32}"), "That looks like the client secret of OAuth2. The token is under Bot, Reset Token."),
    (re.compile(r".*[^!-~].*", re.DOTALL), "That holds characters that no token has. Copy it again, whole."),
    (re.compile(r""), "Nothing came. What you paste is not shown; press Enter after it."),
)
"""What is pasted by mistake, and what to say then."""

Account = tuple[BotUser, Application, Sequence[Guild]]


def ask_for_token(api_url: str) -> tuple[str, Account] | None:
    """Ask until Discord knows the token; None if Discord cannot be asked and nobody wants to try again."""
    terminal.say(WHERE)
    while True:
        token = cleaned(terminal.ask_unseen("Token (it is not shown)"))
        told = next((hint for shape, hint in SHAPES if shape.fullmatch(token)), None)
        if told is not None:
            terminal.say(told)
            continue
        try:
            return token, look_up(api_url, token)
        except TokenRefused:
            terminal.say("Discord does not know this token. An older one ends when a new one is made. Copy it again.")
        except PatterError as error:
            if not wants_again(error):
                return None


def cleaned(pasted: str) -> str:
    """
    Take off what comes along with a token.

    >>> cleaned('DISCORD_TOKEN="Bot abc.def"')
    'abc.def'
    """
    return pasted.strip().removeprefix("DISCORD_TOKEN=").strip("\"'").removeprefix("Bot ").strip()


def look_up(api_url: str, token: str) -> Account:
    """Tell whose token it is. Raises PatterError."""

    async def look() -> Account:
        async with open_discord(api_url, token) as api:
            me, application = await both(api.me(), api.application())
            return me, application, await api.guilds()

    return asyncio.run(look())


def wants_again(error: PatterError) -> bool:
    terminal.say(error.hint)
    if isinstance(error, DiscordUnreachable):
        terminal.say("Check this machine's network.")
    return terminal.agreed("Try again?")


def introduce(account: Account) -> None:
    """Say who the bot is, how it comes to a server, and what it may read there."""
    me, application, guilds = account
    where = "in no server yet" if not guilds else "in " + ", ".join(guild.name for guild in guilds[:5])
    where += f" and {len(guilds) - 5} more" if len(guilds) > 5 else ""
    terminal.say(f"\nThis is {me.username}, {where}.")
    terminal.say("\nDiscord, 2 of 2: open this link to bring it to a server.\n")
    terminal.say(f"  {invite_url(application.snowflake)}\n")
    terminal.say("It asks for nothing but:")
    for permission in NEEDED:
        terminal.say(f"  {permission.name:26}{permission.reason}")
    terminal.say()
    for finding in [*application_found(application), *intents_found(application.flags, application.snowflake)]:
        if finding.fix:
            terminal.say(f"{finding.text}\n  -> {finding.fix}")
        elif finding.check == "intents":
            terminal.say(finding.text)
