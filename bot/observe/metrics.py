"""What Prometheus may scrape. No label holds an id, and each has few values."""

from collections.abc import Callable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from bot.core.events import EditLanded, Event, FirstToken, GatewayConnected, GatewayLost, RateLimited, RunEnded
from bot.core.model import Ending

MOST_MODELS = 20
"""So many models have a label of their own; the names come from people, so there may be no end of them."""

FIRST_TOKEN_S = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
ANSWER_S = (1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 900, 1800, 3600)
LAG_S = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 20, 40)

SCOPES = get_args(RateLimited.__annotations__["scope"])


class Metrics:
    """
    An Observer that counts.

    `running` tells how many answers are under way, `waiting` of how many of those the model has not begun: they wait in
    line here or at Ollama, or for the model to load.
    """

    def __init__(self, *, running: Callable[[], int], waiting: Callable[[], int]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for every counter, which nobody asks for
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._answers = Counter("patter_answers", "Answers that have ended.", ["ending"], registry=registry)
        self._first = Histogram(
            "patter_first_token_seconds", "From a question to its answer's first token.",
            registry=registry, buckets=FIRST_TOKEN_S,
        )  # fmt: skip
        self._total = Histogram(
            "patter_answer_seconds", "From a question to the end of its answer on screen.",
            registry=registry, buckets=ANSWER_S,
        )  # fmt: skip
        self._tokens = Counter(
            "patter_tokens", "Tokens of whole answers and their prompts, as the model counts them.",
            ["model", "kind"], registry=registry,
        )  # fmt: skip
        self._writing = Counter(
            "patter_model_writing_seconds", "Time in which models wrote those answers.", ["model"], registry=registry
        )
        self._edits = Counter("patter_edits", "Edits and further messages that Discord has applied.", registry=registry)
        self._lag = Histogram(
            "patter_edit_lag_seconds", "Age of the oldest text that an edit made visible.",
            registry=registry, buckets=LAG_S,
        )  # fmt: skip
        self._limited = Counter("patter_discord_429", "Requests that Discord refused.", ["scope"], registry=registry)
        self._connected = Gauge("patter_gateway_connected", "Whether Discord's gateway is.", registry=registry)
        self._reconnects = Counter(
            "patter_gateway_reconnects", "Connections to Discord's gateway after the first.", ["how"], registry=registry
        )
        self.ollama_up = Gauge("patter_ollama_up", "Whether Ollama answered when last asked.", registry=registry)
        Gauge("patter_running", "Answers that are under way.", registry=registry).set_function(running)
        Gauge("patter_waiting", "Of those, the ones that the model has not begun.", registry=registry).set_function(
            waiting
        )
        self._models: set[str] = set()
        self._ever_connected = False
        self._begin_at_zero()

    def __call__(self, event: Event) -> None:
        match event:
            case FirstToken(after_s=after_s):
                self._first.observe(after_s)
            case EditLanded(lag_s=lag_s):
                self._edits.inc()
                self._lag.observe(lag_s)
            case RunEnded():
                self._end(event)
            case RateLimited(scope=scope):
                self._limited.labels(scope).inc()
            case GatewayConnected(resumed=resumed):
                self._connected.set(1)
                if self._ever_connected:
                    self._reconnects.labels("resumed" if resumed else "identified").inc()
                self._ever_connected = True
            case GatewayLost():
                self._connected.set(0)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Give all of it in the format that fits an Accept header, with its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _end(self, event: RunEnded) -> None:
        usage = event.outcome.usage
        self._answers.labels(event.outcome.ending.value).inc()
        self._total.observe(event.total_s)
        if usage.answer_tokens:
            model = self._label(event.model)
            self._tokens.labels(model, "prompt").inc(usage.prompt_tokens)
            self._tokens.labels(model, "answer").inc(usage.answer_tokens)
            self._writing.labels(model).inc(usage.answer_s)

    def _label(self, model: str) -> str:
        if len(self._models) < MOST_MODELS:
            self._models.add(model)
        return model if model in self._models else "other"

    def _begin_at_zero(self) -> None:
        """A counter that appears with its first event has no rate."""
        for ending in Ending:
            self._answers.labels(ending.value)
        for scope in SCOPES:
            self._limited.labels(scope)
        for how in ("resumed", "identified"):
            self._reconnects.labels(how)
