"""The text of docs/commands.md, made from the bot's own commands: it is put together as ever, but stays off Discord."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import Any

from discord import AppCommandType, Permissions, app_commands

from bot.chat.views import buttons_below
from bot.composition import EXTENSIONS, compose
from bot.core.model import Button
from bot.settings import load

HEAD = """\
# Commands

<!-- Made by scripts/docs from the bot's commands and scripts/commands_page.py; change it there. -->

What is in brackets may be left out. In a server's settings, *Integrations*, its administrators can give any command to
other roles and channels.

"""

IN_MENUS = {
    "Ask about this": "Asks the model about this message; you are asked for the question.",
    "Summarise from here": "Sums up what was said from there on. On servers that takes the Message Content intent.",
}

BUTTONS = {
    "Stop": "Ends the answer at once and frees the model; what is written stays.",
    "Continue": "Goes on where the length or the time limit, or a fault, ended the answer.",
    "Retry": "Asks again, in a new answer. If the question was edited since, the new text is asked.",
    "Continue in thread": "Opens a thread from the answer, in which the conversation goes on.",
}

IN_MESSAGES = """\

Buttons go on working after the bot was restarted. An answer is its asker's: only they, moderators (*Manage Messages*)
and the bot's owner can stop it, ask again or go on; a thread may be opened by whoever has that right.

## Without a command

| what you do | what happens |
| --- | --- |
| mention the bot | It answers. In a reply to somebody's message, a bare mention asks about that message. |
| reply to an answer | The conversation goes on from that answer, also from one in the middle. |
| write in a DM | It answers. |
| write in a thread of the bot's | It answers; without the Message Content intent it has to be mentioned. |
| react with 🛑 (`STOP_EMOJI`) | Stops the answer, like its button. |
| delete the answer | Stops it, and it is forgotten. |
| edit a question | The memory has the new text; below the answer it says that *Retry* answers it. |
| delete a question | It is forgotten; no later answer knows of it. |
"""


def commands_page() -> str:
    return asyncio.run(_page())


async def _page() -> str:
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = {"discord_token": "unused", "database_url": f"sqlite+aiosqlite:///{folder}/patter.db"}
        async with compose(load(None, **elsewhere)) as bot:
            for extension in EXTENSIONS:
                await bot.load_extension(extension)
            commands = [one for one in bot.tree.walk_commands() if isinstance(one, app_commands.Command)]
            menus = bot.tree.get_commands(type=AppCommandType.message)
            return HEAD + "".join([*_commands(commands), *_menus(menus), *_buttons(), IN_MESSAGES])


def _commands(commands: list[Any]) -> Iterator[str]:
    for command in sorted(commands, key=lambda command: command.qualified_name):
        yield f"## {_usage(command)}\n\n{command.description}. {_whose(command)}\n\n"
        if command.parameters:
            yield "| option | what it does | takes |\n| --- | --- | --- |\n"
            yield from (f"| `{one.display_name}` | {one.description} | {_takes(one)} |\n" for one in command.parameters)
            yield "\n"


def _usage(command: app_commands.Command[Any, ..., Any]) -> str:
    options = [one.display_name if one.required else f"[{one.display_name}]" for one in command.parameters]
    return f"`{' '.join([f'/{command.qualified_name}', *options])}`"


def _whose(command: app_commands.Command[Any, ..., Any]) -> str:
    contexts = command.allowed_contexts
    where = " On servers only." if contexts and not contexts.dm_channel else ""
    if command.default_permissions in (None, Permissions.none()):
        return f"For everybody.{where}"
    names = [
        name.replace("guild", "server").replace("_", " ").title()
        for name, wanted in command.default_permissions
        if wanted
    ]
    return f"For those with the permission *{', '.join(names)}*.{where}"


def _takes(option: app_commands.Parameter) -> str:
    if option.choices:
        return " · ".join(choice.name for choice in option.choices)
    kind = option.type.name.replace("boolean", "true or false").replace("string", "text")
    longest = f", up to {option.max_value:,} characters" if kind == "text" and option.max_value else ""
    return f"{kind}{longest}"


def _menus(menus: list[Any]) -> Iterator[str]:
    yield "## In a message's menu, under *Apps*\n\n| entry | what it does |\n| --- | --- |\n"
    yield from (f"| *{menu.name}* | {IN_MENUS[menu.name]} |\n" for menu in menus)


def _buttons() -> Iterator[str]:
    view = buttons_below(frozenset(Button), "run", 1)
    assert view is not None, "these are buttons"
    yield "\n## Below an answer\n\n| button | what it does |\n| --- | --- |\n"
    for button in view.children:
        label = button.item.label  # type: ignore[attr-defined] # all of them are DynamicItems over buttons
        yield f"| *{label}* | {BUTTONS[label]} |\n"
