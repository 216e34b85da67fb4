from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.core.errors import SettingsError
from bot.settings import Settings, example, load

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_example_is_what_the_settings_say():
    """To renew it: python -c 'from bot.settings import example; print(example(), end="")' > .env.example"""
    assert EXAMPLE.read_text(encoding="utf-8") == example()


def test_the_example_with_a_token_is_a_good_env_file(tmp_path):
    """Also with all that is commented out put in force, every value is its setting's default."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    values = [line.removeprefix("#") for line in lines if line.removeprefix("#").split("=")[0].isupper()]
    env = tmp_path / ".env"
    env.write_text("\n".join(values).replace("DISCORD_TOKEN=", "DISCORD_TOKEN=abc"), encoding="utf-8")
    assert set(dotenv_values(env)) == {name.upper() for name in Settings.model_fields}
    assert load(env) == load(None, discord_token="abc")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    env = tmp_path / ".env"
    env.write_text("DISCORD_TOKEN=from-file\nOLLAMA_MODEL=from-file\n")
    monkeypatch.setenv("OLLAMA_MODEL", "from-environment")
    settings = load(env)
    assert (settings.discord_token.get_secret_value(), settings.ollama_model) == ("from-file", "from-environment")


def test_all_problems_come_at_once_each_with_what_to_write():
    with pytest.raises(SettingsError) as caught:
        load(None, ollama_url="localhost", edit_interval_s=0, ollama_think="maybe", answer_max_tokens=-1)
    assert len(caught.value.problems) == 5
    for name in (
        "DISCORD_TOKEN is missing",
        "OLLAMA_URL is wrong",
        "EDIT_INTERVAL_S",
        "OLLAMA_THINK",
        "ANSWER_MAX_TOKENS",
    ):
        assert name in str(caught.value)
    assert "Reset Token" in str(caught.value)


@pytest.mark.parametrize("url", ["http://[bad", "http://lo cal", "http://", "ftp://host", "localhost:11434"])
def test_what_is_no_url_is_a_problem(url):
    with pytest.raises(SettingsError, match="OLLAMA_URL"):
        load(None, discord_token="x", ollama_url=url)


@pytest.mark.parametrize("hosts", ["https://python.org", "python.org/a", "*.python.org", "b\u00fccher.example", ".org"])
def test_what_is_no_host_is_a_problem(hosts):
    with pytest.raises(SettingsError, match="LINK_HOSTS"):
        load(None, discord_token="x", link_hosts=hosts)


def test_hosts_are_read_from_a_list_with_commas():
    assert load(None, discord_token="x", link_hosts="Python.org, none").link_hosts == ("Python.org", "none")


@pytest.mark.parametrize("secret", ["sch\u00f6n", "two\nlines", "a b"])
def test_what_no_header_can_carry_is_no_secret(secret):
    with pytest.raises(SettingsError) as caught:
        load(None, discord_token=secret, ollama_api_key=secret)
    assert len(caught.value.problems) == 2
    assert secret not in str(caught.value)


def test_a_report_of_problems_tells_no_secret():
    with pytest.raises(SettingsError) as caught:
        load(None, discord_token={"oops": "hunter2"}, ollama_api_key=["hunter3"])
    assert "hunter" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_text_is_a_problem_like_others(tmp_path):
    env = tmp_path / ".env"
    env.write_bytes(b"DISCORD_TOKEN=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(env)


def test_secrets_do_not_show_when_settings_are_printed():
    assert "hunter2" not in repr(load(None, discord_token="hunter2", ollama_api_key="hunter2"))


@pytest.mark.parametrize(("written", "meant"), [("true", True), ("FALSE", False), ("Low", "low"), ("max", "max")])
def test_thinking_is_read_as_people_write_it(written, meant):
    assert load(None, discord_token="x", ollama_think=written).ollama_think == meant


@pytest.mark.parametrize(("written", "meant"), [("", ()), ("12", (12,)), (" 12, 34 ,", (12, 34))])
def test_a_list_of_ids_is_written_with_commas(written, meant, monkeypatch):
    monkeypatch.setenv("BLOCKED_CHANNELS", written)
    assert load(None, discord_token="x").blocked_channels == meant


@pytest.mark.parametrize("written", ["general", "12,x", "-1", "0", "[12]", "12;13"])
def test_what_is_no_list_of_ids_is_a_problem(written, monkeypatch):
    monkeypatch.setenv("BLOCKED_CHANNELS", written)
    with pytest.raises(SettingsError, match="BLOCKED_CHANNELS is wrong"):
        load(None, discord_token="x")


def test_a_list_of_models_is_written_with_commas(monkeypatch):
    monkeypatch.setenv("OLLAMA_MODELS", "smol, hf.co/some/model:Q4, *")
    assert load(None, discord_token="x").ollama_models == ("smol", "hf.co/some/model:Q4", "*")


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load(None, discord_token="x").ollama_model = "y"
