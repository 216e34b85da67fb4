"""The values that everything else speaks in. All are frozen; none knows Discord or Ollama."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Role = Literal["system", "user", "assistant"]
Think = bool | Literal["low", "medium", "high", "max"]


@dataclass(frozen=True, slots=True)
class Turn:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a model. The same `seed` gives the same answer, which is what mends a cut stream."""

    turns: tuple[Turn, ...]
    model: str
    seed: int


@dataclass(frozen=True, slots=True)
class Delta:
    """The text that one read of the stream brought. Thinking never enters the answer."""

    text: str = ""
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class Retrying:
    """No answer has begun; the request is made again after a pause."""

    busy: bool
    """True if the server is full, False if it cannot be reached."""


@dataclass(frozen=True, slots=True)
class Retried:
    """The pause is over and the request is on its way again; until something comes, nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The stream was cut and is asked for again: what follows begins at the first token."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The last value of a whole stream. Durations in seconds; 0 where the server left a field out."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    load_s: float = 0.0
    prompt_s: float = 0.0
    answer_s: float = 0.0
    hit_limit: bool = False

    @property
    def tokens_per_s(self) -> float:
        """Tokens of the answer per second of writing it; 0 if that is not known."""
        return self.answer_tokens / self.answer_s if self.answer_s > 0 else 0.0


StreamEvent = Delta | Retrying | Retried | Restarted | Usage


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """An installed model. `size` in bytes, `context` in tokens; 0 or empty where the server does not say."""

    name: str
    size: int = 0
    parameters: str = ""
    context: int = 0
    """The longest that the model was made for; what is loaded may be shorter."""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory; `context` in tokens, 0 where the server does not say."""

    name: str
    context: int = 0

    def is_called(self, model: str) -> bool:
        """
        Tell whether `model` names this one; a name without a tag means the tag `latest`.

        >>> LoadedModel("llama3.2:latest").is_called("llama3.2")
        True
        """
        return self.name == (model if ":" in model else f"{model}:latest")


class Phase(Enum):
    """What an answer is doing while it has not ended."""

    WAITING = "waiting"
    LOADING = "loading"
    THINKING = "thinking"
    WRITING = "writing"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    RECONNECTING = "reconnecting"


@dataclass(frozen=True, slots=True)
class InLine:
    """An answer that waits for its turn at the model."""

    place: int
    """1 is next."""
    seconds: int | None = None
    """About how long it will be; None if nothing is known of that."""


class Ending(Enum):
    DONE = "done"
    LENGTH = "length"
    TIME = "time"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    EXPIRED = "expired"
    DELETED = "deleted"
    CUT = "cut"
    FAILED = "failed"


class Button(Enum):
    """What one can press under an answer, in the order of the buttons."""

    STOP = "stop"
    CONTINUE = "continue"
    RETRY = "retry"
    THREAD = "thread"


_RETRY, _ON = frozenset({Button.RETRY}), frozenset({Button.RETRY, Button.THREAD})
_MORE = frozenset({Button.RETRY, Button.CONTINUE})
_BUTTONS = {
    Ending.DONE: _ON,
    Ending.LENGTH: _ON | _MORE,
    Ending.TIME: _ON | _MORE,
    Ending.STOPPED: _ON,
    Ending.INTERRUPTED: _RETRY,
    Ending.EXPIRED: _MORE,
    Ending.DELETED: frozenset[Button](),
    Ending.CUT: _RETRY,
    Ending.FAILED: _RETRY,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended. There is exactly one for each Run."""

    ending: Ending
    by: str = ""
    """Who stopped it, as a name to show; empty for all but STOPPED."""
    hint: str = ""
    """What to tell the user about a failure or a cut."""
    usage: Usage = Usage()
    seconds: float = 0.0
    """From the question to the last token."""

    @property
    def buttons(self) -> frozenset[Button]:
        """What makes sense after such an end."""
        return _BUTTONS[self.ending]


Status = Phase | InLine | Outcome


@dataclass(frozen=True, slots=True)
class Screen:
    """What one message is to show: Discord's text, within its limit, and the buttons below it."""

    text: str
    buttons: frozenset[Button] = frozenset()
    attachment: str | None = None
    """A text to go with the message as a file."""

    @property
    def stoppable(self) -> bool:
        return Button.STOP in self.buttons
