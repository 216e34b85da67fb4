"""
An Ollama that only streams, each stream at its own steady pace, for as long as its standard input is open.

`python -m bench.speaker RATE TOKENS` prints its port. It is a process of its own, so that only the client is measured.
"""

import asyncio
import sys

from bench.lines import LAST, lines

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Speaker:
    def __init__(self, rate: float, tokens: int) -> None:
        self._pause_s, self._tokens = 1 / rate, tokens

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        due = loop.time()
        for line in lines(self._tokens):
            writer.write(chunk(line))
            due += self._pause_s
            await asyncio.sleep(due - loop.time())
        writer.write(chunk(LAST) + b"0\r\n\r\n")
        await writer.drain()
        writer.close()


async def main(rate: float, tokens: int) -> None:
    server = await asyncio.start_server(Speaker(rate, tokens).speak, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), int(sys.argv[2])))
