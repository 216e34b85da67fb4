"""
What keeps the page to those who sit before it.

Any page in a browser may try to call a server on loopback. So a request has to name us as its host (else a foreign
name was made to point here), must not come from a page of another origin, and what we answer may run nothing.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from playground.chat.server import LOOPBACK

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NAMES = (LOOPBACK, "localhost")
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://{host}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ELSE = "default-src 'none'; frame-ancestors 'none'; sandbox"  # above all a file that a model wrote
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: web.Application) -> None:
    """Guard all of an application, its REST and its websocket too."""
    app.middlewares.append(_admit)
    app.on_response_prepare.append(_harden)


def is_page(path: str) -> bool:
    return path == "/" or path.startswith(("/static/", "/web/"))


@web.middleware
async def _admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    refusal = _refusal(request)
    if refusal:
        raise web.HTTPForbidden(text=refusal)
    return await handler(request)


def _refusal(request: web.Request) -> str:
    """Say why a request is not served; nothing if it is. The bot's have our host and no origin."""
    hosts = _hosts(request)
    if request.host not in hosts:
        return f"This address is not served here: open http://{hosts[0]}/ instead."
    origins = request.headers.getall("Origin", [])
    if any(origin not in {f"http://{host}" for host in hosts} for origin in origins):
        return "Only the playground's own page may call it."
    # A foreign page's <img> or <script> says no origin; browsers tell where it stands.
    is_foreign = not origins and request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}
    if is_foreign and request.headers.get("Sec-Fetch-Mode") != "navigate":
        return "Only the playground's own page may load what is here."
    return ""


def _hosts(request: web.Request) -> list[str]:
    assert request.transport is not None, "a request that is served has a connection"
    port = request.transport.get_extra_info("sockname")[1]
    return [f"{name}:{port}" for name in NAMES]


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(ALWAYS)
    response.headers["Content-Security-Policy"] = PAGE.format(host=request.host) if is_page(request.path) else ELSE
