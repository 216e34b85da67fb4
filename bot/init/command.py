"""`patter init`: from nothing to a bot that runs, in one conversation."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.core.errors import PatterError, SettingsError
from bot.doctor.discord_api import TokenRefused
from bot.doctor.on_this_machine import is_container
from bot.init import env_file as files
from bot.init import terminal, the_bot, the_model
from bot.init.the_bot import Account
from bot.settings import Settings, example, load_what_is_right

NO_TERMINAL = """\
`{program} init` asks questions, so it needs a terminal. Without one, set in the environment or in .env:
  DISCORD_TOKEN  the bot's token: discord.com/developers/applications, your application, Bot, Reset Token
  OLLAMA_URL     where Ollama is, if it is not http://localhost:11434
  OLLAMA_MODEL   a name from `ollama list`, if it is not llama3.2
Then `{program} doctor` says whether all is well, and gives the invite link."""

AT_THE_END = "`{program}` starts it. If it is silent, `{program} doctor` says why."


class NoTerminal(SettingsError):  # noqa: N818 - as in core, the state that it is
    def __init__(self, program: str) -> None:
        super().__init__([])
        self._program = program

    def __str__(self) -> str:
        return NO_TERMINAL.format(program=self._program)


class LeftOff(PatterError):  # noqa: N818 - it is no fault
    hint = "Nothing was written."


def init(*, env_file: Path, environment: Mapping[str, str], program: str) -> bool:
    """
    Ask for what the bot needs and write it down; return whether to start it now. Raises PatterError.

    `program` is what one types to call Patter.
    """
    if not terminal.is_there():
        raise NoTerminal(program)
    settings, problems = load_what_is_right(env_file)
    terminal.say("This sets Patter up. Nothing is written before the end; Ctrl+C leaves.\n")
    try:
        token, account = _token(settings, is_set="discord_token" not in problems)
        the_bot.introduce(account)
        values = {"DISCORD_TOKEN": token, **_model(settings, in_container=is_container(environment))}
        _write(env_file, values, settings)
    except (EOFError, KeyboardInterrupt):
        terminal.say()
        raise LeftOff from None
    return _wants_start(values, environment, program)


def _token(settings: Settings, *, is_set: bool) -> tuple[str, Account]:
    """Give the token that is there, if it is good and wanted, or ask for one."""
    if is_set and terminal.agreed("There is a token already. Keep it?"):
        token = settings.discord_token.get_secret_value()
        try:
            return token, the_bot.look_up(settings.discord_api_url, token)
        except TokenRefused:
            terminal.say("Discord does not know this token any more.\n")
    asked = the_bot.ask_for_token(settings.discord_api_url)
    if asked is None:
        raise LeftOff
    return asked


def _model(settings: Settings, *, in_container: bool) -> dict[str, str]:
    terminal.say("\nThe model.")
    key = settings.ollama_api_key.get_secret_value() if settings.ollama_api_key else ""
    others = the_model.FROM_A_CONTAINER if in_container else the_model.LOCAL
    usual = Settings.model_fields["ollama_url"].default
    first = () if settings.ollama_url == usual else (settings.ollama_url,)
    found = the_model.ask_where([*first, *others], key)
    model = the_model.ask_which(found.models if found else (), settings.ollama_model)
    return {"OLLAMA_URL": found.url if found else settings.ollama_url, "OLLAMA_MODEL": model}


def _write(env_file: Path, values: Mapping[str, str], settings: Settings) -> None:
    """Put into the file what it does not say already. Raises LeftOff, and PatterError if it cannot be written."""
    is_new = not env_file.exists()
    before = example() if is_new else env_file.read_text(encoding="utf-8")
    changed = {name: value for name, value in values.items() if value != _known(settings, name)}
    if not changed and not is_new:
        terminal.say("\nAll of that is in force already.")
        return
    question = f"\nWrite {' and '.join(changed)} to the .env that is there? All else in it stays."
    if not is_new and not terminal.agreed(question):
        raise LeftOff
    try:
        files.write(env_file, files.with_values(before, changed))
    except OSError as error:
        raise PatterError(hint=f"{env_file} cannot be written here: {error.strerror}. Nothing was written.") from error
    terminal.say(f"\nWritten to {env_file}, which this user alone may read.")


def _known(settings: Settings, name: str) -> str:
    """Give the value that is in force without this conversation."""
    value = getattr(settings, name.lower())
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _wants_start(values: Mapping[str, str], environment: Mapping[str, str], program: str) -> bool:
    overruled = [name for name, value in values.items() if environment.get(name) not in (None, "", value)]
    if overruled:
        terminal.say(f"The environment sets {' and '.join(overruled)} too, and wins: change it there before you start.")
        return False
    try:
        if terminal.agreed("Start Patter now?"):
            return True
    except (EOFError, KeyboardInterrupt):
        terminal.say()
    terminal.say(AT_THE_END.format(program=program))
    return False
