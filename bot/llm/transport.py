"""The HTTP client for Ollama, and what its exceptions mean."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from bot.core.errors import ModelError, ModelUnreachable

NOT_OLLAMA = "What OLLAMA_URL names does not look like Ollama. Whoever runs this bot can check it."
NO_ANSWER = "The model did not begin to answer in time. Try again in a minute."
NO_TRUST = "There is no trusted connection to the model's server. Whoever runs this bot can check OLLAMA_URL."

# The transport lets some of aiohttp's exceptions through. OSError is also what asyncio's TimeoutError is.
FOREIGN = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)
BELOW = "patter.aiohttp_response"

NOT_HTTP = (httpx.UnsupportedProtocol, httpx.InvalidURL, aiohttp.ClientResponseError)


def open_http(url: str, api_key: str = "") -> httpx.AsyncClient:
    """
    Give a client for the Ollama at `url`, to be closed by the caller. It opens no connection yet.

    Its timeouts are set with each request. `api_key` goes out as Bearer; without one, `user:password@` in the URL
    goes out as Basic.
    """
    base = httpx.URL(url)
    # aiohttp refuses a URL with credentials next to an Authorization header, so they leave the URL.
    basic = httpx.BasicAuth(base.username, base.password) if base.userinfo and not api_key else None
    return httpx.AsyncClient(
        base_url=base.copy_with(userinfo=b""),
        auth=basic,
        headers={"Authorization": f"Bearer {api_key}"} if api_key else None,
        # max_connections=None would mean aiohttp's 100, fewer than there may be answers.
        transport=_Transport(limits=httpx.Limits(max_connections=0)),
        trust_env=False,
    )


class _Transport(AiohttpTransport):
    """Gives aiohttp's own response along: httpx knows of nothing that arrives before it reads."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, AiohttpResponseStream)
        response.extensions[BELOW] = response.stream._aiohttp_response  # noqa: SLF001 - there is no other way to it
        return response


def below(response: httpx.Response) -> aiohttp.ClientResponse:
    found = response.extensions[BELOW]
    assert isinstance(found, aiohttp.ClientResponse)
    return found


@asynccontextmanager
async def reading(response: httpx.Response) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """Give the chunks of a response; leaving the context closes its socket at once."""
    chunks = response.aiter_raw()
    try:
        yield chunks
    finally:
        await response.aclose()
        # Left half-way, the generators nested in httpx would be closed later on, by tasks that the garbage
        # collector starts. A closed response has nothing to wait for, so reading on ends them here.
        with suppress(*FOREIGN, httpx.StreamError):
            async for _ in chunks:
                pass


@contextmanager
def translated(fault: Callable[[Exception], ModelError]) -> Iterator[None]:
    """Turn whatever HTTP and below may raise into what `fault` makes of it."""
    try:
        yield
    except FOREIGN as exc:
        raise fault(exc) from exc


def describe(exc: Exception) -> str:
    """Name what happened, for the log: the transport's own names mislead, its causes do not."""
    cause = exc.__cause__ or exc
    return f"{type(cause).__name__}: {cause}"


def unreachable(exc: Exception) -> ModelError:
    """
    Say what it means that there is no answer yet.

    A refused connection, a failed name look-up and a disconnect all come up as httpx.ConnectTimeout.
    """
    message = describe(exc)
    if isinstance(exc, TimeoutError):
        return ModelUnreachable(message, hint=NO_ANSWER, again=False)
    if isinstance(exc.__cause__, aiohttp.ClientSSLError):
        return ModelUnreachable(message, hint=NO_TRUST, again=False)
    if isinstance(exc, NOT_HTTP):
        return ModelUnreachable(message, hint=NOT_OLLAMA, again=False)
    return ModelUnreachable(message)
