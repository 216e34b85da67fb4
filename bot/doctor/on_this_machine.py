"""What is right or wrong on this machine: settings, database, disk, and whether it is a container."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from bot.core.errors import StoreError
from bot.core.findings import Finding, fail, ok, warn
from bot.doctor.bounds import MIB, Bounds
from bot.settings import Settings
from bot.store.checkup import Condition, check, folder_of

SIMILAR, VERY_SIMILAR = 0.75, 0.9
"""From 0 to 1. The environment holds many names that are not for Patter, so there only the latter counts."""

OTHERS = ("COMPOSE_", "DOCKER_", "OLLAMA_TAG")
"""Beginnings of names that other programs read from the same file."""

OLLAMAS = {"OLLAMA_MODELS", "OLLAMA_HOST"}
"""Ollama's own, in its environment: close to ours, and no mistake."""

MARKS = (".dockerenv", "run/.containerenv")


def is_container(environment: Mapping[str, str], root: Path = Path("/")) -> bool:
    """Tell whether this is a container, by the marks that Docker, Podman, systemd and Kubernetes leave."""
    return (
        "container" in environment
        or "KUBERNETES_SERVICE_HOST" in environment
        or any((root / mark).exists() for mark in MARKS)
    )


def settings_found(
    problems: Mapping[str, str],
    in_file: Iterable[str],
    environment: Iterable[str] = (),
    unreadable_lines: Iterable[int] = (),
) -> list[Finding]:
    """Judge the settings: what is wrong with some, by name, and the names of all that are written somewhere."""
    known = [name.upper() for name in Settings.model_fields]
    found = [
        fail("settings", _brief(name, problem), Settings.model_fields[name].description or "")
        for name, problem in problems.items()
    ]
    found += [
        warn(
            "settings", f"Line {line} of .env cannot be understood.", "Write NAME=value; quote what holds spaces or #."
        )
        for line in unreadable_lines
    ]
    found += [
        _unknown(name, get_close_matches(name.upper(), known, 1, SIMILAR), ".env")
        for name in sorted(in_file)
        if name.upper() not in known and not name.startswith(OTHERS)
    ]
    for name in sorted(set(environment) - OLLAMAS - set(known)):
        if close := get_close_matches(name, known, 1, VERY_SIMILAR):
            found.append(_unknown(name, close, "the environment"))
    return found or [ok("settings", f"All {len(known)} are known and well-formed.")]


def _brief(name: str, problem: str) -> str:
    return problem.removesuffix(f" {Settings.model_fields[name].description}")


def _unknown(name: str, close: list[str], where: str) -> Finding:
    fix = f"Did you mean {close[0]}?" if close else "Take it out, or see .env.example for what there is."
    return warn("settings", f"{name}, in {where}, is no setting of this version.", fix)


async def look_at_database(settings: Settings) -> list[Finding]:
    try:
        condition = await check(settings.database_url)
    except StoreError as error:
        fix = "See DATABASE_URL, and whether this user may write where it points. Until then Patter remembers nothing."
        return [fail("database", error.hint.split(". ")[0] + ".", fix)]
    said = {
        Condition.READY: "It can be written and is of this version.",
        Condition.BEHIND: "It can be written; the next start brings it to this version.",
        Condition.ABSENT: "There is none yet; the first start makes it.",
    }
    return [ok("database", said[condition])]


async def look_at_disk(settings: Settings, bounds: Bounds) -> list[Finding]:
    try:
        folder = folder_of(settings.database_url)
        free = (await asyncio.to_thread(shutil.disk_usage, folder or Path.cwd())).free
    except (StoreError, OSError):
        return []  # the database's own line says more
    text = f"{free / (1024 * MIB):.1f} GiB are free where the conversations are kept."
    fix = "Make room, or set RETENTION_DAYS lower. With a full disk Patter answers, but remembers nothing."
    if free < bounds.disk_fail_bytes:
        return [fail("disk", text, fix)]
    return [warn("disk", text, fix) if free < bounds.disk_warn_bytes else ok("disk", text)]
