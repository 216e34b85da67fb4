import signal

import pytest

LIMIT_S = 60
TOGETHER = ("tests/browser/", "tests/playground/llm/test_embedded.py")
"""What shares a browser, or the demo model, and so runs in one process where tests run side by side."""


# A shell that starts the tests in its background has them ignore Ctrl-C, and with them what they start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each test to the next process that is free, but those that belong together to the same one."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only where tests run side by side

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next(filter(nodeid.startswith, TOGETHER), nodeid)

    return Scheduling(config, log)


def _fail(*_):
    raise TimeoutError(f"the test took longer than {LIMIT_S} s")


@pytest.fixture(autouse=True)
def _bounded():
    """
    End a test that hangs.

    A timeout in an async fixture would not: the fixture's task is over before the test's begins.
    """
    if not hasattr(signal, "SIGALRM"):  # Windows
        yield
        return
    before = signal.signal(signal.SIGALRM, _fail)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
