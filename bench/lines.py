"""What the model of the benches says: Markdown as models write it, one token of about four characters a line."""

import re
from collections.abc import Iterator
from itertools import cycle, islice

SAMPLE = """\
## How a rainbow comes about

A rainbow is **sunlight, sorted**. It needs *two* things: the sun behind you, and drops of rain in front of you.

1. Light enters a drop and is bent, blue more than red.
2. At the back of the drop it is thrown back.
3. On its way out it is bent once more, so each colour leaves at an angle of its own.

| colour | angle |
|--------|------:|
| red    | 42.4° |
| violet | 40.5° |

#### In code

```python
def angle(index: float, height: float) -> float:
    inside = asin(height / index)
    return 4 * inside - 2 * asin(height)
```

- The bow is a circle; the ground hides the lower half.
- Everybody sees a bow of their own, with `angle(1.33, 0.86)` between it and the sun.

> Where the light is thrown back *twice*, a second bow stands above the first, its colours the other way round.

---

"""

PIECES = re.findall(r"\s?[^\s]{1,4}|\s+", SAMPLE)
WORD = " yes"
"""A token that can be counted on the screen."""

_BEGIN = '{"model":"bench","created_at":"2026-01-01T00:00:00.123456789Z","message":{"role":"assistant","content":"'
LAST = (_BEGIN + '"},"done":true,"done_reason":"stop","eval_count":1,"eval_duration":1}\n').encode()


def line(token: str) -> bytes:
    """Give a token as Ollama sends it."""
    escaped = token.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{_BEGIN}{escaped}"}},"done":false}}\n'.encode()


def pieces(tokens: int) -> Iterator[str]:
    """Give the sample's tokens, over and over."""
    return islice(cycle(PIECES), tokens)


LINES = [line(piece) for piece in PIECES]
COUNTED_LINE = line(WORD)


def lines(tokens: int, *, counted: bool = False) -> Iterator[bytes]:
    """Give the lines of so many tokens: of the sample, or each one WORD."""
    return islice(cycle([COUNTED_LINE] if counted else LINES), tokens)
