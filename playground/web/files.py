"""The page's own files, as they lie in `static`."""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).resolve().parent / "static"

# Named here: what the operating system believes about endings differs, and browsers run no script of a wrong type.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def install(app: web.Application) -> None:
    app.router.add_get("/", _index)
    app.router.add_get("/static/{path:.+}", _static)


async def _index(_: web.Request) -> web.Response:
    return _file("index.html")


async def _static(request: web.Request) -> web.Response:
    return _file(request.match_info["path"])


def _file(name: str) -> web.Response:
    """Give a file below `static`; whatever else a name leads to is not there."""
    try:
        path = (STATIC / name).resolve()
        if not path.is_relative_to(STATIC) or path.suffix not in TYPES:
            raise web.HTTPNotFound(text="There is no such file.")
        return web.Response(body=path.read_bytes(), headers={"Content-Type": TYPES[path.suffix]})
    except (OSError, ValueError):
        raise web.HTTPNotFound(text="There is no such file.") from None
