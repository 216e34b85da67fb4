"""What the lock pins, as a list for other programs, and what is known against it. Run by scripts/audit."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"
SBOM, REPORT = Path("dist/sbom.json"), Path("dist/audit.json")

EX_VULNERABLE = 1
EX_UNKNOWN = 75
"""sysexits.h: try again later."""


def main() -> int:
    (ROOT / SBOM).parent.mkdir(exist_ok=True)
    if run("cyclonedx_py", "requirements", "--pyproject", "pyproject.toml", "--output-file", str(SBOM), LOCK) != 0:
        print("The list could not be made.", file=sys.stderr)
        return 2
    print(f"{SBOM}: {len(read(SBOM)['components'])} packages")
    status, sentences = verdict(look_up())
    print("\n".join(sentences), file=sys.stderr if status else sys.stdout)
    return status


def look_up() -> dict[str, Any] | None:
    """Give what pip-audit has found out, or None if it could not ask anybody."""
    (ROOT / REPORT).unlink(missing_ok=True)
    form = ("--format", "json", "--output", str(REPORT), "--progress-spinner", "off")
    run("pip_audit", "--requirement", LOCK, "--disable-pip", "--require-hashes", *form, quiet=True)
    return read(REPORT) if (ROOT / REPORT).exists() else None


def verdict(report: dict[str, Any] | None) -> tuple[int, list[str]]:
    """
    Judge a report of pip-audit's: the exit status, and what to say.

    pip-audit itself says "no known vulnerabilities" also of packages of which it could learn nothing.
    """
    if report is None:
        return EX_UNKNOWN, ["NOT AUDITED: no database of vulnerabilities could be reached."]
    packages = report["dependencies"]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in packages
        for flaw in one.get("vulns", [])
    ]
    missed = [f"NOT AUDITED: {len(unknown)} of {len(packages)} packages, of which the database gave no word."]
    if found:
        return EX_VULNERABLE, found + (missed if unknown else [])
    if unknown or not packages:
        return EX_UNKNOWN, missed
    return 0, [f"Nothing is known against these {len(packages)} packages."]


def run(module: str, *arguments: str, quiet: bool = False) -> int:
    print("+", module, *arguments, file=sys.stderr, flush=True)
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, stderr=subprocess.DEVNULL if quiet else None).returncode


def read(file: Path) -> Any:
    return json.loads((ROOT / file).read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
