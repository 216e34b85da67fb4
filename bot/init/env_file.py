"""A `.env` that keeps what somebody wrote in it."""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

BARE = re.compile(r"[\w.:/@%+,=-]+")
OUT_COMMENTED = re.compile(r"#\s?([A-Z][A-Z0-9_]*)=")


def with_values(text: str, values: Mapping[str, str]) -> str:
    r"""
    Give the text of an env file with these values: in the place of older ones, or where one was commented out.

    Everything else stays as it is; what has no place comes at the end.

    >>> print(with_values("# mine\nA=1\n#B=\n", {"A": "2", "B": "x y", "C": "3"}), end="")
    # mine
    A=2
    B='x y'
    C=3
    """
    parts = [binding.original.string for binding in parse_stream(io.StringIO(text))]
    names = [binding.key for binding in parse_stream(io.StringIO(text))]
    appended = []
    for name, value in values.items():
        line = f"{name}={_quoted(value)}\n"
        places = [at for at, found in enumerate(names) if found == name] or _out_commented(parts, names, name)
        if not places:
            appended.append(line)
        for at in places:
            parts[at] = _leading(parts[at]) + line
    merged = "".join(parts)
    gap = "" if not merged or merged.endswith("\n") else "\n"
    return merged + gap + "".join(appended)


def _out_commented(parts: list[str], names: list[str | None], wanted: str) -> list[int]:
    for at, part in enumerate(parts):
        found = OUT_COMMENTED.match(part.lstrip())
        if names[at] is None and found and found[1] == wanted:
            return [at]
    return []


def _leading(part: str) -> str:
    """Give the empty lines that the parser counts to what follows them."""
    return part[: len(part) - len(part.lstrip())]


def _quoted(value: str) -> str:
    if BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write(path: Path, text: str) -> None:
    """Put a file in place at once, whole, for its owner's eyes alone. Raises OSError."""
    path = path.resolve()  # where it is a link, what it points to is replaced
    handle, name = tempfile.mkstemp(prefix=".env.", dir=path.parent)  # with mode 600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
