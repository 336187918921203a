"""The bulletin as a PDF, typeset in the layout of official documents (GB/T 9704-2012)."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import Any

from huiyin.measure.bulletin.document import CHART_PX, Block, Document, Figure, Points, Table
from huiyin.measure.bulletin.drawing import svg
from huiyin.measure.bulletin.fonts import (
    LATIN,
    Faces,
    faces,
    is_chinese,
    no_chinese_font,
    packaged_folder,
)

#: What sets a text without any Chinese where no Chinese font is at hand.
ONLY_LATIN = Faces(*[(LATIN,)] * 4)


def render_pdf(document: Document) -> bytes:
    """The document as bytes: all fonts embedded, tagged for screen readers (PDF/UA-1).

    Raises:
        MeasureError: ``no-chinese-font``: it holds Chinese and the machine has no font for it.
    """
    import typst

    found = faces(document.language)
    if found is None and is_chinese(document.texts()):
        raise no_chinese_font()
    content = _content(document, found or ONLY_LATIN)
    template = resources.files(__package__).joinpath("templates/bulletin.typ").read_bytes()
    folder = packaged_folder()
    fonts = typst.Fonts(font_paths=[str(folder)] if folder is not None else [])
    made: bytes = typst.compile(
        template,
        font_paths=fonts,
        sys_inputs={"bulletin": json.dumps(content, ensure_ascii=False)},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=0,
    )
    return made


def _content(document: Document, found: Faces) -> dict[str, Any]:
    return {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "date": document.date,
        "faces": asdict(found),
        "sections": [
            {
                "number": section.number,
                "heading": section.heading,
                "anchor": section.anchor,
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in document.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    match block:
        case Table():
            return {
                "kind": kind,
                "label": block.label,
                "caption": block.caption,
                "columns": [
                    {"title": column.title, "kind": column.kind, "width": width}
                    for column, width in zip(block.columns, block.widths(), strict=True)
                ],
                "rows": [
                    {"group": row.group, "cells": [cell._asdict() for cell in row.cells]}
                    for row in block.rows
                ],
                "notes": list(block.notes),
            }
        case Figure():
            return {
                "kind": kind,
                "label": block.label,
                "caption": block.caption,
                "description": block.description,
                "svg": svg(block.specification(CHART_PX), block.anchor),
            }
        case Points():
            return {"kind": kind, "items": [item._asdict() for item in block.items]}
        case _:
            return {"kind": kind, "text": block.text}
