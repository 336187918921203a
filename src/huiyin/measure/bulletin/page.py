"""The bulletin as one web page that needs nothing but itself."""

from __future__ import annotations

import re
from html import escape
from importlib import resources

from huiyin.measure.bulletin.document import Document, Figure
from huiyin.measure.bulletin.drawing import svg
from huiyin.measure.bulletin.words import Words

#: Widths in pixels at which a chart is drawn: for a desk and for a phone of 360.
WIDE, NARROW = 900, 328


def render_html(document: Document, words: Words) -> str:
    """The page: style and charts inside, no script, no other file, no other host."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined
    )
    css = resources.files(__package__).joinpath("templates/bulletin.css").read_text("utf-8")
    text: str = environment.get_template("bulletin.html.j2").render(
        document=document,
        css=Markup(css.strip()),
        lang="zh-Hans" if document.language == "zh" else "en",
        skip=words("page.skip"),
        contents=words("page.contents"),
        wide=WIDE,
        narrow=NARROW,
        drawing=lambda figure, width: Markup(_drawing(figure, width)),
    )
    return text


def _drawing(figure: Figure, width: int) -> str:
    """The chart with its words for those who cannot see it."""
    name = f"{figure.anchor}-{width}"
    drawn = svg(figure.specification(width), name)
    titled = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" '
        r"\g<attributes>>"
        f'<title id="{name}-title">{_safe(figure.caption)}</title>'
        f'<desc id="{name}-desc">{_safe(figure.description)}</desc>'
    )
    return re.sub(r"<svg (?P<attributes>[^>]*)>", titled, drawn, count=1)


def _safe(text: str) -> str:
    return escape(text).replace("\\", r"\\")
