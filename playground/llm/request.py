"""What a request to /api/chat or /api/generate asks for, or Ollama's reason to refuse it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playground.llm.models import Model, find
from playground.llm.wire import Form

JSON = "application/json; charset=utf-8"

NAME = re.compile(r"(?:[\w.:-]+/)*\w[\w.-]*(?::\w[\w.-]*)?")
DURATION = re.compile(r"-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+|-?0")
NUMBER = (int, float)
FIELDS: dict[str, tuple[tuple[type, ...], str]] = {
    "model": ((str,), "string"),
    "messages": ((list,), "[]api.Message"),
    "prompt": ((str,), "string"),
    "system": ((str,), "string"),
    "stream": ((bool,), "bool"),
    "options": ((dict,), "map[string]interface {}"),
    "tools": ((list,), "api.Tools"),
}
OPTIONS: dict[str, tuple[tuple[type, ...], str]] = {
    "temperature": (NUMBER, "float32"),
    "top_p": (NUMBER, "float32"),
    "min_p": (NUMBER, "float32"),
    "repeat_penalty": (NUMBER, "float32"),
    "num_predict": (NUMBER, "integer"),
    "num_ctx": (NUMBER, "integer"),
    "top_k": (NUMBER, "integer"),
    "seed": (NUMBER, "integer"),
    "stop": ((list,), "array"),
}
THINK_WORDS = ("high", "medium", "low", "max")


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """An answer other than 200, before the first token."""

    def __init__(self, status: int, error: str, content_type: str = JSON) -> None:
        self.status, self.error, self.content_type = status, error, content_type
        super().__init__(error)


@dataclass(frozen=True, slots=True)
class Ask:
    """One checked request. `name` is the model's name as the request wrote it, which is how it is echoed."""

    form: Form
    model: Model
    name: str
    messages: tuple[dict[str, Any], ...]
    options: dict[str, Any]
    stream: bool
    thinks: bool
    raw: bool
    unloads: bool

    @property
    def only_loads(self) -> bool:
        """True if there is nothing to answer: the model is to be loaded, or unloaded, and no more."""
        return not self.messages


def parse(body: bytes) -> dict[str, Any]:
    """Decode a body; raises Refused in the words of Go's decoder, as far as it is worth it."""
    if not body.strip():
        raise Refused(400, "missing request body")
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        raise Refused(400, _go_syntax_error(rest)) from error
    if not isinstance(value, dict):
        raise Refused(400, f"json: cannot unmarshal {_go_type(value)} into Go value of type api.ChatRequest")
    return value


def check(form: Form, fields: dict[str, Any], models: Iterable[Model]) -> Ask:
    """Check a request in Ollama's order; raises Refused."""
    _check_types(form, fields)
    name = fields.get("model") or ""
    if form == "chat" and not name:
        raise Refused(400, "model is required")
    if name and not NAME.fullmatch(name):
        raise Refused(400, "invalid model name")
    model = find(models, name) if name else None
    if model is None:
        raise Refused(404, f"model '{name}' not found")
    _check_options(fields.get("options") or {})
    messages = _messages(form, fields)
    _check_capabilities(fields, name, model, messages)
    stream = fields.get("stream")
    return Ask(
        form=form,
        model=model,
        name=name,
        messages=messages,
        options=fields.get("options") or {},
        stream=stream is None or stream,
        thinks=model.can("thinking") and fields.get("think") is not False,
        raw=bool(fields.get("raw")),
        unloads=_is_zero(fields.get("keep_alive")),
    )


def _check_types(form: Form, fields: dict[str, Any]) -> None:
    for field, (types, go_type) in FIELDS.items():
        value = fields.get(field)
        if value is not None and not isinstance(value, types):
            where = f"{form.capitalize()}Request.{field} of type {go_type}"
            raise Refused(400, f"json: cannot unmarshal {_go_type(value)} into Go struct field {where}")
    keep_alive = fields.get("keep_alive")
    if isinstance(keep_alive, str) and not DURATION.fullmatch(keep_alive):
        raise Refused(400, f'time: invalid duration "{keep_alive}"')
    think = fields.get("think")
    if isinstance(think, str) and think not in THINK_WORDS:
        must_be = 'must be "high", "medium", "low", "max", true, or false'
        raise Refused(400, f'invalid think value: "{think}" ({must_be})')


def _check_options(options: dict[str, Any]) -> None:
    for name, (types, go_type) in OPTIONS.items():
        value = options.get(name)
        if value is not None and (not isinstance(value, types) or isinstance(value, bool)):
            raise Refused(500, f'option "{name}" must be of type {go_type}')


def _check_capabilities(fields: dict[str, Any], name: str, model: Model, messages: tuple[dict[str, Any], ...]) -> None:
    if fields.get("tools") and not model.can("tools"):
        raise Refused(400, f"registry.ollama.ai/library/{model.full_name} does not support tools")
    if fields.get("think") and not model.can("thinking"):
        raise Refused(400, f'"{name}" does not support thinking')
    if any(message.get("images") for message in messages) and not model.can("vision"):
        reason = "Multimodal data provided, but model does not support multimodal requests."
        detail = {"error": {"code": 400, "message": reason, "type": "invalid_request_error"}}
        raise Refused(400, json.dumps(detail, separators=(",", ":")), "application/json")


def _messages(form: Form, fields: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    if form == "chat":
        return tuple(fields.get("messages") or ())
    if not fields.get("prompt"):
        return ()
    system = [{"role": "system", "content": fields["system"]}] if fields.get("system") else []
    images = {"images": fields["images"]} if fields.get("images") else {}
    return (*system, {"role": "user", "content": fields["prompt"], **images})


def _is_zero(keep_alive: Any) -> bool:
    """Tell whether a keep_alive asks to unload: 0, "0" or "0s", but neither absent nor false."""
    if isinstance(keep_alive, str):
        return not re.search(r"[1-9]", keep_alive)
    return isinstance(keep_alive, NUMBER) and not isinstance(keep_alive, bool) and keep_alive == 0


def _go_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    names: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return names.get(type(value), "number")


def _go_syntax_error(rest: str) -> str:
    # An unfinished string starts a value too, so only what cannot start one is named.
    if not rest or rest[0] in '"{[-0123456789':
        return "unexpected EOF"
    return f"invalid character '{rest[0]}' looking for beginning of value"
