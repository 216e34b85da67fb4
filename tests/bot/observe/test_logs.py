import json
import logging

import pytest

from bot.core.events import EditLanded, GatewayConnected, GatewayLost, RunStarted
from bot.core.model import Ending
from bot.observe.logs import LIBRARIES, log_event, set_up_logging
from tests.bot.observe.events import ended, without_usage

SECRET = "MTk4NjIyNDgzNDcxOTI1MjQ4.secret"


@pytest.fixture
def logged(capsys):
    """Set up logging as asked; give what tells what has been logged since. All is as before at the test's end."""
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, LIBRARIES)]
    levels = [logger.level for logger in loggers]

    def set_up(*options, **more):
        set_up_logging(*options, **more)
        return lambda: capsys.readouterr().err

    yield set_up
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler:
            root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def fail(words):
    raise ValueError(words)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_an_answer_is_one_line_for_people(logged):
    said = logged("INFO")
    for event in (RunStarted("run0", "smol"), EditLanded("run0", 0.2), ended()):
        log_event(event)
    (line,) = said().splitlines()
    assert line.endswith(
        "patter: answer run0: done, model 'smol', 100 tokens, 50.0 tokens/s, first token 0.50 s, 3 edits, 2.6 s"
    )


def test_tokens_that_the_model_has_not_counted_are_not_said_to_be_none(logged):
    said = logged("INFO")
    log_event(without_usage(Ending.INTERRUPTED))
    assert ": interrupted, model 'smol', tokens not counted, first token " in said()


def test_an_answer_is_one_object_for_machines(logged):
    said = logged("INFO", "json")
    log_event(ended(Ending.LENGTH))
    log_event(without_usage(Ending.STOPPED))
    first, second = lines(said())
    assert first.pop("time").endswith("Z")
    assert first.pop("message").startswith("answer run0: length")
    assert first == {
        "level": "INFO", "logger": "patter", "answer": "run0", "ending": "length", "model": "smol", "tokens": 100,
        "tokens_per_s": 50.0, "prompt_tokens": 20, "first_token_s": 0.5, "edits": 3, "total_s": 2.6,
    }  # fmt: skip
    assert (second["ending"], second["first_token_s"], second["tokens"]) == ("stopped", None, None)


def test_a_model_called_so_as_to_look_like_a_line_stays_within_its_own(logged):
    said = logged("INFO")
    log_event(ended(model="x\n2026-01-01 ERROR forged"))
    assert len(said().splitlines()) == 1


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_secrets_are_taken_out_wherever_they_stand(logged, log_format):
    said = logged("DEBUG", log_format, libraries=True, secrets=[SECRET])
    log = logging.getLogger("discord.webhook")
    log.debug("PATCH https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb24/messages/@original")
    log.info("POST /interactions/456/YW5vdGhlcg/callback with %s", SECRET)
    try:
        fail(f"Bot {SECRET}")
    except ValueError:
        log.exception("it failed: %r", {"token": SECRET})
    text = said()
    for secret in (SECRET, "aW50ZXJhY3Rpb24", "YW5vdGhlcg"):
        assert secret not in text
    assert "/webhooks/123/…/messages" in text
    assert "ValueError: Bot …" in text


def test_an_exception_is_one_line_of_json(logged):
    said = logged("INFO", "json")
    try:
        fail("two\nlines")
    except ValueError:
        logging.getLogger("bot").exception("it failed")
    (line,) = lines(said())
    assert (line["message"], line["level"]) == ("it failed", "ERROR")
    assert "ValueError: two\nlines" in line["exception"]


@pytest.mark.parametrize(
    ("level", "libraries", "heard"),
    [
        ("INFO", False, ["bot INFO", "discord WARNING"]),
        ("DEBUG", False, ["bot DEBUG", "bot INFO", "discord INFO", "discord WARNING"]),
        ("DEBUG", True, ["bot DEBUG", "bot INFO", "discord DEBUG", "discord INFO", "discord WARNING"]),
        ("WARNING", False, ["discord WARNING"]),
    ],
)
def test_what_is_heard_of_us_and_of_the_libraries(logged, level, libraries, heard):
    said = logged(level, "json", libraries=libraries)
    for name, levels in (("bot", (logging.DEBUG, logging.INFO)), ("discord.gateway", (10, 20, 30))):
        for one in levels:
            logging.getLogger(name).log(one, "x")
    assert [f"{line['logger'].partition('.')[0]} {line['level']}" for line in lines(said())] == heard


def test_the_gateways_ups_and_downs_are_told(logged):
    said = logged("INFO", "json")
    for event in (GatewayConnected(resumed=False), GatewayLost(), GatewayConnected(resumed=True)):
        log_event(event)
    assert [line["message"] for line in lines(said())] == [
        "connected to Discord's gateway",
        "the connection to Discord's gateway is lost; making another",
        "connected to Discord's gateway, nothing missed",
    ]
