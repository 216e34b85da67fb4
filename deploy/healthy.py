# ruff: noqa: INP001 - a program of its own, not part of a package
"""The container's health check: exit status 0 if the bot is well by what it says on HEALTH_PORT, else 1."""

import http.client
import os
import sys

TIMEOUT_S = 4


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("HEALTH_PORT") or 8080), timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = f"{answer.status} {answer.read(1000).decode(errors='replace')}"
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"no answer: {error}")
    finally:
        connection.close()
    sys.exit(0 if answer.status == http.client.OK else said)


if __name__ == "__main__":
    main()
