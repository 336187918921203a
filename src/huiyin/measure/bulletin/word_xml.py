"""What python-docx has no words for: East Asian fonts, fields, descriptions, fixed archives."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from huiyin.measure.bulletin.labels import text_width

#: Face for Chinese and for Latin, as GB/T 9704 wants them, and what stands in where absent.
FACES = {
    "title": ("方正小标宋简体", "Times New Roman"),
    "heading": ("黑体", "Arial"),
    "second": ("楷体", "Times New Roman"),
    "body": ("仿宋", "Times New Roman"),
    "table": ("宋体", "Times New Roman"),
}
#: What Word takes where a face is not installed.
STAND_INS = {
    "方正小标宋简体": "方正小标宋_GBK;小标宋;华文中宋;宋体;Noto Serif CJK SC",
    "黑体": "SimHei;Noto Sans CJK SC",
    "楷体": "楷体_GB2312;KaiTi;Noto Serif CJK SC",
    "仿宋": "仿宋_GB2312;FangSong;Noto Serif CJK SC",
    "宋体": "SimSun;Noto Serif CJK SC",
}
#: Chinese type sizes in points.
TWO, THREE, FOUR, SMALL_FIVE = 22, 16, 14, 9
RIGHT, LEFT, CENTRE = (
    WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER,
)  # fmt: skip


def set_page(document: Any) -> None:
    """A4; text 156 mm by 225 mm, as section 5.2 of the standard has it."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(22)


def set_styles(document: Any, language: str) -> None:
    """Real styles for title, headings, body, captions, notes and table text."""
    chinese = language == "zh"
    size, line = (THREE, 28.0) if chinese else (12, None)
    indent = Pt(2 * THREE) if chinese else None
    title = _style(document, "Title", "title", TWO, align=CENTRE, after=6)
    _remove(title.element, "w:pBdr")
    _style(document, "Subtitle", "second", size, align=CENTRE, after=6)
    heading = _style(document, "Heading 1", "heading", max(size, FOUR), before=10, after=4)
    heading.paragraph_format.first_line_indent = indent
    second = _style(document, "Heading 2", "second", size, before=6, after=2)
    second.paragraph_format.first_line_indent = indent
    body = _style(document, "Body Text", "body", size, after=0 if chinese else 6, line=line)
    body.paragraph_format.first_line_indent = indent
    if chinese:
        body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _style(document, "Normal", "body", size)
    caption = _style(document, "Caption", "heading", 10.5, before=6, after=3)
    caption.paragraph_format.keep_together = True
    _added(document, "Note", "table", SMALL_FIVE, before=2, after=3)
    _added(document, "Cell", "table", SMALL_FIVE, before=1.5, after=1.5)
    picture = _added(document, "Picture", "table", SMALL_FIVE, before=6)
    picture.paragraph_format.keep_with_next = True
    strong = document.styles["Strong"]
    strong.font.bold = False
    _faces(strong, "heading")
    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), "zh-CN" if chinese else "en-GB")
        element.set(qn("w:eastAsia"), "zh-CN")
    _fallbacks(document)


def _added(document: Any, name: str, face: str, size: float, **spacing: Any) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    return _style(document, name, face, size, **spacing)


def _style(
    document: Any,
    name: str,
    face: str,
    size: float,
    *,
    align: Any = None,
    before: float = 0,
    after: float = 0,
    line: float | None = None,
) -> Any:
    style = document.styles[name]
    style.font.size, style.font.bold, style.font.italic = Pt(size), False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _faces(style, face)
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    if align is not None:
        form.alignment = align
    if line is not None:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    else:
        form.line_spacing = 1.0
    return style


def _faces(style: Any, face: str) -> None:
    chinese, latin = FACES[face]
    style.font.name = latin
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), chinese)
    fonts.set(qn("w:hint"), "eastAsia")


def _fallbacks(document: Any) -> None:
    """The table of fonts: other names under which a face may be installed."""
    parts = document.part.package.iter_parts()
    part = next(part for part in parts if part.partname.endswith("fontTable.xml"))
    root = parse_xml(part.blob)
    for name, others in STAND_INS.items():
        font = OxmlElement("w:font")
        font.set(qn("w:name"), name)
        for tag, value in (
            ("altName", others), ("charset", "86"), ("family", "auto"), ("pitch", "variable"),
        ):  # fmt: skip
            child = OxmlElement(f"w:{tag}")
            child.set(qn("w:val"), value)
            font.append(child)
        root.append(font)
    part._blob = serialize_part_xml(root)


def set_page_numbers(document: Any) -> None:
    """— 1 — in size four, outer edge: right on odd pages, left on even ones (section 7.5)."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        side = "right_indent" if align == RIGHT else "left_indent"
        setattr(paragraph.paragraph_format, side, Pt(FOUR))
        _run(paragraph, "— ")
        _field(paragraph, "PAGE", _run(paragraph, "1"))
        _run(paragraph, " —")


def _run(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(FOUR)
    run.font.name = "SimSun"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    return run


def _field(paragraph: Any, instruction: str, run: Any) -> None:
    """Put a field around a run that shows its present value."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run._element.addprevious(field)
    field.append(run._element)


def caption(document: Any, label: str, text: str, *, before_table: bool = False) -> None:
    """A numbered caption; the number is a field, so that Word can list tables and figures."""
    paragraph = document.add_paragraph(style="Caption")
    paragraph.alignment = CENTRE
    paragraph.paragraph_format.keep_with_next = True
    name = label.rstrip("0123456789")
    paragraph.add_run(name)
    number = paragraph.add_run(label[len(name) :])
    _field(paragraph, f"SEQ {name.strip()} \\* ARABIC", number)
    paragraph.add_run(f"\u3000{text}")
    if not before_table:
        paragraph.paragraph_format.space_before = Pt(2)


def balance(title: Any, width_mm: float) -> None:
    """Lines of like length for a title of several lines (section 7.3.1)."""
    room = Mm(width_mm).pt
    width = text_width(title.text, TWO)
    lines = -(-width // room)
    if lines > 1:
        spare = max(room - width / lines - TWO, 0.0)
        title.paragraph_format.left_indent = title.paragraph_format.right_indent = Pt(spare / 2)


def describe(shape: Any, number: int, title: str, description: str) -> None:
    """The words of a picture for those who cannot see it."""
    properties = shape._inline.docPr
    properties.set("id", str(number))
    properties.set("name", f"chart-{number}")
    properties.set("title", title)
    properties.set("descr", f"{title}. {description}")


def _remove(element: Any, name: str) -> None:
    for found in element.iter(qn(name)):
        found.getparent().remove(found)
        return


def without_clock(data: bytes) -> bytes:
    """The same archive with every entry dated 1 January 1980, so that it does not change."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(entry))
    return stream.getvalue()
