"""Every format holds the same figures, and they equal the rounded input (P-31)."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn
from tests.measure.bulletin_fixture import bare, city, published_only

from huiyin.measure.bulletin import FORMATS, IndicatorInfo, Measurement, RoundInfo, write_bulletin
from huiyin.measure.bulletin import fonts as found_fonts
from huiyin.measure.bulletin import numbers as printed
from huiyin.measure.bulletin import write as writing
from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

CHINESE = re.compile(r"[\u3400-\u9fff]")
#: What must never be printed: a number that is none, or an object of the program.
NO_FIGURE = re.compile(r"\b(?:nan|none|inf|null|undefined)\b|<[A-Z]\w+ object", re.IGNORECASE)


class Page(HTMLParser):
    """Text, tables, elements and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.hidden += tag == "style"
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag == "style"
        if tag in ("td", "th") and self.cell is not None:
            self.tables[-1][-1].append("".join(self.cell))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)
        if self.cell is not None:
            self.cell.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zh")
    write_bulletin(city(), folder)
    return folder


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("en")
    write_bulletin(city("en"), folder)
    return folder


@pytest.fixture(scope="module")
def book(chinese: Path) -> Any:
    return openpyxl.load_workbook(chinese / "bulletin.xlsx")


@pytest.fixture(scope="module")
def chinese_words(chinese: Path) -> dict[str, str]:
    return everything(chinese)


@pytest.fixture(scope="module")
def english_words(english: Path) -> dict[str, str]:
    return everything(english)


@pytest.fixture(scope="module")
def page(chinese: Path) -> Page:
    return Page((chinese / "bulletin.html").read_text("utf-8"))


def docx_tables(folder: Path) -> list[list[list[str]]]:
    document = docx.Document(str(folder / "bulletin.docx"))
    cells = lambda row: ["".join(t.text or "" for t in cell.iter(qn("w:t")))  # noqa: E731
                         for cell in row.iter(qn("w:tc"))]  # fmt: skip
    return [[cells(row) for row in table._tbl.iter(qn("w:tr"))] for table in document.tables]


def pdf_text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def workbook_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xml")]
        parts = [archive.read(name).decode() for name in names]
    return "\n".join(text for part in parts for text in re.findall(">([^<>]+)<", part))


def everything(folder: Path) -> dict[str, str]:
    """The words a reader can see, format by format."""
    document = docx.Document(str(folder / "bulletin.docx"))
    return {
        "html": Page((folder / "bulletin.html").read_text("utf-8")).text,
        "docx": "".join(t.text or "" for t in document.element.iter(qn("w:t"))),
        "xlsx": workbook_text(folder / "bulletin.xlsx"),
        "pdf": pdf_text(folder / "bulletin.pdf"),
    }


def table_of(tables: list[list[list[str]]], heading: str, second: str) -> list[list[str]]:
    return next(t for t in tables if t[0][0] == heading and second in t[0])


def expected_counties() -> dict[str, list[str]]:
    """The table of counties, rounded here from the input tables."""
    given = city()
    names = given.area_names["county"]
    at = ("2024H2", "total", "county")
    key = lambda row: (row["round"], row["indicator"], row["level"])  # noqa: E731
    rows = {r["area"]: r for r in given.tables["estimates"].rows() if key(r) == at}
    moved = {r["area"]: r for r in given.tables["changes"].rows() if key(r) == at}
    words = {"up": "显著上升", "down": "显著下降", "not distinguishable": "无显著变化"}
    found = {}
    for code, row in rows.items():
        change = moved[code]
        found[names[code]] = [
            f"{row['n']:,}",
            printed.figure(row["estimate"]),
            printed.interval(row["ci_low"], row["ci_high"]),
            printed.figure(change["change"], signed=True),
            printed.interval(change["ci_low"], change["ci_high"], signed=True),
            words[change["verdict"]],
        ]
    return found


def test_the_page_prints_the_counties_as_rounded_from_the_input(page: Page) -> None:
    rows = table_of(page.tables, "县（市、区）", "样本量")[1:]
    assert {row[0]: row[1:] for row in rows} == expected_counties()
    figures = [float(row[2]) for row in rows]
    assert figures == sorted(figures, reverse=True)


def test_word_and_the_page_hold_the_same_tables(chinese: Path, page: Page) -> None:
    assert docx_tables(chinese) == page.tables


def test_the_pdf_holds_the_same_counties(chinese_words: dict[str, str]) -> None:
    text = re.sub(r"\s", "", chinese_words["pdf"])
    for name, cells in expected_counties().items():
        assert name + "".join(cells) in text


def test_the_workbook_holds_the_figures_unrounded_and_the_codes_as_text(book: Any) -> None:
    head, *rows = book["估计值"].iter_rows(values_only=True)
    at = {title: n for n, title in enumerate(head)}
    given = [r for r in city().tables["estimates"].rows() if r["published"]]
    shown = [row for row in rows if row[at["估计值"]] != printed.DASH]
    assert len(shown) == len(given)
    assert [row[at["估计值"]] for row in shown] == [row["estimate"] for row in given]
    assert [row[at["地区代码"]] for row in shown] == [row["area"] for row in given]


def test_the_workbook_withholds_what_the_bulletin_withholds(book: Any) -> None:
    head, *rows = book["估计值"].iter_rows(values_only=True)
    hidden = [row for row in rows if row[head.index("不公布原因")]]
    assert len(hidden) == len(city().suppressed)
    for row in hidden:
        assert row[head.index("不公布原因")] == "作答人数过少"
        assert {row[head.index(t)] for t in ("估计值", "标准误", "区间下限")} == {printed.DASH}
        assert isinstance(row[head.index("样本量")], int)
    head, *rows = book["小区域估计"].iter_rows(values_only=True)
    direct, model = head.index("直接估计"), head.index("模型估计")
    assert [isinstance(row[model], float) for row in rows if row[direct] == printed.DASH] == [
        True
    ] * 6


def test_every_sheet_can_be_read_by_a_person(book: Any) -> None:
    assert book.sheetnames == [
        "说明", "估计值", "变化", "名次", "小区域估计", "影响因素", "数据质量核查", "应答率",
        "加权诊断", "不予公布",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
    explained = {(row[0], row[1]) for row in book["说明"].iter_rows(min_row=7, values_only=True)}
    for sheet in book.worksheets[1:]:
        titles = [cell.value for cell in sheet[1]]
        assert all((title and CHINESE.search(title)) or title == "p值" for title in titles)
        assert {(sheet.title, title) for title in titles} <= explained
    assert book["估计值"]["I2"].number_format == "#,##0.00"
    assert book["估计值"].print_title_rows == "$1:$1"


def test_a_table_too_long_for_one_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huiyin.measure.bulletin import excel

    monkeypatch.setattr(excel, "SHEET_ROWS", 3)
    (path,) = write_bulletin(published_only(), tmp_path, ["xlsx"])
    book = openpyxl.load_workbook(path)
    parts = [book[name].max_row - 1 for name in book.sheetnames if name.startswith("估计值")]
    assert parts == [3, 3, 2]


def test_word_has_real_headings_repeated_heads_faces_and_descriptions(chinese: Path) -> None:
    document = docx.Document(str(chinese / "bulletin.docx"))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[0] == "一、要点"
    assert len(headings) == 13
    for table in document.tables:
        assert table._tbl.tr_lst[0].find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
    faces = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Heading 1", "Body Text")
    }
    assert faces == {"Title": "方正小标宋简体", "Heading 1": "黑体", "Body Text": "仿宋"}
    drawings = list(document.element.iter(qn("wp:docPr")))
    assert len(drawings) == 7
    assert all(drawing.get("descr") and drawing.get("title") for drawing in drawings)
    assert len({drawing.get("id") for drawing in drawings}) == 7
    section = document.sections[0]
    assert section.page_width.mm == pytest.approx(210, abs=0.1)
    assert section.left_margin.mm == pytest.approx(28, abs=0.1)
    assert 'w:instr="PAGE"' in section.footer._element.xml
    assert document.settings.odd_and_even_pages_header_footer
    captions = [p for p in document.paragraphs if p.style.name == "Caption"]
    assert len(captions) == 16 + 7
    assert all("SEQ " in p._element.xml for p in captions)


def test_word_names_other_faces_for_those_a_machine_may_lack(chinese: Path) -> None:
    with zipfile.ZipFile(chinese / "bulletin.docx") as archive:
        table = archive.read("word/fontTable.xml").decode()
    assert re.search('w:name="仿宋".*?w:altName w:val="仿宋_GB2312;', table)


def test_the_pdf_is_a4_tagged_and_carries_its_fonts(chinese: Path) -> None:
    reader = pypdf.PdfReader(chinese / "bulletin.pdf")
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "安澜市群众安全感满意度调查情况通报"
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile3" in descendant.get_object()["/FontDescriptor"]
    assert [item.title for item in reader.outline][:2] == ["一、要点", "二、安澜市总体结果"]  # type: ignore[union-attr]


def test_the_page_needs_no_other_file_and_no_script(page: Page) -> None:
    assert page.tags[0] == ("html", {"lang": "zh-Hans"})
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "data", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith("#"), (tag, value)


def test_the_page_can_be_heard(page: Page) -> None:
    captions = [tag for tag, _ in page.tags].count("caption")
    assert captions == len(page.tables)
    heads = [a for tag, a in page.tags if tag == "th"]
    assert all(a.get("scope") in ("col", "row", "rowgroup") for a in heads)
    drawings = [a for tag, a in page.tags if tag == "svg"]
    assert len(drawings) == 14  # each chart for the desk and for the phone
    names = {a["id"] for _, a in page.tags if a.get("id")}
    assert len(names) == sum(1 for _, a in page.tags if a.get("id"))
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert set((drawing["aria-labelledby"] or "").split()) <= names


def test_a_name_is_never_taken_for_markup(tmp_path: Path) -> None:
    names = {f"b{n}": f'<b onclick="x()">&{n}\\g<0>' for n in (1, 2, 3)}
    given = dataclasses.replace(published_only(), area_names={"borough": names})
    write_bulletin(given, tmp_path)
    found = Page((tmp_path / "bulletin.html").read_text("utf-8"))
    assert not any("onclick" in attributes for _, attributes in found.tags)
    assert '<b onclick="x()">&1' in found.text
    assert any('<b onclick="x()">&1' in row[0] for t in docx_tables(tmp_path) for row in t)
    assert '<bonclick="x()">&1' in re.sub(r"\s", "", pdf_text(tmp_path / "bulletin.pdf"))


def test_no_output_prints_a_number_that_is_none(
    chinese_words: dict[str, str], english_words: dict[str, str]
) -> None:
    for name, text in [*chinese_words.items(), *english_words.items()]:
        assert not NO_FIGURE.search(text), (name, NO_FIGURE.search(text))


def test_the_english_bulletin_has_no_chinese_but_names(
    english: Path, english_words: dict[str, str]
) -> None:
    given = city()
    names = [n for names in given.area_names.values() for n in names.values()]
    for name, text in english_words.items():
        plain = re.sub(r"\s", "", text)
        for known in sorted(names, key=len, reverse=True):
            plain = plain.replace(known, "")
        assert not CHINESE.search(plain), (name, CHINESE.findall(plain)[:20])
    assert '<html lang="en">' in (english / "bulletin.html").read_text("utf-8")


@pytest.mark.parametrize("made", [bare, published_only])
def test_what_is_missing_leaves_no_hole(made: Any, tmp_path: Path) -> None:
    write_bulletin(made(), tmp_path)
    for name, text in everything(tmp_path).items():
        assert not NO_FIGURE.search(text), name


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, chinese: Path) -> None:
    (again,) = write_bulletin(city(), tmp_path, ["xlsx"])
    assert again.read_bytes() == (chinese / again.name).read_bytes()
    first = write_bulletin(published_only(), tmp_path / "1")
    second = write_bulletin(published_only(), tmp_path / "2")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_files_are_dated_by_the_measurement_and_not_by_the_clock(chinese: Path, book: Any) -> None:
    document = docx.Document(str(chinese / "bulletin.docx"))
    assert str(document.core_properties.created)[:10] == "2025-01-10"
    assert str(book.properties.created)[:10] == "2025-01-10"
    for name in ("bulletin.docx", "bulletin.xlsx"):
        with zipfile.ZipFile(io.BytesIO((chinese / name).read_bytes())) as archive:
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_the_files_asked_for_are_returned_in_order(tmp_path: Path) -> None:
    written = write_bulletin(bare(), tmp_path / "new" / "folder", ["xlsx", "html", "xlsx"])
    assert [path.name for path in written] == ["bulletin.xlsx", "bulletin.html"]
    assert set(FORMATS) == {"html", "docx", "xlsx", "pdf"}


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="odt") as refused:
        write_bulletin(bare(), tmp_path / "out", ["html", "odt"])
    assert refused.value.code == "unknown-format"
    assert not (tmp_path / "out").exists()


def without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine as it comes: only what the typesetter brings."""
    monkeypatch.setattr(found_fonts, "families", lambda: frozenset({"Libertinus Serif"}))


def test_without_a_chinese_font_the_pdf_is_refused_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_fonts(monkeypatch)
    with pytest.raises(MeasureError, match="fonts-noto-cjk") as refused:
        write_bulletin(published_only(), tmp_path, ["pdf", "html", "docx", "xlsx"])
    assert refused.value.code == "no-chinese-font"
    assert "fonts-noto-cjk" in refused.value.message_zh
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".docx", ".xlsx"}
    text = "".join(p.text for p in docx.Document(str(tmp_path / "bulletin.docx")).paragraphs)
    assert "图未能绘出" in text


def test_without_a_chinese_font_an_english_pdf_is_still_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_fonts(monkeypatch)
    (path,) = write_bulletin(published_only("en"), tmp_path, ["pdf"])
    assert "Kingston" in pdf_text(path)
    assert writing.FORMATS == FORMATS


def test_the_packaged_font_comes_before_those_of_the_system() -> None:
    faces = found_fonts.faces("zh", {"SimSun", "Noto Serif CJK SC", "Noto Serif SC", "SimHei"})
    assert faces is not None
    assert faces.body == ("Noto Serif SC",)
    assert faces.heading == ("SimHei", "SimHei")
    official = found_fonts.faces("zh", {"FangSong", "SimSun"})
    assert official is not None
    assert official.body == ("FangSong", "SimSun")
    assert found_fonts.faces("zh", {"Libertinus Serif"}) is None


def test_extreme_figures_print_and_do_not_break_the_layout(tmp_path: Path) -> None:
    values = [1e25, -1e25, 0.0, float("inf"), float("-inf"), None, 1e-12]
    infos = [IndicatorInfo(f"i{n}", f"i{n}", "total") for n in range(len(values))]
    estimates = {
        "round": ["r"] * len(values), "indicator": [info.name for info in infos],
        "level": ["all"] * len(values), "area": ["all"] * len(values), "estimate": values,
        "se": [0.0] * len(values), "published": [True] * len(values),
    }  # fmt: skip
    extreme = Measurement(
        title="Extremes", rounds=[RoundInfo("r", 0)], indicators=infos, language="en",
        tables={"estimates": Tidy.of(estimates)},
    )  # fmt: skip
    write_bulletin(extreme, tmp_path)
    page = Page((tmp_path / "bulletin.html").read_text("utf-8"))
    cells = [row[1] for row in page.tables[0][1:]]
    big = "10,000,000,000,000,000,000,000,000"
    assert cells == [big, f"−{big}", "0", "—", "—", "—", "0"]
    for text in everything(tmp_path).values():
        assert not NO_FIGURE.search(text)
