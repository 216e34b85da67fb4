"""scripts/audit: it lists what is pinned, and never takes silence for good news."""

import json
import re
import subprocess

import pytest

from scripts.audit_lock import EX_UNKNOWN, EX_VULNERABLE, SBOM, verdict
from tests.deploy.dockerfile import ROOT

KNOWN = {"name": "tea", "version": "1", "vulns": []}
SKIPPED = {"name": "milk", "skip_reason": "Dependency not found on PyPI and could not be audited: milk (1)"}
FLAWED = {"name": "salt", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


def report(*packages):
    return {"dependencies": list(packages), "fixes": []}


def test_it_is_well_only_if_every_package_was_looked_up():
    status, said = verdict(report(KNOWN))
    assert status == 0
    assert "1 packages" in said[0]


@pytest.mark.parametrize("found", [None, report(), report(SKIPPED), report(KNOWN, SKIPPED)])
def test_what_could_not_be_looked_up_is_not_well(found):
    status, said = verdict(found)
    assert status == EX_UNKNOWN
    assert said[0].startswith("NOT AUDITED")


def test_a_flaw_is_named_with_what_mends_it():
    status, said = verdict(report(KNOWN, FLAWED, SKIPPED))
    assert status == EX_VULNERABLE
    assert said[0] == "salt 1: CVE-1, mended in 2"
    assert said[1].startswith("NOT AUDITED: 1 of 3")


@pytest.fixture(autouse=True)
def _bounded():
    """In the place of the usual bound for a test: the one below installs tools the first time."""


def test_the_list_has_every_package_of_the_lock_whether_or_not_a_database_answers():
    told = subprocess.run([ROOT / "scripts" / "audit"], capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode in {0, EX_VULNERABLE, EX_UNKNOWN}, told.stderr
    assert told.returncode != EX_UNKNOWN or "NOT AUDITED" in told.stderr
    made = json.loads((ROOT / SBOM).read_text(encoding="utf-8"))
    listed = {(one["name"], one["version"]) for one in made["components"]}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert listed == set(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, flags=re.MULTILINE))
    assert made["metadata"]["component"]["name"] == "patter"
