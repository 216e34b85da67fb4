"""Ollama's wire format, sans-IO: bytes in, typed values out, and the bodies of requests. No dict leaves here."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from bot.core.errors import StreamCut
from bot.core.model import LoadedModel, ModelInfo, Question, Think
from bot.llm.options import OllamaOptions

MAX_LINE_BYTES = 1 << 20  # a token's line is about 125 bytes; only a broken server comes near this

# RecursionError: a line of nothing but brackets.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Framing:
    r"""
    Cut a stream of bytes into lines, at b"\n" and nothing else.

    `str.splitlines` would also cut at U+0085, which Ollama sends raw inside a token. Blank lines are dropped.
    A line of more than `limit` bytes raises StreamCut, after the lines before it, and no more than that is kept.

    >>> framing = Framing()
    >>> list(framing.feed(b"one\ntw")), list(framing.feed(b"o\n"))
    ([b'one'], [b'two'])
    """

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        *lines, rest = data.split(b"\n")
        for line in lines:
            whole = bytes(self._rest) + line if self._rest else line
            self._rest.clear()
            self._bound(len(whole))
            if whole and not whole.isspace():
                yield whole
        self._bound(len(self._rest) + len(rest))
        self._rest += rest

    def _bound(self, length: int) -> None:
        if length > self._limit:
            raise StreamCut(f"a line of more than {self._limit} bytes")


class Message(msgspec.Struct, frozen=True, gc=False):
    content: str | None = None
    thinking: str | None = None


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of /api/chat (`message`) or /api/generate (`response`); tool calls and all else are passed over."""

    message: Message | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool = False
    done_reason: str | None = None
    error: str | None = None
    """May quote other people's requests: for the DEBUG log alone."""
    load_duration: float = 0
    prompt_eval_count: int = 0
    prompt_eval_duration: float = 0
    eval_count: int = 0
    eval_duration: float = 0


_line_decoder = msgspec.json.Decoder(Line)


def read_line(line: bytes) -> Line:
    """Decode one line. Raises StreamCut where it is no line of Ollama's."""
    try:
        return _line_decoder.decode(line)
    except UNREADABLE as exc:
        raise StreamCut(f"an unreadable line: {type(exc).__name__}") from exc


class _Options(msgspec.Struct, omit_defaults=True):
    num_predict: int
    seed: int | None = None
    num_ctx: int | None = None


class _Turn(msgspec.Struct):
    role: str
    content: str


class _Request(msgspec.Struct, omit_defaults=True, kw_only=True):
    """`think` is always sent: left out it means true on a model that can."""

    model: str
    think: Think
    options: _Options
    keep_alive: str | int | None = None
    messages: tuple[_Turn, ...] | None = None
    prompt: str | None = None


class _Show(msgspec.Struct):
    model: str


def chat_body(question: Question, *, think: Think, options: OllamaOptions) -> bytes:
    request = _Request(
        model=_encodable(question.model),
        think=think,
        options=_Options(options.num_predict, question.seed, options.num_ctx),
        keep_alive=options.keep_alive,
        messages=tuple(_Turn(turn.role, _encodable(turn.text)) for turn in question.turns),
    )
    return msgspec.json.encode(request)


def generate_body(prompt: str, model: str, *, think: Think, options: OllamaOptions) -> bytes:
    request = _Request(
        model=_encodable(model),
        think=think,
        options=_Options(options.num_predict, num_ctx=options.num_ctx),
        keep_alive=options.keep_alive,
        prompt=_encodable(prompt),
    )
    return msgspec.json.encode(request)


def show_body(model: str) -> bytes:
    return msgspec.json.encode(_Show(_encodable(model)))


def _encodable(text: str) -> str:
    """Put "?" for half a surrogate pair, which JSON may bring in and UTF-8 cannot take out."""
    return text.encode(errors="replace").decode()


class _Details(msgspec.Struct):
    parameter_size: str | None = None
    context_length: int | None = None


class _Model(msgspec.Struct):
    """One entry of /api/tags or /api/ps."""

    name: str
    size: int = 0
    details: _Details | None = None
    capabilities: tuple[str, ...] | None = None
    context_length: int | None = None


class _Models(msgspec.Struct):
    models: tuple[_Model, ...] | None


class _Shown(msgspec.Struct):
    details: _Details | None = None
    capabilities: tuple[str, ...] | None = None
    model_info: dict[str, msgspec.Raw] | None = None


class _Version(msgspec.Struct):
    version: str


class _Error(msgspec.Struct):
    error: str


def read_tags(body: bytes) -> tuple[ModelInfo, ...]:
    """Decode the body of /api/tags. This and the readers of /api/ps, show and version raise one of UNREADABLE."""
    models = msgspec.json.decode(body, type=_Models).models or ()
    return tuple(_info(model.name, model.size, model.details, model.capabilities) for model in models)


def read_loaded(body: bytes) -> tuple[LoadedModel, ...]:
    models = msgspec.json.decode(body, type=_Models).models or ()
    return tuple(LoadedModel(model.name, model.context_length or 0) for model in models)


def read_shown(body: bytes, name: str) -> ModelInfo:
    shown = msgspec.json.decode(body, type=_Shown)
    fields = shown.model_info or {}
    # The field's name begins with the architecture's: "llama.context_length".
    context = next((fields[field] for field in fields if field.endswith(".context_length")), None)
    info = _info(name, 0, shown.details, shown.capabilities)
    return info if context is None else replace(info, context=msgspec.json.decode(context, type=int))


def read_version(body: bytes) -> str:
    return msgspec.json.decode(body, type=_Version).version


def read_error(body: bytes) -> str | None:
    """Give the text of an error as Ollama writes it; None if somebody else wrote this body."""
    try:
        return msgspec.json.decode(body, type=_Error).error
    except UNREADABLE:
        return None


def _info(name: str, size: int, details: _Details | None, capabilities: tuple[str, ...] | None) -> ModelInfo:
    details = details or _Details()
    return ModelInfo(
        name=name,
        size=size,
        parameters=details.parameter_size or "",
        context=details.context_length or 0,
        capabilities=frozenset(capabilities or ()),
    )
