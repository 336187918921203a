"""A table of the document as WordprocessingML: three lines, repeated header, no broken rows.

Written as text, because a table of hundreds of rows takes python-docx many seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from huiyin.measure.bulletin.document import Cell, Column, Row, Table

TWIPS_PER_MM = 1440 / 25.4
#: A table of no more rows than this is kept on one page.
SHORT = 12
ALIGNED = {
    "number": "right", "interval": "right", "verdict": "center",
    "name": "left", "label": "left", "text": "left",
}  # fmt: skip
#: Colours of the tones, as on the page.
COLOURS = {"good": "175A8C", "bad": "A8380A", "noise": "5B6472", "model": "6427C2"}
EMPHASISED = ("strong", "good", "bad")
LINE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
PROPERTIES = (
    "<w:tblPr>"
    '<w:tblW w:w="{total}" w:type="dxa"/><w:jc w:val="center"/>'
    "<w:tblBorders>"
    + LINE.format(side="top", size=12, colour="000000")
    + LINE.format(side="bottom", size=12, colour="000000")
    + LINE.format(side="insideH", size=2, colour="BFC5CE")
    + '</w:tblBorders><w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:left w:w="45" w:type="dxa"/><w:right w:w="45" w:type="dxa"/></w:tblCellMar>'
    "</w:tblPr>"
)
UNDER_HEAD = (
    "<w:tcBorders>"
    + LINE.format(side="bottom", size=6, colour="000000")
    + '</w:tcBorders><w:vAlign w:val="bottom"/>'
)
SHADED = '<w:shd w:val="clear" w:color="auto" w:fill="F1F3F6"/>'


def table_element(table: Table, width_mm: float) -> Any:
    """The ``w:tbl`` element, as wide as the text."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    total = round(width_mm * TWIPS_PER_MM)
    wanted = table.widths()
    widths = [round(total * width / sum(wanted)) for width in wanted]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    whole = len(table.rows) <= SHORT
    body = "".join(
        _row(row, table.columns, widths, keep=whole and row is not table.rows[-1])
        for row in table.rows
    )
    return parse_xml(
        f"<w:tbl {nsdecls('w')}>{PROPERTIES.format(total=total)}<w:tblGrid>{grid}</w:tblGrid>"
        f"{_head(table.columns, widths)}{body}</w:tbl>"
    )


def _head(columns: Sequence[Column], widths: list[int]) -> str:
    cells = "".join(
        _cell(Cell(column.title, "strong"), column, width, UNDER_HEAD, keep=True)
        for column, width in zip(columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _row(row: Row, columns: Sequence[Column], widths: list[int], *, keep: bool) -> str:
    if row.group:
        span = f'<w:gridSpan w:val="{len(columns)}"/>{SHADED}'
        cell = Cell(row.cells[0].text, "strong")
        cells = _cell(cell, Column("", "name"), sum(widths), span, keep=True)
    else:
        cells = "".join(
            _cell(cell, column, width, keep=keep)
            for cell, column, width in zip(row.cells, columns, widths, strict=True)
        )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cell(
    cell: Cell, column: Column, width: int, properties: str = "", *, keep: bool = False
) -> str:
    strong = '<w:rStyle w:val="Strong"/>' if cell.tone in EMPHASISED else ""
    colour = f'<w:color w:val="{COLOURS[cell.tone]}"/>' if cell.tone in COLOURS else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="Cell"/>{"<w:keepNext/>" if keep else ""}'
        f'<w:jc w:val="{ALIGNED[column.kind]}"/></w:pPr>'
        f'<w:r><w:rPr>{strong}{colour}</w:rPr><w:t xml:space="preserve">{escape(cell.text)}</w:t>'
        "</w:r></w:p></w:tc>"
    )
