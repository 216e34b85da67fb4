"""scripts/setup, with locks that name nothing."""

import shutil
import subprocess
import sys

import pytest

from tests.docs.clone import ROOT


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts")
    (tmp_path / "requirements.lock").touch()
    return tmp_path


def set_up(folder):
    told = subprocess.run(
        [sys.executable, folder / "scripts" / "setup", "run"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stderr


def test_it_installs_once_over_what_a_failed_try_has_left_and_again_when_the_lock_has_changed(folder):
    """Without python3-venv, Debian's Python leaves an environment without pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    assert "Installing into .venv" in set_up(folder)
    assert set_up(folder) == ""
    (folder / "requirements.lock").write_text("# changed\n")
    assert "Installing into .venv" in set_up(folder)
