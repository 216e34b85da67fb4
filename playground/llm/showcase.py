"""A scripted model for the playground: the same words each time, at once and on any machine."""

from playground.llm.request import Ask
from playground.llm.script import Script, say

NAME = "showcase"
PACE_S = 0.02

STREAMING = """\
A model writes **much faster** than a chat lets one edit. So the answer grows in steps:

1. The model's words are read as they come, and nothing there ever waits for the chat.
2. Whenever the chat allows one more edit, the *newest* text is shown.
3. At the end the last words are shown, however full the limits are.

> An edit that waits is never stale: it is made at the moment it may go out.

Press __Stop__ at any time; what is there stays.
"""

CODE = """\
Here is a function that finds primes:

```python
def primes(limit: int) -> list[int]:
    \"\"\"Give all primes below `limit`.\"\"\"
    is_prime = [False, False] + [True] * (limit - 2)
    for number in range(2, int(limit**0.5) + 1):
        if is_prime[number]:
            is_prime[number * number :: number] = [False] * len(is_prime[number * number :: number])
    return [number for number, prime in enumerate(is_prime) if prime]
```

It needs `limit` bytes of memory and about *n* log log *n* steps, so a million takes a tenth of a second.
"""

PLANETS = """\
### Three planets

| Planet | Moons | Day |
|--------|------:|-----|
| Earth  |     1 | 24 hours |
| Mars   |     2 | 24 h 37 min |
| Saturn |   146 | 10 h 33 min |

The largest is **Saturn**; ||it would float in water||.
"""

SUGGESTIONS = (
    "How does an answer get into the chat so fast?",
    "Write a Python function that finds primes.",
    "Make a table of three planets.",
)


def direct(ask: Ask) -> Script:
    """Answer by what the last question names."""
    question = str(ask.messages[-1]["content"]).lower()
    if "python" in question or "code" in question:
        return [say(CODE, PACE_S)]
    if "planet" in question or "table" in question:
        return [say(PLANETS, PACE_S)]
    if "long" in question:
        return [say("\n".join(f"{number}. {line}" for number in range(1, 40) for line in _sentences()), PACE_S)]
    return [say(STREAMING, PACE_S)]


def _sentences() -> list[str]:
    return [line.strip() for line in STREAMING.replace(":", ".").split("\n") if line]
