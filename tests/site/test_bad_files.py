"""Files as they really come, handed in on the pages: each fault is told, and nothing is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from tests.organisation.account_cast import Cast, cast

from huiyin.audit.models import Event
from huiyin.organisation.models import Account, Unit
from huiyin.organisation.roles import Role
from huiyin.territory.models import Population

__all__ = ["cast"]
pytestmark = pytest.mark.django_db

#: Address, what it writes, the head, and a row that is good.
LISTS: dict[str, tuple[str, type[Model], list[str], list[Any]]] = {
    "units": (
        "organisation:import_units", Unit, ["区划代码", "单位名称", "单位类型", "启用日期"],
        ["439901000000", "云山县司法局", "司法行政机关", "2026-01-01"],
    ),
    "accounts": (
        "organisation:import_accounts", Account, ["登录名", "姓名", "单位", "角色"],
        ["zhang.wei", "张伟", "云山县平安办", ""],
    ),
    "populations": (
        "territory:import_populations", Population, ["区划代码", "年份", "类别", "人口数", "来源"],
        ["439901000000", 2020, "普查", 1200, "第七次全国人口普查"],
    ),
}  # fmt: skip


@pytest.fixture
def root(cast: Cast, settings: Any, tmp_path: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path
    cast.hold(cast.root, Role.OFFICE)
    client = Client()
    client.force_login(cast.root)
    return client


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    change(book.active)
    book.save(out)
    return out.getvalue()


def told(client: Client, kind: str, content: bytes, suffix: str = "xlsx") -> str:
    """What the page says, of the file or, in the preview, of its rows."""
    file = SimpleUploadedFile(f"名单.{suffix}", content)
    page = client.post(reverse(LISTS[kind][0]), {"file": file})
    if page.status_code == 302:
        page = client.get(page["Location"])
    assert page.status_code in (200, 413, 422)
    return str(page.content.decode())


def head(kind: str) -> list[str]:
    return LISTS[kind][2]


def row(kind: str) -> list[Any]:
    return list(LISTS[kind][3])


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b" " * 400_000_000)
    return out.getvalue()


def faulty(kind: str) -> list[tuple[bytes, str, str]]:
    """File, suffix, and what the page must say of it."""
    titles, good = head(kind), row(kind)
    longer = [*good[:-1], "x" * 3000]
    return [
        (workbook(titles, good, good, change=lambda sheet: sheet.merge_cells("B2:B3")), "xlsx",
         "B2:B3"),
        (workbook(titles, ["=1+1", *good[1:]]), "xlsx", "A2"),
        (workbook(titles[1:], good[1:]), "xlsx", titles[0]),
        (workbook(titles), "xlsx", "表头"),
        (workbook([*titles, titles[0]], [*good, good[0]]), "xlsx", titles[0]),
        (workbook(titles, [None, *good[1:]]), "xlsx", "第 2 行"),
        (workbook(titles, longer), "xlsx", "第 2 行"),
        (bomb(), "xlsx", "解压"),
        ((",".join(titles) + "\n").encode("gbk") + b"\x81\xff,1\n", "csv", "编码"),
        (b"%PDF-1.7\n", "xlsx", "xlsx"),
        (b"", "xlsx", "文件"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(11))
@pytest.mark.parametrize("kind", LISTS)
def test_a_faulty_file_is_told_by_its_place_and_nothing_is_written(
    root: Client, kind: str, number: int
) -> None:
    """Bad input: merged cells, formulas, missing, double and empty cells, zip bombs, no workbook"""
    content, suffix, said = faulty(kind)[number]
    model = LISTS[kind][1]
    before = model._default_manager.count()
    page = told(root, kind, content, suffix)
    assert said in page
    assert model._default_manager.count() == before
    assert not Event.objects.filter(act__contains="import").exists()


@pytest.mark.parametrize("kind", LISTS)
def test_a_file_in_the_encoding_of_excel_here_is_read(root: Client, kind: str) -> None:
    """Bad input: GBK must be read; full-width digits too"""
    lines = [head(kind), row(kind)]
    text = "\r\n".join(",".join(map(str, line)) for line in lines)
    wide = text.replace("439901000000", "４３９９０１００００００")
    page = told(root, kind, wide.encode("gbk"), "csv")
    assert "digest" in page
    assert row(kind)[1 if kind != "populations" else 4] in page or "云山县" in page


def test_a_code_that_stands_twice_a_day_as_text_and_an_unknown_superior_are_told(
    root: Client,
) -> None:
    """Bad input: duplicates, dates as text, a child without parent, each by row and column"""
    titles = [*head("units"), "上级单位"]
    good = [*row("units"), ""]
    other = ["439901000000", "云山县民政局", "部门", "去年", ""]
    alone = ["439901000000", "云山县教育局", "部门", date(2026, 1, 1), "没有的局"]
    page = told(root, "units", workbook(titles, good, good, other, alone))
    for said in ("第 3 行", "第 4 行", "D", "去年", "第 5 行", "没有的局"):
        assert said in page
    assert not Unit.objects.filter(name__startswith="云山县司法").exists()
