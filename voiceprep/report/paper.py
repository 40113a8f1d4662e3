"""What every page is written on: templates, a style, and a policy that names it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

__all__ = ["asset", "environment", "hash_of", "markup", "style_of"]


@cache
def environment() -> jinja2.Environment:
    """Return what makes pages of templates: all text is escaped, nothing is guessed."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> str:
    """Read a text of the folder `assets`."""
    return files("voiceprep.report").joinpath("assets", name).read_text("utf-8")


def style_of(name: str) -> str:
    """Return a page's style: the colours that all share, then its own."""
    return f"{asset('colours.css')}\n{asset(name)}"


def markup(text: str) -> Markup:
    """Mark a text of our own as HTML."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 (assets of this package, nobody's input)


def hash_of(text: str) -> str:
    """Name a style or a script in a Content-Security-Policy.

    >>> hash_of("a{}")
    "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='"
    """
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
