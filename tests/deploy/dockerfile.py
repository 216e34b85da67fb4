"""A Dockerfile as a list of instructions, and what of the repository its build gets to see."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Instruction:
    name: str
    text: str

    @property
    def words(self):
        """The exec form as a list; None for the shell form."""
        return json.loads(self.text) if self.text.startswith("[") else None


def instructions(text):
    whole = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", whole).splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in lines if line.strip()]


def of_repository():
    return instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def allowed():
    """What .dockerignore lets through; everything else is held back."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*", "first nothing, then what is allowed"
    return {rule.removeprefix("!") for rule in rules if rule.startswith("!")}


def copied():
    """What the build takes from the repository."""
    copies = [one.text.split() for one in of_repository() if one.name == "COPY"]
    return {source for *sources, _ in copies for source in sources if not sources[0].startswith("--from")}


def environment():
    """What ENV sets, with $PATH left in."""
    lines = [one.text for one in of_repository() if one.name == "ENV"]
    found = {}
    for line in lines:
        found |= {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)}
    return found


def last(name):
    return [one for one in of_repository() if one.name == name][-1]
