"""An official makes a questionnaire of the bank's, in a real browser and in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.site.browser import (  # noqa: F401  (fixtures)
    DESK,
    NEEDS_BROWSER,
    PHONE,
    Sight,
    Visit,
    browser,
    sign_in,
    visit,
)
from tests.site.people import office, somebody

from huiyin.organisation.roles import Role
from huiyin.survey.models import Version

pytestmark = NEEDS_BROWSER
SAFETY = "总的来说，您觉得您住的地方安全吗？是安全、比较安全、不太安全，还是不安全？"
AGE = "请问您今年满多少周岁？"


class Excel:
    """A questionnaire as its author has it open."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.book = openpyxl.load_workbook(file)
        self.sheet = self.book["survey"]
        self.titles = [cell.value for cell in self.sheet[1]]

    def cell(self, name: str, column: str) -> Any:
        names = [row[self.titles.index("name")].value for row in self.sheet.iter_rows()]
        return self.sheet.cell(names.index(name) + 1, self.titles.index(column) + 1)

    def save(self, name: str) -> Path:
        self.book.save(self.file.with_name(name))
        return self.file.with_name(name)


@pytest.fixture
def designer(visit: Visit) -> Sight:  # noqa: F811
    sight = visit()
    sign_in(sight, somebody(Role.DESIGNER, unit=office()))
    return sight


def take_from_bank(sight: Sight) -> str:
    """Make a questionnaire of the standard instrument; the address of its page."""
    sight.open("/survey/questionnaires/bank/")
    sight.page.click("text=用标准问卷生成")
    sight.page.fill("input[name=name]", "安和市平安问卷")
    sight.page.fill("input[name=region]", "安和市")
    sight.page.click("main form button[type=submit]")
    sight.page.wait_for_url("**/survey/questionnaires/*/")
    return str(sight.page.url).removeprefix(sight.address)


def download(sight: Sight, selector: str, file: Path) -> Path:
    with sight.page.expect_download() as started:
        sight.page.click(selector)
    started.value.save_as(file)
    return file


def hand_in(sight: Sight, questionnaire: str, file: Path, note: str = "") -> None:
    sight.open(f"{questionnaire}hand-in/")
    sight.page.set_input_files("input[type=file]", str(file))
    sight.page.fill("input[name=note]", note)
    sight.page.click("main form button[type=submit]")


def test_from_the_bank_through_excel_and_two_mistakes_to_a_walk(
    designer: Sight, tmp_path: Path
) -> None:
    """P-01, P-02: take the standard instrument, change two questions, mend two mistakes, try it."""
    page = designer.page
    own = take_from_bank(designer)
    excel = Excel(download(designer, "tbody a:has-text('Excel')", tmp_path / "问卷.xlsx"))

    excel.cell("safety", "label::中文 (zh)").value = SAFETY
    excel.cell("age", "label::中文 (zh)").value = AGE
    excel.cell("visits", "relevant").value = "${visitd} = 'yes'"
    excel.cell("law_problems", "relevant").value = "${law_contact} ＝ 'yes'"
    hand_in(designer, own, excel.save("有误.xlsx"))
    page.wait_for_url("**/checks/*/")
    findings = page.locator(".survey-findings tbody")
    assert findings.count() == 2
    assert "“＝”是全角符号" in findings.nth(0).inner_text()
    assert "请改为半角“=”" in findings.nth(0).inner_text()
    assert "没有题目“visitd”" in findings.nth(1).inner_text()
    assert "是否应为“visited”？" in findings.nth(1).inner_text()
    assert findings.nth(1).locator(".survey-wrong").inner_text().startswith("relevant")
    assert Version.objects.count() == 1

    copy = Excel(download(designer, "text=下载标注问题的 Excel", tmp_path / "标注.xlsx"))
    assert "没有题目“visitd”" in copy.cell("visits", "检查结果").value
    copy.cell("visits", "relevant").value = "${visited} = 'yes'"
    copy.cell("law_problems", "relevant").value = "${law_contact} = 'yes'"
    hand_in(designer, own, copy.save("改好.xlsx"), "安全感换了问法")
    page.wait_for_url("**/versions/*/")
    assert SAFETY in page.inner_text("#q-safety")

    page.click("text=试填 >> nth=0")
    page.fill("input[name=seed]", "7")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".survey-asked")
    walk(page)
    assert "按这些回答，访问完整，没有问题。" in page.inner_text("main")
    assert SAFETY[:20] in page.inner_text("main")


def walk(page: Any) -> None:
    """Answer as a resident of 35 on a mobile phone, to the end."""
    for _step in range(80):
        if not page.locator("button[value=answer]").count():
            return
        asked = page.locator(".survey-asked")
        assert not asked.locator("[role=alert]").count(), asked.inner_text()
        if asked.locator("input[type=radio]").count():
            label = asked.inner_text()
            asked.locator("input[type=radio]").nth(2 if "连续居住" in label else 0).check()
        elif asked.locator("input[type=checkbox]").count():
            asked.locator("input[type=checkbox]").first.check()
        elif asked.locator("input[type=text]").count():
            asked.locator("input[type=text]").fill("35" if "/age" in asked.inner_text() else "1")
        page.click("button[value=answer]")
        page.wait_for_load_state()
    raise AssertionError("the walk did not come to its end")


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_page_of_questionnaires_fits_is_legible_and_named(
    designer: Sight,
    visit: Visit,  # noqa: F811
    width: int,
) -> None:
    """P-33; WCAG 2.2 AA."""
    own = take_from_bank(designer)
    version = f"/survey/questionnaires/versions/{Version.objects.get().pk}/"
    designer.page.set_viewport_size({"width": width, "height": 900})
    for path in (
        "/survey/", "/survey/questionnaires/", "/survey/questionnaires/bank/",
        "/survey/questionnaires/bank/take/", "/survey/questionnaires/add/", own,
        f"{own}hand-in/", f"{own}copy/", f"{own}rename/", f"{own}compare/",
        version, f"{version}?language=en&width=phone", f"{version}paper/", f"{version}walk/",
    ):  # fmt: skip
        designer.open(path)
        assert (path, designer.faults()) == (path, {})
    designer.page.click("main form button[type=submit]")
    assert designer.faults() == {}


def test_on_paper_there_are_questions_and_skips_and_no_buttons(designer: Sight) -> None:
    take_from_bank(designer)
    designer.open(f"/survey/questionnaires/versions/{Version.objects.get().pk}/paper/")
    designer.page.emulate_media(media="print")
    assert not designer.page.locator(".actions").first.is_visible()
    assert designer.page.locator(".survey-paper .survey-skip").first.is_visible()
