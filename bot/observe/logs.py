"""One line for each answer. No prompt, no answer, no token of any kind."""

import logging

from bot.core.events import Event, RunEnded

log = logging.getLogger("patter")


def log_event(event: Event) -> None:
    """Write down the end of each answer; an Observer."""
    if isinstance(event, RunEnded):
        outcome, usage = event.outcome, event.outcome.usage
        first = "never" if event.first_token_s is None else f"{event.first_token_s:.2f} s"
        log.info(
            "answer %s: %s, model %r, %d tokens, %.1f tokens/s, first token %s, %d edits, %.1f s",
            event.run_id,
            outcome.ending.value,
            event.model,
            usage.answer_tokens,
            usage.tokens_per_s,
            first,
            event.edits,
            event.total_s,
        )


def set_up_logging(level: str) -> None:
    """Log to stderr. discord.py's and the HTTP clients' own chatter stays out below WARNING unless `level` is DEBUG."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    if level != "DEBUG":
        for name in ("discord", "httpx", "httpcore", "aiohttp", "asyncio"):
            logging.getLogger(name).setLevel(logging.WARNING)
