"""scripts/release, on repositories of its own: it says what keeps a commit from release, and tags only when told."""

import datetime as dt
import os
import shutil
import subprocess
import sys

import pytest

from tests.deploy.dockerfile import ROOT

TODAY = dt.datetime.now(tz=dt.UTC).date().isoformat()
CHANGELOG = (
    f"# Changelog\n\n## Unreleased\n\n## 1.2.0 - {TODAY}\n\n### Added\n\n- Tea\n\n## 1.1.0 - 2026-01-01\n\n- Milk\n"
)
IDENTITY = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
OF_ITS_OWN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}


class Repository:
    def __init__(self, folder):
        self.folder = folder
        (folder / "scripts").mkdir()
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / "scripts" / "release", folder / "scripts")
        self.write("pyproject.toml", '[project]\nversion = "1.2.0"\n')
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("requirements.lock", "tea==1\n")
        self.program("scripts/lock", "true")
        self.program(".ci/run", "echo ci ran >&2")
        self.git("init", "--quiet")
        self.commit()

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def program(self, name, line):
        self.write(name, f"#!/bin/sh\n{line}\n")
        (self.folder / name).chmod(0o755)

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")

    def git(self, *arguments):
        command = ["git", *arguments]
        environment = OF_ITS_OWN | IDENTITY
        return subprocess.run(
            command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def release(self, *arguments):
        """Give the exit status and all that was said."""
        command = [sys.executable, self.folder / "scripts" / "release", *arguments]
        told = subprocess.run(
            command, env=OF_ITS_OWN | IDENTITY, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return told.returncode, told.stdout

    @property
    def tags(self):
        return self.git("tag").split()


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_a_commit_that_is_ready_is_said_to_be_so_and_not_tagged(repository):
    status, said = repository.release()
    assert status == 0
    assert "v1.2.0 is ready" in said
    assert "ci ran" in said
    assert repository.tags == []


def test_the_tag_is_made_when_told_and_says_what_is_new(repository):
    status, _ = repository.release("--tag")
    assert (status, repository.tags) == (0, ["v1.2.0"])
    message = repository.git("tag", "--list", "--format=%(contents)")
    assert message.startswith("Patter 1.2.0\n")
    assert "### Added\n\n- Tea" in message
    assert "Milk" not in message


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("pyproject.toml", '[project]\nversion = "1.3.0"\n', "newest heading is 1.2.0"),
        ("pyproject.toml", '[project]\nversion = "1.2.0rc1"\n', "not of the form"),
        ("CHANGELOG.md", CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- Coffee\n"), "under Unreleased"),
        ("CHANGELOG.md", CHANGELOG.replace(TODAY, "2026-02-30"), "it says 2026-02-30"),
        ("CHANGELOG.md", CHANGELOG.replace(TODAY, "2026-01-02"), "it says 2026-01-02"),
        ("CHANGELOG.md", CHANGELOG.replace("### Added\n\n- Tea\n", ""), "says nothing under 1.2.0"),
        ("CHANGELOG.md", "# Changelog\n", "newest heading is nothing"),
    ],
    ids=["other version", "odd version", "unreleased", "no date", "old date", "no notes", "empty"],
)
def test_a_version_that_the_changelog_does_not_bear_out_is_not_ready(repository, file, text, said):
    repository.write(file, text)
    repository.commit()
    assert not_ready(repository, said)


def test_what_is_not_committed_is_named(repository):
    repository.write("left.txt", "x")
    assert not_ready(repository, "left.txt")


@pytest.mark.parametrize(("tag", "said"), [("v1.2.0", "tagged already"), ("v1.10.0", "v1.10.0 is released already")])
def test_a_version_is_released_once_and_never_after_a_newer_one(repository, tag, said):
    repository.git("tag", tag)
    assert not_ready(repository, said)


def test_all_that_is_quick_to_see_comes_at_once(repository):
    repository.git("tag", "v1.2.0")
    repository.write("CHANGELOG.md", "# Changelog\n")
    _, said = repository.release("--tag")
    assert said.count("\n- ") == 3


def not_ready(repository, words):
    """Tell whether it says so, without a tag and before it does the slow part."""
    before = repository.tags
    status, said = repository.release("--tag")
    return (status, repository.tags) == (1, before) and words in said and "ci ran" not in said


@pytest.mark.parametrize(
    ("program", "line", "words"),
    [
        ("scripts/lock", "echo tea==2 > requirements.lock", "requirements.lock came out different"),
        ("scripts/lock", "exit 3", "scripts/lock failed"),
        (".ci/run", "exit 1", ".ci/run failed"),
        (".ci/run", "touch left.txt", "left.txt"),
    ],
    ids=["old lock", "no lock", "red", "dirty"],
)
def test_a_stale_lock_or_a_red_run_is_not_ready(repository, program, line, words):
    repository.program(program, line)
    repository.commit()
    status, said = repository.release("--tag")
    assert (status, repository.tags) == (1, [])
    assert words in said
