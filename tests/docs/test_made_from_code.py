"""The files that are made from the code are those that the code makes. To renew them: scripts/docs"""

import pytest
from discord import app_commands

from bot.settings import Settings
from scripts import commands_page, settings_page
from scripts.write_docs import MADE, ROOT


@pytest.mark.parametrize("name", MADE)
def test_the_file_in_the_repository_is_what_the_code_says(name):
    assert (ROOT / name).read_text(encoding="utf-8") == MADE[name](), "run scripts/docs"


def test_each_section_of_the_settings_page_begins_with_a_setting_that_there_is():
    assert set(settings_page.SECTIONS) <= set(Settings.model_fields)
    assert next(iter(Settings.model_fields)) in settings_page.SECTIONS


def test_a_value_with_a_bar_stays_in_its_cell():
    assert settings_page._shown("a|b") == "`a\\|b`"


@app_commands.command(description="Does it")
@app_commands.default_permissions(manage_guild=True)
@app_commands.describe(what="What to do")
@app_commands.choices(what=[app_commands.Choice(name=name, value=name) for name in ("one", "two")])
async def example(interaction, what: str, often: bool = False):
    """A command to be described."""


def test_a_command_is_shown_with_its_options_and_for_whom_it_is():
    told = "".join(commands_page._commands([example]))
    assert "## `/example what [often]`" in told
    assert "Does it. For those with the permission *Manage Server*." in told
    assert "| `what` | What to do | one · two |" in told
    assert "| true or false |" in told
