"""Events to tell a listener."""

from bot.core.events import RunEnded
from bot.core.model import Ending, Outcome, Usage


def ended(ending=Ending.DONE, *, model="smol", tokens=100, prompt=20, answer_s=2.0, first_s=0.5, edits=3, total_s=2.6):
    usage = Usage(prompt_tokens=prompt, answer_tokens=tokens, answer_s=answer_s)
    return RunEnded("run0", model, Outcome(ending, usage=usage), first_s, total_s, edits)


def without_usage(ending, model="smol"):
    """As an answer ends of which the model has not told anything."""
    return ended(ending, model=model, tokens=0, prompt=0, answer_s=0.0, first_s=None)
