"""All settings, read from the environment and from `.env`; the environment wins."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.admission import Exempt
from bot.core.errors import SettingsError
from bot.core.model import Think

ENV_FILE = Path(".env")

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


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Ids = Annotated[tuple[Annotated[int, Field(gt=0)], ...], NoDecode, BeforeValidator(_split)]
_LABEL = "[0-9a-z]([0-9a-z-]*[0-9a-z])?"
Host = Annotated[str, Field(pattern=rf"(?i)^{_LABEL}(\.{_LABEL})*$")]
Hosts = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(_split)]
Names = Annotated[tuple[Annotated[str, Field(pattern=r"^\S{1,200}$")], ...], NoDecode, BeforeValidator(_split)]


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
    ollama_models: Names = Field(
        (),
        description="Models that one may ask for instead, with commas between them, or * for all that are installed. "
        "To ask for another one than is loaded makes everybody wait while it loads.",
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
    answer_max_s: float = Field(600.0, gt=0, description="The longest answer, in seconds from its first token.")
    answer_max_chars: int = Field(50_000, ge=1, description="The longest answer, in characters: 1 or more.")
    answer_max_pages: int = Field(
        5,
        ge=1,
        le=50,
        description="Messages that an answer takes at most, 1 to 50; a longer one ends with all of it as a file.",
    )
    link_hosts: Hosts = Field(
        (),
        description="Hosts to which links in answers can be clicked, each with all below it, with commas: python.org "
        "allows docs.python.org too. All other links are shown as text; left out, all can be clicked; none: not one. "
        "An international name counts in its xn-- form.",
    )
    max_running: int = Field(
        4,
        ge=1,
        description="Answers that are written at the same time; others wait in line. Ollama writes as many as its "
        "OLLAMA_NUM_PARALLEL says, 1 by default: with the same number here, everybody sees how long the line is.",
    )
    queue_size: int = Field(50, ge=0, le=1000, description="Questions that may wait in line: 0 to 1000.")
    person_asks_per_minute: int = Field(
        10, ge=0, description="Questions that a person may ask in a minute; 0 for no limit."
    )
    person_asks_at_once: int = Field(
        3, ge=0, description="Answers for one person that may be waited for or written at once; 0 for no limit."
    )
    guild_asks_per_minute: int = Field(
        60, ge=0, description="Questions that may be asked on one server in a minute; 0 for no limit."
    )
    guild_asks_at_once: int = Field(20, ge=0, description="The same for one server at once; 0 for no limit.")
    quota_exempt: Exempt = Field(
        "moderators",
        description="For whom these four do not hold: moderators (Manage Messages) with the bot's owners, "
        "owners alone, or nobody.",
    )
    answer_dms: bool = Field(default=True, description="Whether direct messages are answered: true or false.")
    allowed_guilds: Ids = Field((), description="Ids of the servers on which the bot answers, with commas; none: all.")
    blocked_guilds: Ids = Field((), description="Ids of servers on which it does not answer.")
    allowed_channels: Ids = Field((), description="Ids of the channels in which it answers; none: all.")
    blocked_channels: Ids = Field((), description="Ids of channels in which it does not answer.")
    allowed_roles: Ids = Field(
        (), description="Ids of roles that may ask; none: everybody. In direct messages nobody has a role."
    )
    blocked_roles: Ids = Field((), description="Ids of roles that may not ask.")
    blocked_users: Ids = Field((), description="Ids of users who may not ask.")
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
    database_url: str = Field(
        "sqlite+aiosqlite:///data/patter.db",
        pattern=r"^[a-z0-9]+\+[a-z0-9]+://.*$",
        description="Where conversations are kept: SQLAlchemy's URL of a database with an asyncio driver.",
    )
    retention_days: float = Field(
        30.0, gt=0, le=3650, description="How long conversations are kept, in days: more than 0, up to 3650."
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR.")

    log_format: Literal["console", "json"] = Field(
        "console", description="How the log is written: console, for people, or json, an object a line."
    )
    health_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Where /healthz, /readyz and /metrics (Prometheus) are served; left out, nowhere.",
    )
    health_host: str = Field(
        "127.0.0.1",
        pattern=r"^[0-9A-Za-z.:-]+$",
        description="The address of those pages. In a container, 0.0.0.0 lets the others of its network see them.",
    )

    @field_validator("ollama_think", mode="before")
    @classmethod
    def _read_think(cls, value: Any) -> Any:
        return {"true": True, "false": False}.get(str(value).lower(), str(value).lower())

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


def load(env_file: Path | None = ENV_FILE, **fixed: Any) -> Settings:
    """Read the settings; `fixed` ones win over all. Raises SettingsError that names every problem at once."""
    try:
        return Settings(_env_file=env_file, **fixed)
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(env_file) from error
    except ValidationError as error:
        problems = list(_problems(error).values())
        raise SettingsError(problems) from None  # the cause would show a secret that is only half right


def load_what_is_right(env_file: Path | None = ENV_FILE, **fixed: Any) -> tuple[Settings, dict[str, str]]:
    """Read the settings with defaults in place of what is wrong, and give the problems by the fields' names."""
    try:
        return Settings(_env_file=env_file, **fixed), {}
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(env_file) from error
    except ValidationError as error:
        problems = _problems(error)
    defaults = {name: Settings.model_fields[name].get_default() for name in problems}
    if "discord_token" in problems:
        defaults["discord_token"] = "none"  # noqa: S105 - in the place of one
    return Settings(_env_file=env_file, **{**fixed, **defaults}), problems


def unreadable(env_file: Path | None) -> SettingsError:
    return SettingsError([f"{env_file} cannot be read. Save it as UTF-8 text that this user may read."])


def _problems(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        what = "is missing" if problem["type"] == "missing" else f"is wrong ({problem['msg']})"
        found.setdefault(field, f"{field.upper()} {what}. {Settings.model_fields[field].description}")
    return found


def example() -> str:
    """Give the text of `.env.example`: each setting with what to write, and its default."""
    parts = ["# Copy this file to .env and fill in what you need. Only DISCORD_TOKEN must be set."]
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default in {None, ()} else str(field.default)
        value = {"True": "true", "False": "false"}.get(default, default)
        line = f'{name.upper()}="{value}"' if " " in value else f"{name.upper()}={value}"
        parts.append(f"# {field.description}\n{line if field.is_required() else '#' + line}")
    return "\n\n".join(parts) + "\n"
