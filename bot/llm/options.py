"""How Ollama is asked: the same for every request to a model, since another num_ctx would load it again."""

from dataclasses import dataclass

from bot.core.model import Think


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaOptions:
    num_predict: int = 2048
    """The longest answer, in tokens. To Ollama 0, -1 and -2 mean without limit, so it must be positive."""
    num_ctx: int | None = None
    keep_alive: str | int | None = None
    """How long the model stays in memory: "10m", seconds, negative for ever; None leaves it to the server."""
    think: Think = False
    """Asked for where the model can; all others are told not to."""

    connect_timeout_s: float = 5.0
    first_byte_timeout_s: float = 600.0
    """Waiting for a slot, loading and reading the prompt are all silent."""
    token_timeout_s: float = 60.0
    gather_s: float = 0.25
    """The longest that text gathers unread: an edit shows a second's tokens, so to wake for each brings nothing."""
    lookup_timeout_s: float = 10.0
    """For a whole look-up: models, loaded, show, version."""

    retries: int = 5
    """How often a request is made again before its first token. Ollama is back from a restart within seconds."""
    first_pause_s: float = 0.5
    longest_pause_s: float = 8.0
    restarts: int = 2
    """How often an answer that was cut is asked for again."""

    def __post_init__(self) -> None:
        if self.num_predict < 1:
            raise ValueError(f"num_predict must be at least 1, not {self.num_predict}")
