"""The text of docs/settings.md, made from the settings themselves."""

from collections.abc import Iterator
from typing import Any

from bot.settings import Settings

HEAD = """\
# Settings

<!-- Made by scripts/docs from bot/settings.py; change it there. -->

They come from the environment or from a file `.env`, one `NAME=value` a line; the environment wins. An empty value
counts as not set. If some are wrong, the bot says of each what to write instead and exits with status 78; `doctor` also
finds names that this version does not know. [.env.example](../.env.example) has them all, ready to be copied.
"""

SECTIONS = {
    "discord_token": ("Discord", "Only the token must be set."),
    "ollama_url": ("The model", ""),
    "answer_max_tokens": (
        "The length of an answer",
        "An answer that gets too long ends with a button that continues it.",
    ),
    "max_running": ("The line, and quotas", "What does not fit the line or a quota is told so, and when to come back."),
    "answer_dms": (
        "Who may ask, and where",
        "An id is what *Copy ID* gives once Discord's Developer Mode is on. What is blocked stays so, allowed or not.",
    ),
    "first_token_timeout_s": ("Patience, and what the model is told", ""),
    "database_url": (
        "Memory",
        "See [privacy](privacy.md) for what is kept, and [upgrading](upgrading.md) for a backup.",
    ),
    "log_level": ("Logs and health", ""),
}
"""Each section begins with a setting; those that follow in the class belong to it."""


def settings_page() -> str:
    return HEAD + "".join(_lines())


def _lines() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            title, lead = SECTIONS[name]
            yield f"\n## {title}\n\n" + (f"{lead}\n\n" if lead else "")
            yield "| setting | default | |\n| --- | --- | --- |\n"
        default = "**must be set**" if field.is_required() else _shown(field.default)
        yield f"| `{name.upper()}` | {default} | {_in_cell(field.description or '')} |\n"


def _shown(default: Any) -> str:
    if default is None or default == ():
        return ""
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{_in_cell(text)}`"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
