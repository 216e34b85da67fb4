"""Free ports, for what has to be told its own beforehand."""

import random
import socket
from contextlib import suppress


def free_port():
    """Give one below those that the system hands out, so that nobody who asks for any gets it meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
