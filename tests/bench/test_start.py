import subprocess
import sys

import pytest

from bench import start

SELDOM = {"PIL", "alembic", "bot.doctor", "bot.init", "prometheus_client", "sqlalchemy"}
STARTED = """
import sys
from importlib import import_module

for name in ("bot.__main__", "bot.chat.client", *import_module("bot.composition").EXTENSIONS):
    import_module(name)
print(*sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_bot_that_nobody_asks_takes_less_than_120_mb():
    result = start.measure(starts=1, idle_s=1.0, tell=[].append)
    assert set(result) == {"first_cpu_s", "cpu_s", "most_cpu_s", "seconds", "idle_mb"}
    assert 0 < result["cpu_s"] <= result["most_cpu_s"]
    assert 20 < result["idle_mb"] < 120


def test_what_is_costly_and_seldom_wanted_is_not_imported_to_start():
    told = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "discord" in loaded
    assert not SELDOM & loaded
