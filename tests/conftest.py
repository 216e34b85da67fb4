import signal

import pytest

LIMIT_S = 60


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
