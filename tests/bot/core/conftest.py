from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(config, item):
    """Run everything about the core in virtual time."""
    return {"virtual": VirtualTimeLoop}
