import logging

from bot.core.events import GatewayLost
from bot.observe.fan_out import FanOut


def test_all_are_told_in_their_order():
    told = []
    FanOut(lambda event: told.append((1, event)), lambda event: told.append((2, event)))(GatewayLost())
    assert told == [(1, GatewayLost()), (2, GatewayLost())]


def test_a_listener_that_fails_harms_nobody_and_is_logged_once(caplog):
    def fail(_):
        raise RuntimeError("no")

    told = []
    fan_out = FanOut(fail, told.append)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            fan_out(GatewayLost())
    assert len(told) == 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "DEBUG", "DEBUG"]
