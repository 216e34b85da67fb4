"""What Ollama puts on the wire: its JSON, its timestamps and the lines of its streams."""

import json
import time
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["chat", "generate"]

# Go escapes these in every string; all else beyond ASCII, U+0085 among it, goes out raw.
GO_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def go_json(value: Any) -> bytes:
    r"""
    Encode as Go's encoding/json does.

    >>> print(go_json({"text": "<ü>"}).decode())
    {"text":"\u003cü\u003e"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(GO_ESCAPES).encode("utf-8", "replace")


def stamp(ns: int | None = None) -> str:
    """
    Write a time, given in ns since 1970, as Go's RFC3339Nano: UTC, trailing zeros dropped.

    >>> stamp(1_500_000_000_123_000_000)
    '2017-07-14T02:40:00.123Z'
    """
    seconds, fraction = divmod(time.time_ns() if ns is None else ns, 1_000_000_000)
    day = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{day}.{fraction:09d}".rstrip("0").rstrip(".") + "Z"


@dataclass(frozen=True, slots=True)
class Counters:
    """What the last line counts, in its order: durations in ns, the rest in tokens. A zero is left out."""

    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    prompt_eval_duration: int = 0
    eval_count: int = 0
    eval_duration: int = 0
    context: tuple[int, ...] = ()
    """The token ids that /api/generate gives back; it comes before the counts."""

    def fields(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in self.__slots__ if name != "context"}
        return {name: count for name, count in counts.items() if count}


def line(form: Form, model: str, text: str, thinking: str = "") -> dict[str, Any]:
    """Give one line from the middle of a stream."""
    return {**_head(form, model, text, thinking), "done": False}


def last_line(
    form: Form, model: str, reason: str, counters: Counters, text: str = "", thinking: str = ""
) -> dict[str, Any]:
    """Give the line that ends a stream, or with text the one body of an answer that is not streamed."""
    context = {"context": counters.context} if form == "generate" and counters.context else {}
    return {
        **_head(form, model, text, thinking),
        "done": True,
        "done_reason": reason,
        **context,
        **counters.fields(),
    }


def _head(form: Form, model: str, text: str, thinking: str) -> dict[str, Any]:
    thought = {"thinking": thinking} if thinking else {}
    head = {"model": model, "created_at": stamp()}
    if form == "chat":
        return {**head, "message": {"role": "assistant", "content": text, **thought}}
    return {**head, "response": text, **thought}
