"""The bulletin as a Word document in the layout of official documents (GB/T 9704-2012)."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

from huiyin.measure.bulletin import word_xml as xml
from huiyin.measure.bulletin.content import NO_DAY
from huiyin.measure.bulletin.document import (
    CHART_PX,
    TEXT_MM,
    Block,
    Document,
    Figure,
    Heading,
    Note,
    Paragraph,
    Points,
    Section,
    Table,
)
from huiyin.measure.bulletin.drawing import png
from huiyin.measure.bulletin.word_table import table_element
from huiyin.measure.bulletin.words import Words


def render_word(document: Document, words: Words, made_on: date | None, *, charts: bool) -> bytes:
    """The document as bytes.

    ``charts`` is false where the machine has no font to draw them in: each is then replaced by
    a line that says so, and its figures stand in the tables.
    """
    return _Writer(document, words, charts).render(made_on)


class _Writer:
    def __init__(self, document: Document, words: Words, charts: bool) -> None:
        import docx

        self.document, self.words, self.charts = document, words, charts
        self.docx: Any = docx.Document()
        self.pictures = 0

    def render(self, made_on: date | None) -> bytes:
        xml.set_page(self.docx)
        xml.set_styles(self.docx, self.document.language)
        xml.set_page_numbers(self.docx)
        self._properties(made_on)
        self._head()
        for section in self.document.sections:
            self._section(section)
        stream = BytesIO()
        self.docx.save(stream)
        return xml.without_clock(stream.getvalue())

    def _properties(self, made_on: date | None) -> None:
        properties = self.docx.core_properties
        day = made_on or NO_DAY
        properties.title = self.document.title
        properties.subject = self.document.subtitle
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.language = "zh-CN" if self.document.language == "zh" else "en"
        properties.created = properties.modified = datetime(day.year, day.month, day.day)

    def _head(self) -> None:
        xml.balance(self.docx.add_paragraph(self.document.title, style="Title"), TEXT_MM)
        self.docx.add_paragraph(self.document.subtitle, style="Subtitle")
        if self.document.date:
            self.docx.add_paragraph(self.document.date, style="Subtitle")

    def _section(self, section: Section) -> None:
        heading = self.docx.add_heading(f"{section.number}{section.heading}", level=1)
        if section.anchor.startswith("appendix"):
            heading.paragraph_format.page_break_before = True
        for block in section.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Table():
                self._table(block)
            case Figure():
                self._figure(block)
            case Points():
                for item in block.items:
                    paragraph = self.docx.add_paragraph(style="Body Text")
                    if item.lead:
                        paragraph.add_run(item.lead, style="Strong")
                    paragraph.add_run(item.text)
            case Note():
                self.docx.add_paragraph(block.text, style="Note")
            case Heading():
                self.docx.add_heading(block.text, level=2)
            case Paragraph():
                self.docx.add_paragraph(block.text, style="Body Text")

    def _figure(self, figure: Figure) -> None:
        from docx.shared import Mm

        if self.charts:
            self.pictures += 1
            paragraph = self.docx.add_paragraph(style="Picture")
            picture = png(figure.specification(CHART_PX))
            shape = paragraph.add_run().add_picture(BytesIO(picture), width=Mm(TEXT_MM))
            xml.describe(shape, self.pictures, figure.caption, figure.description)
            xml.caption(self.docx, figure.label, figure.caption)
            self.docx.add_paragraph(figure.description, style="Note")
        else:
            xml.caption(self.docx, figure.label, figure.caption)
            self.docx.add_paragraph(self.words("figure.left_out"), style="Note")

    def _table(self, table: Table) -> None:
        xml.caption(self.docx, table.label, table.caption, before_table=True)
        self.docx.element.body.sectPr.addprevious(table_element(table, TEXT_MM))
        for note in table.notes:
            self.docx.add_paragraph(note, style="Note")
        if not table.notes:
            self.docx.add_paragraph("", style="Note")
