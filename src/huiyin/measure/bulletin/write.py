"""``write_bulletin``: one measurement, up to four files that say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from huiyin.measure.bulletin.compose import compose
from huiyin.measure.bulletin.content import Measurement
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Document
from huiyin.measure.bulletin.fonts import faces, is_chinese
from huiyin.measure.errors import MeasureError

FORMATS = ("html", "docx", "xlsx", "pdf")


def write_bulletin(
    measurement: Measurement, folder: str | Path, formats: Iterable[str] = FORMATS
) -> list[Path]:
    """Write ``bulletin.html``, ``.docx``, ``.xlsx`` and ``.pdf`` into a folder.

    The folder is made where it is missing; files of these names are replaced. The same
    measurement gives the same bytes, on machines with the same fonts.

    Args:
        measurement: what to print.
        folder: where to.
        formats: any of :data:`FORMATS`.

    Returns:
        The files written, in the order asked for.

    Raises:
        MeasureError: ``unknown-format``; ``no-chinese-font`` (the PDF needs one; every other
            format asked for has been written when this is raised).
    """
    asked = list(dict.fromkeys(formats))
    _check(asked)
    writers = _writers(measurement)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written, refusal = [], None
    for name in asked:
        path = target / f"bulletin.{name}"
        try:
            content = writers[name]()
        except MeasureError as error:
            refusal = error
            continue
        path.write_bytes(content)
        written.append(path)
    if refusal is not None:
        raise refusal
    return written


def _check(asked: list[str]) -> None:
    unknown = [name for name in asked if name not in FORMATS]
    if unknown:
        raise MeasureError(
            "unknown-format",
            f"no such format: {', '.join(unknown)}; the formats are {', '.join(FORMATS)}.",
            f"不支持格式 {'、'.join(unknown)}；可用的格式有 {'、'.join(FORMATS)}。",
            place="formats",
        )


def _writers(measurement: Measurement) -> dict[str, Callable[[], bytes]]:
    """A maker for each format; each brings its libraries only when it is asked."""
    context = Context(measurement)
    document = compose(context)

    def html() -> bytes:
        from huiyin.measure.bulletin.page import render_html

        return render_html(document, context.words).encode()

    def word() -> bytes:
        from huiyin.measure.bulletin.word import render_word

        drawn = _can_draw(document)
        return render_word(document, context.words, measurement.made_on, charts=drawn)

    def excel() -> bytes:
        from huiyin.measure.bulletin.excel import render_excel

        return render_excel(context)

    def pdf() -> bytes:
        from huiyin.measure.bulletin.pdf import render_pdf

        return render_pdf(document)

    return {"html": html, "docx": word, "xlsx": excel, "pdf": pdf}


def _can_draw(document: Document) -> bool:
    """Whether a picture of a chart would show its words."""
    return not is_chinese(document.texts()) or faces() is not None
