"""What holds of each test of the whole bot."""

import pytest

RECONNECTS = "discord.client"
"""Logs why the gateway is tried again, exception and all."""


@pytest.fixture(autouse=True)
def no_exception_in_the_log(caplog):
    """
    Whatever happens ends in an answer or a sentence: what comes up in nobody's hands is a fault of ours.

    A test that wants one looks at it, and calls `caplog.clear()`.
    """
    yield
    raised = [one for one in caplog.get_records("call") if one.exc_info and one.exc_info[0] and one.name != RECONNECTS]
    assert [one.getMessage() for one in raised] == []
