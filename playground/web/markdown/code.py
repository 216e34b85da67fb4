"""Code with the classes of Pygments, and the stylesheet that gives them colours."""

from functools import cache

from markdown_it.common.utils import escapeHtml
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# Named one by one: a few of Pygments' hundreds of lexers take minutes for a text that is made for it.
LANGUAGES = """
    bash c c++ clojure cpp cs csharp css diff docker dockerfile elixir erlang go golang graphql haskell html ini java
    javascript js json jsx julia kotlin lua nim ocaml perl php powershell ps1 py python python3 r rb
    rs ruby rust scala sh shell sql swift toml ts tsx typescript xml yaml yml zig
"""
COLOURED_CHARS = 4000  # of these the slowest of them are done in a second, whatever they are; a message has 2,000
LIGHT, DARK = "xcode", "github-dark"  # of all the styles, those whose every colour stands out enough


def coloured(code: str, language: str) -> str:
    """Give the HTML of a code block's inside."""
    if language.lower() not in _known() or len(code) > COLOURED_CHARS:
        return escapeHtml(code)
    html: str = highlight(code, get_lexer_by_name(language.lower(), stripnl=False), HtmlFormatter(nowrap=True))
    return html.removesuffix("\n")


@cache
def _known() -> frozenset[str]:
    return frozenset(LANGUAGES.split())


@cache
def stylesheet() -> str:
    """Give the colours: as the system is, or as the page's `data-theme` says."""
    chosen = [_style(style, f":root[data-theme={theme}]") for theme, style in (("light", LIGHT), ("dark", DARK))]
    followed = [
        f"@media (prefers-color-scheme: {theme}) {{\n{_style(style, ':root:not([data-theme])')}\n}}"
        for theme, style in (("light", LIGHT), ("dark", DARK))
    ]
    return "\n".join([*followed, *chosen]) + "\n"


def _style(name: str, scope: str) -> str:
    return "\n".join(HtmlFormatter(style=name).get_token_style_defs([f"{scope} .highlight"]))
