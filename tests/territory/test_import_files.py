"""Division files as they come: many at once, any encoding, Excel, and what is wrong with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone
from tests.conftest import SHARED
from tests.territory import cast

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.audit.models import Event
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.territory import actions, queries
from huiyin.territory.models import DivisionImport, Region
from huiyin.territory.plans import Plan
from huiyin.territory.reading import Source, read_files

pytestmark = pytest.mark.django_db
DIVISIONS = SHARED / "data" / "cn-divisions"
ON = date(2023, 6, 30)
HUNAN = "代码,名称\n43,湖南省\n4305,邵阳市\n430582,邵东市\n430582101,牛马司镇\n"


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "区划.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def imported(*files: Path, actor: Actor = SYSTEM, leave_out: bool = False) -> Plan:
    rows = read_files([Source(file.name, file) for file in files])
    handed = DivisionImport.objects.create(files=[file.name for file in files], on=ON)
    return actions.write_files(actor, handed, rows, leave_out=leave_out, now=timezone.now())


def book(folder: Path, *lines: tuple[object, ...], merge: str = "") -> Path:
    made = openpyxl.Workbook()
    assert made.active is not None
    for line in lines:
        made.active.append(line)
    if merge:
        made.active.merge_cells(merge)
    file = folder / "区划.xlsx"
    made.save(file)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_file_is_read_in_every_encoding_that_excel_writes_here(
    tmp_path: Path, encoding: str
) -> None:
    imported(written(tmp_path, HUNAN, encoding))
    assert queries.full_name(queries.region_of("430582101")) == "湖南省邵阳市邵东市牛马司镇"


def test_an_excel_file_may_have_a_title_above_its_head_and_codes_as_numbers(tmp_path: Path) -> None:
    file = book(
        tmp_path,
        ("邵阳市行政区划代码表（2023年）",),
        ("序号", "区划代码", "区划名称", "城乡分类代码"),
        (1, 43, "湖南省", None),
        (2, 4305, "邵阳市", None),
        (3, 430582, "邵东市", None),
        (4, 430582101000.0, "牛马司镇", None),
        (5, "４３０５８２１０１２０１", "牛马司　村委会", 220),
        merge="A1:D1",
    )
    imported(file)
    village = queries.region_of("430582101201")
    assert (village.name, village.urban_rural) == ("牛马司 村委会", "220")


def test_the_files_of_a_register_are_taken_in_one_go_whatever_their_order() -> None:
    if not DIVISIONS.is_dir():
        pytest.skip("the division files beside the project are not here")
    names = ("areas", "provinces", "cities")
    made = imported(*(DIVISIONS / f"{name}.csv" for name in names))
    # 东莞, 中山 and 儋州 have no counties: the register repeats the city as its own county
    assert made.counts()["added"] == 31 + 342 + 2_978 - 3
    assert [twice.name for twice in made.duplicates] == ["东莞市", "中山市", "儋州市"]
    assert queries.full_name(queries.region_of("430582")) == "湖南省邵阳市邵东市"


def test_importing_the_same_register_again_changes_nothing() -> None:
    if not DIVISIONS.is_dir():
        pytest.skip("the division files beside the project are not here")
    files = [DIVISIONS / f"{name}.csv" for name in ("provinces", "cities")]
    imported(*files)
    again = imported(*files)
    assert (again.changes, again.unchanged) == (0, 31 + 342)


def test_an_import_leaves_one_event_with_its_counts(tmp_path: Path) -> None:
    imported(written(tmp_path, HUNAN))
    event = Event.objects.get(act="territory.import_divisions")
    assert event.after["added"] == 4
    assert event.label == "区划.csv"
    assert event.region == "430000000000"
    added_by = Region.objects.order_by().values_list("source_id", flat=True).distinct()
    assert list(map(str, added_by)) == [event.key]


@pytest.mark.parametrize(
    ("lines", "code", "row"),
    [
        ("430582999001,孤村\n", "division-without-parent", 6),
        ("430582101,另一个镇\n", "division-twice", 6),
        ("4305821,短码镇\n", "division-code", 6),
        ("4.30582E+11,丢码村\n", "cell-lost-digits", 6),
        ("430582102,\n", "division-name", 6),
        ("430582102,=A1\n", "division-name", 6),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_nothing_is_half_imported(
    tmp_path: Path, lines: str, code: str, row: int
) -> None:
    file = written(tmp_path, HUNAN + lines)
    with pytest.raises(Problem) as wrong:
        imported(file)
    assert wrong.value.code == "division-rejected"
    assert not Region.objects.exists()
    plan = actions.plan_files(read_files([Source(file.name, file)]), ON)
    rejected = plan.rejected[0]
    assert (rejected.problem.code, rejected.spot) == (code, (file.name, row))


def test_the_rest_is_imported_without_the_rows_that_cannot_be_taken_when_asked(
    tmp_path: Path,
) -> None:
    made = imported(written(tmp_path, HUNAN + "430599001001,孤村\n"), leave_out=True)
    assert (len(made.added), len(made.without_parent)) == (4, 1)


def test_merged_cells_below_the_head_are_refused_with_their_place(tmp_path: Path) -> None:
    file = book(tmp_path, ("代码", "名称"), ("43", "湖南省"), ("4305", "邵阳市"), merge="B2:B3")
    with pytest.raises(Problem, match="B2:B3"):
        imported(file)


def test_a_file_without_columns_for_code_and_name_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(Problem) as wrong:
        imported(written(tmp_path, "甲,乙\n43,湖南省\n"))
    assert wrong.value.code == "columns-missing"
    assert wrong.value.place.startswith("区划.csv")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2019-07-12", (2019, 7, 12)), ("2019年7月12日", (2019, 7, 12)), ("20190712", (2019, 7, 12))],
)
def test_dates_may_be_text(tmp_path: Path, text: str, day: tuple[int, int, int]) -> None:
    cast.store()
    line = f"代码,名称,原代码,生效日期\n430582,邵东市,430521,{text}\n"
    imported(written(tmp_path, line))
    assert queries.region_of("430582").valid_from == date(*day)


def test_a_date_that_is_none_names_its_row(tmp_path: Path) -> None:
    cast.store()
    file = written(tmp_path, "代码,名称,原代码,生效日期\n430582,邵东市,430521,去年夏天\n")
    plan = actions.plan_files(read_files([Source(file.name, file)]), ON)
    (rejected,) = plan.rejected
    assert (rejected.column, rejected.spot.row) == ("since", 2)
    assert "去年夏天" in rejected.problem.message


@pytest.mark.parametrize(("region", "allowed"), [("43", True), ("4305", True), ("4303", False)])
def test_an_office_imports_only_what_lies_in_its_region(
    tmp_path: Path, region: str, allowed: bool
) -> None:
    cast.store()
    office = Actor(1, "ban", held=(Held(Role.OFFICE, region=region),))
    file = written(tmp_path, "代码,名称\n430521103,新设镇\n")
    if allowed:
        assert len(imported(file, actor=office).added) == 1
        return
    with pytest.raises(Problem) as wrong:
        imported(file, actor=office)
    assert wrong.value.code == "division-outside"


def test_a_plan_that_is_no_longer_true_is_not_carried_out(tmp_path: Path) -> None:
    cast.store()
    file = written(tmp_path, "代码,名称\n430521103,新设镇\n")
    rows = read_files([Source(file.name, file)])
    handed = DivisionImport.objects.create(files=[file.name], on=ON, digest="of another plan")
    with pytest.raises(Problem) as wrong:
        actions.write_files(SYSTEM, handed, rows, leave_out=False, now=timezone.now())
    assert wrong.value.code == "division-meanwhile"
