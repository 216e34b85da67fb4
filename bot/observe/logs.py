"""The log: one line for each answer, as text or as JSON. No prompt, no answer, no token of any kind."""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from bot.core.events import Event, GatewayConnected, GatewayLost, RunEnded
from bot.core.model import Usage
from bot.observe.redaction import Redaction

LogFormat = Literal["console", "json"]

LIBRARIES = ("aiohttp", "aiosqlite", "alembic", "asyncio", "discord", "httpcore", "httpx", "sqlalchemy", "PIL")
"""What others log. discord.py's DEBUG holds every message that it sees."""

log = logging.getLogger("patter")


def log_event(event: Event) -> None:
    """Write down the end of each answer, and what becomes of the connection; an Observer."""
    match event:
        case RunEnded():
            _log_answer(event)
        case GatewayConnected(resumed=resumed):
            log.info("connected to Discord's gateway%s", ", nothing missed" if resumed else "")
        case GatewayLost():
            log.info("the connection to Discord's gateway is lost; making another")


def _log_answer(event: RunEnded) -> None:
    outcome, usage = event.outcome, event.outcome.usage
    is_told = usage != Usage()  # the model counts at its end, which an answer that was cut short does not see
    fields = {
        "answer": event.run_id,
        "ending": outcome.ending.value,
        "model": event.model,
        "tokens": usage.answer_tokens if is_told else None,
        "tokens_per_s": round(usage.tokens_per_s, 1) if is_told else None,
        "prompt_tokens": usage.prompt_tokens if is_told else None,
        "first_token_s": None if event.first_token_s is None else round(event.first_token_s, 3),
        "edits": event.edits,
        "total_s": round(event.total_s, 3),
    }
    first = "never" if event.first_token_s is None else f"{event.first_token_s:.2f} s"
    tokens = f"{usage.answer_tokens} tokens, {usage.tokens_per_s:.1f} tokens/s" if is_told else "tokens not counted"
    log.info(
        "answer %s: %s, model %r, %s, first token %s, %d edits, %.1f s",
        event.run_id,
        outcome.ending.value,
        event.model,
        tokens,
        first,
        event.edits,
        event.total_s,
        extra={"fields": fields},
    )


class ConsoleFormatter(logging.Formatter):
    """Lines for people."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`; with `exception` and the fields of an answer."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at.replace("+00:00", "Z"), "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        line |= getattr(record, "fields", {})
        return json.dumps({key: self._clean(value) for key, value in line.items()}, ensure_ascii=False)

    def _clean(self, value: Any) -> Any:
        return self._redact(value) if isinstance(value, str) else value


def set_up_logging(
    level: str, log_format: LogFormat = "console", *, libraries: bool = False, secrets: Iterable[str] = ()
) -> None:
    """
    Log to stderr, without `secrets`, from `level` on; called again, it takes the place of what was set before.

    Libraries are heard from WARNING on, at DEBUG from INFO on, and with all that they say if `libraries` is true.
    """
    handler = logging.StreamHandler()
    redact = Redaction(secrets)
    handler.setFormatter(JsonFormatter(redact) if log_format == "json" else ConsoleFormatter(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    theirs = logging.NOTSET if libraries else logging.INFO if level == "DEBUG" else logging.WARNING
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(theirs)
