"""`patter doctor`"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from bot.core.findings import is_well
from bot.doctor.examination import Patient, examine
from bot.doctor.on_this_machine import is_container
from bot.doctor.report import to_json, to_text
from bot.llm.options import OllamaOptions
from bot.settings import Settings


def diagnose(
    settings: Settings,
    problems: Mapping[str, str],
    options: OllamaOptions,
    *,
    env_file: Path,
    environment: Mapping[str, str],
    as_json: bool = False,
) -> int:
    """Print what is right and what is wrong; return 0, or 1 if something has failed."""
    bindings = _bindings(env_file)
    patient = Patient(
        settings,
        options,
        problems,
        in_file=[binding.key for binding in bindings if binding.key],
        unreadable_lines=[binding.original.line for binding in bindings if binding.error],
        environment=environment,
        in_container=is_container(environment),
    )
    if not as_json and sys.stderr.isatty():
        print("Looking. This takes up to a minute if the model has to be loaded.\n", file=sys.stderr)  # noqa: T201 - a command line prints
    findings = asyncio.run(examine(patient))
    colours = sys.stdout.isatty() and "NO_COLOR" not in environment
    print(to_json(findings) if as_json else to_text(findings, colours=colours))  # noqa: T201 - as above
    return 0 if is_well(findings) else 1


def _bindings(env_file: Path) -> list[Binding]:
    try:
        with env_file.open(encoding="utf-8") as file:
            return list(parse_stream(file))
    except FileNotFoundError:
        return []  # the environment alone will do; a file that cannot be read has ended all this before
