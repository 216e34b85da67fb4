"""All settings, read from the environment and from `.env`; the environment wins."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.errors import SettingsError
from bot.core.model import Think

_PRINTABLE = re.compile(r"[!-~]+")


def _is_url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if not _PRINTABLE.fullmatch(value) or not urlsplit(value).hostname:
            raise ValueError("is no URL")
        return value.rstrip("/")

    return AfterValidator(check)


def _check_secret(value: SecretStr) -> SecretStr:
    if not _PRINTABLE.fullmatch(value.get_secret_value()):
        raise ValueError("holds characters that no token has")
    return value


Secret = Annotated[SecretStr, AfterValidator(_check_secret)]
HttpUrl = Annotated[str, _is_url("http", "https")]
WebSocketUrl = Annotated[str, _is_url("ws", "wss")]


class Settings(BaseSettings):
    """
    What whoever runs the bot can set. A field's description says what to write; `.env.example` repeats it.

    An empty value counts as not set.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    discord_token: Secret = Field(
        description="The bot's token: discord.com/developers/applications, your application, Bot, Reset Token."
    )
    discord_api_url: HttpUrl = Field(
        "https://discord.com/api/v10",
        description="Where Discord's REST API is. Leave it, unless you test against another server.",
    )
    discord_gateway_url: WebSocketUrl = Field(
        "wss://gateway.discord.gg",
        description="Where Discord's gateway is. Leave it, unless you test against another server.",
    )
    dev_guild: int | None = Field(
        None,
        gt=0,
        description="The id of one server in which to register the commands, instead of everywhere; for development.",
    )
    stop_emoji: str = Field("🛑", min_length=1, description="The reaction that stops an answer: one emoji.")
    edit_interval_s: float = Field(
        1.0, ge=0.2, le=30, description="Shortest time between two edits of one message, in seconds: 0.2 to 30."
    )
    ollama_url: HttpUrl = Field(
        "http://localhost:11434",
        description="Where Ollama is. In a container, localhost is the container itself, not its host.",
    )
    ollama_api_key: Secret | None = Field(
        None, description="Sent as a Bearer token, for a proxy in front of Ollama; Ollama itself needs none."
    )
    ollama_model: str = Field(
        "llama3.2", pattern=r"^\S{1,200}$", description="The model that answers: a name from `ollama list`."
    )
    ollama_think: Annotated[Think, NoDecode] = Field(
        default=True,
        description="Whether a model that can think does so, unseen: true, false, low, medium, high or max.",
    )
    ollama_num_ctx: int | None = Field(
        None, ge=256, description="The model's context in tokens, 256 or more; left out, Ollama chooses."
    )
    ollama_keep_alive: str | None = Field(
        None,
        pattern=r"^-?\d+(ms|s|m|h)?$",
        description="How long a model stays in memory: 10m, 1h, -1 for ever; left out, Ollama chooses.",
    )
    answer_max_tokens: int = Field(2048, ge=1, description="The longest answer, in tokens: 1 or more.")
    first_token_timeout_s: float = Field(
        600.0,
        gt=0,
        description="Seconds that a model may be silent before its first token; a big one loads for minutes.",
    )
    token_timeout_s: float = Field(60.0, gt=0, description="Seconds that a model may be silent between two tokens.")
    system_prompt: str = Field(
        "You are a helpful assistant in a chat. Answer briefly, in Markdown.",
        description="What the model is told before each conversation.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("ollama_think", mode="before")
    @classmethod
    def _read_think(cls, value: Any) -> Any:
        return {"true": True, "false": False}.get(str(value).lower(), str(value).lower())

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


def load(env_file: Path | None = Path(".env"), **fixed: Any) -> Settings:
    """Read the settings; `fixed` ones win over all. Raises SettingsError that names every problem at once."""
    try:
        return Settings(_env_file=env_file, **fixed)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{env_file} cannot be read. Save it as UTF-8 text that this user may read."]) from error
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None  # the cause would show a secret that is only half right


def _problems(error: ValidationError) -> list[str]:
    found: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        what = "is missing" if problem["type"] == "missing" else f"is wrong ({problem['msg']})"
        found.setdefault(field, f"{field.upper()} {what}. {Settings.model_fields[field].description}")
    return list(found.values())


def example() -> str:
    """Give the text of `.env.example`: each setting with what to write, and its default."""
    parts = ["# Copy this file to .env and fill in what you need. Only DISCORD_TOKEN must be set."]
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default is None else str(field.default)
        value = {"True": "true", "False": "false"}.get(default, default)
        line = f'{name.upper()}="{value}"' if " " in value else f"{name.upper()}={value}"
        parts.append(f"# {field.description}\n{line if field.is_required() else '#' + line}")
    return "\n\n".join(parts) + "\n"
