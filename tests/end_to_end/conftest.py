"""What holds of each test of the whole bot."""

import pytest


@pytest.fixture(autouse=True)
def no_exception_in_the_log(caplog):
    """Whatever happens ends in an answer or a sentence: what comes up in nobody's hands is a fault of ours."""
    yield
    found = [record.getMessage() for record in caplog.get_records("call") if record.exc_info and record.exc_info[0]]
    assert found == []
