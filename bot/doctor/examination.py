"""All checks at once, each bounded in time."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.findings import Finding, fail
from bot.doctor.bounds import Bounds
from bot.doctor.on_discord import look_at_discord
from bot.doctor.on_ollama import look_at_ollama
from bot.doctor.on_this_machine import look_at_database, look_at_disk, settings_found
from bot.llm.options import OllamaOptions
from bot.settings import Settings

Look = Coroutine[Any, Any, list[Finding]]

LOOK_UPS = 4
"""How many look-ups at Ollama there are beside the answer, at most, one after another."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. Settings that are wrong stand at their defaults, and `problems` names them."""

    settings: Settings
    options: OllamaOptions
    problems: Mapping[str, str] = field(default_factory=dict)
    in_file: Iterable[str] = ()
    unreadable_lines: Iterable[int] = ()
    environment: Iterable[str] = ()
    in_container: bool = False


async def examine(patient: Patient, bounds: Bounds | None = None) -> list[Finding]:
    """Give all that was found, in the order in which one would mend it."""
    bounds = bounds or Bounds()
    settings = patient.settings
    looks: list[tuple[str, Look, float]] = []
    if not {"discord_token", "discord_api_url"} & patient.problems.keys():
        looks.append(("discord", look_at_discord(settings, bounds), bounds.discord_s))
    if "ollama_url" not in patient.problems:
        look = look_at_ollama(settings, patient.options, bounds, in_container=patient.in_container)
        looks.append(("ollama", look, bounds.answer_s + LOOK_UPS * bounds.lookup_s))
    if "database_url" not in patient.problems:
        looks.append(("database", look_at_database(settings), bounds.database_s))
        looks.append(("disk", look_at_disk(settings, bounds), bounds.database_s))
    groups = await asyncio.gather(*(_bounded(*look) for look in looks))
    found = settings_found(patient.problems, patient.in_file, patient.environment, patient.unreadable_lines)
    return [*found, *(finding for group in groups for finding in group)]


async def _bounded(check: str, look: Look, limit_s: float) -> list[Finding]:
    """One check that hangs or breaks leaves the others' findings alone."""
    try:
        async with asyncio.timeout(limit_s):
            return await look
    except TimeoutError:
        return [fail(check, f"Nothing was heard within {limit_s:g} s.", "Try again; then look at what is between.")]
    except Exception as error:  # noqa: BLE001 - whatever a check trips over must not hide what the others found
        return [fail(check, f"The check itself failed ({type(error).__name__}).", "Please report this.")]
