"""What the pages of docs/ promise: links that lead somewhere, settings that exist, commands that work."""

import re
import sqlite3
import subprocess
import sys

import pytest

from bot.chat.privacy import Keeping, privacy_notice
from bot.core.upkeep import TOKEN_LIFE_S
from bot.settings import Settings
from bot.store.schema import metadata
from tests.docs.clone import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
OTHERS = {"OLLAMA_NUM_PARALLEL", "OLLAMA_HOST", "OLLAMA_TAG"}
"""Names of that form that are Ollama's or compose.yaml's."""


def text_of(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def headings(page):
    titles = re.findall(r"^#+ (.+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_to_what_is_there(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        there = page.parent / path if path else page
        assert there.exists(), target
        assert not anchor or anchor in headings(there), target


@pytest.mark.parametrize("name", ["README.md", "docs/deploy.md", "docs/upgrading.md", "docs/privacy.md"])
def test_each_setting_that_it_names_is_one(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    prefixes = {field.upper().split("_")[0] for field in Settings.model_fields}
    named = {word for word in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text) if word.split("_")[0] in prefixes}
    assert named - OTHERS <= {field.upper() for field in Settings.model_fields}


def test_the_readme_gives_the_defaults_that_hold():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^`|]*?)`? \|", readme, flags=re.MULTILINE))
    assert len(rows) > 6
    for name, shown in rows.items():
        default = Settings.model_fields[name.lower()].default
        if shown and shown != "a short one":
            assert shown in {str(default), f"{default:g}" if isinstance(default, float) else str(default)} or (
                str(default).endswith(f"///{shown}")
            ), name


# Privacy

WORDS_FOR = {
    "turns": "your questions to the bot",
    "turn_messages": "which messages show them",
    "runs": "interaction token",
    "run_messages": "interaction token",
    "place_settings": "`/settings`",
    "fresh_starts": "began afresh",
    "told": "which hints were given",
    "forgotten": "that you used `/forget`: your id, and when",
}


def test_the_page_on_privacy_speaks_of_every_table():
    assert set(WORDS_FOR) == set(metadata.tables), "say in docs/privacy.md what the new table is for"
    for words in WORDS_FOR.values():
        assert words in text_of("privacy.md")


def test_the_page_on_privacy_and_the_command_give_the_same_times():
    days = Settings.model_fields["retention_days"].default
    notice = privacy_notice(Keeping(days, "sqlite"), reads_all_messages=False)
    for text in (text_of("privacy.md"), notice):
        assert f"{days:g}" in text
        assert f"{TOKEN_LIFE_S / 60:.0f} minutes at most" in text


# Upgrading


def test_the_backup_holds_what_only_the_write_ahead_log_had(tmp_path):
    (tmp_path / "data").mkdir()
    at_work = sqlite3.connect(tmp_path / "data" / "patter.db", isolation_level=None)
    at_work.execute("PRAGMA journal_mode = WAL")
    at_work.execute("CREATE TABLE turns (text)")
    at_work.execute("INSERT INTO turns VALUES ('newest')")
    assert b"newest" not in (tmp_path / "data" / "patter.db").read_bytes()
    (command,) = re.findall(r'^python3 -c "(.*)"$', text_of("upgrading.md"), flags=re.MULTILINE)
    subprocess.run([sys.executable, "-c", command], cwd=tmp_path, check=True)
    at_work.close()
    copy = sqlite3.connect(tmp_path / "patter-backup.db")
    assert copy.execute("SELECT text FROM turns").fetchall() == [("newest",)]
    copy.close()
