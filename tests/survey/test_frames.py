"""Frames: segment tables, exchanges, lists, users of carriers, numbers never called (P-03)."""

from __future__ import annotations

import struct
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from tests.survey import frames_cast as cast

from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.furniture.exchange import Outcome, read
from huiyin.problems import Problem
from huiyin.survey import frame_actions as actions
from huiyin.survey import frame_queries as queries
from huiyin.survey import frame_reading as reading
from huiyin.survey import frame_rules as rules
from huiyin.survey.frame_imports import ExchangeImport, read_numbers
from huiyin.survey.models import DoNotCall, ListedNumber, Segment, SegmentImport
from huiyin.survey.numbers import unseal


def codes(checked: rules.Checked) -> list[tuple[int, str]]:
    return [(finding.row, finding.problem.code) for finding in checked.findings]


def line(row: int, prefix: str, **other: str) -> rules.Line:
    said = {"province": "江南", "city": "安和", "carrier": "移动", "kind": ""} | other
    return rules.Line(row, prefix, **said)


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("1380001", "mobile"), ("1990001", "mobile"), ("1400001", "data"), ("1440001", "data"),
        ("1450001", "data"), ("1470001", "data"), ("1480001", "data"), ("1490001", "data"),
        ("1620001", "virtual"), ("1650001", "virtual"), ("1670001", "virtual"),
        ("1700001", "virtual"), ("1710001", "virtual"), ("1720001", "mobile"),
        ("1349001", "special"), ("1348001", "mobile"), ("1740001", "special"),
    ],
)  # fmt: skip
def test_the_first_digits_tell_the_kind_of_a_segment(prefix: str, kind: str) -> None:
    assert rules.kind_of(prefix) == kind


def test_a_table_that_says_the_kind_itself_is_believed() -> None:
    checked = rules.check([line(2, "1470001", kind="手机"), line(3, "1380001", kind="物联网"),
                           line(4, "1320001", carrier="联通虚拟运营商"),
                           line(5, "1349001", carrier="移动虚拟运营商")])  # fmt: skip
    kinds = [segment.kind for segment in checked.segments]
    assert kinds == ["mobile", "data", "virtual", "special"]


def test_every_finding_of_a_table_is_told_at_once() -> None:
    checked = rules.check(
        [
            line(2, "1380001"), line(3, "138001"), line(4, "13800011"), line(5, "abc"),
            line(6, "1380001"), line(7, "1380002"), line(8, "1380002", carrier="联通"),
            line(9, "1990001", city="湘潭"), line(10, "1380003", carrier="铁通"),
            line(11, "1380004", kind="固话"), line(12, "1200001"),
        ],
        city="安和市",
    )  # fmt: skip
    assert codes(checked) == [
        (3, "segment-length"), (4, "segment-length"), (5, "segment-digits"), (6, "segment-twice"),
        (7, "segment-overlap"), (8, "segment-overlap"), (9, "segment-city"),
        (10, "segment-carrier"), (11, "segment-kind"), (12, "segment-digits"),
    ]  # fmt: skip
    assert [segment.prefix for segment in checked.segments] == ["1380001"]


def test_of_two_rows_that_contradict_each_other_none_is_taken() -> None:
    checked = rules.check([line(2, "1380001"), line(3, "1380001", city="湘潭")])
    assert checked.segments == []
    assert checked.counts() == {"taken": 0, "rejected": 2}


@given(st.lists(st.from_regex(r"1[3-9][0-9]{3,6}", fullmatch=True), max_size=30))
def test_every_row_is_taken_once_or_found_fault_with(prefixes: list[str]) -> None:
    checked = rules.check([line(row, prefix) for row, prefix in enumerate(prefixes)])
    taken = [segment.prefix for segment in checked.segments]
    assert len(set(taken)) == len(taken)
    assert len(taken) + len({finding.row for finding in checked.findings}) == len(prefixes)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("大理", "大理白族自治州", True), ("安和", "安和市", True), ("湘潭市", "湘潭", True),
     ("湘西", "湘潭市", False), ("", "安和市", False)],
)  # fmt: skip
def test_a_city_is_known_with_and_without_its_ending(one: str, other: str, same: bool) -> None:
    assert rules.same_city(one, other) is same


def test_a_table_of_365_days_is_fresh_and_of_366_is_old() -> None:
    groups = [rules.Group(carrier, "mobile", 1) for carrier in rules.CARRIERS]
    for days, expected in ((365, []), (366, [("old", "12")])):
        as_of = cast.TODAY - timedelta(days=days)
        assert rules.warnings(groups, as_of, cast.TODAY) == expected


def test_a_city_without_rows_and_a_carrier_without_segments_are_warned_of() -> None:
    assert rules.warnings([], cast.TODAY, cast.TODAY) == [("empty", "")]
    groups = [rules.Group("移动", "mobile", 3), rules.Group("联通", "data", 2)]
    assert rules.warnings(groups, cast.TODAY, cast.TODAY) == [("carrier", "联通"),
                                                              ("carrier", "电信")]  # fmt: skip


# files


def written(folder: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("号段", "省份", "城市", "运营商"), *rows):
        book.active.append(row)
    book.save(folder / "号段.xlsx")
    return folder / "号段.xlsx"


def test_a_table_is_read_from_excel_and_from_gbk_alike(tmp_path: Path) -> None:
    row = ("1380001", "江南", "安和", "中国移动")
    from_excel, _columns = reading.read_segments(
        written(tmp_path, (1380001, *row[1:]), ("１３８０００２", *row[1:])), "xlsx"
    )
    csv = tmp_path / "a.csv"
    csv.write_bytes("号段,省份,城市,运营商\n1380001,江南,安和,中国移动\n".encode("gbk"))
    from_csv, columns = reading.read_segments(csv, "csv")
    assert [each.prefix for each in from_excel] == ["1380001", "1380002"]
    assert from_csv[0][1:] == from_excel[0][1:]
    assert columns["prefix"] == "A “号段”"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("号段,城市\n1380001,安和\n", encoding="utf-8")
    with pytest.raises(Problem) as raised:
        reading.read_segments(csv, "csv")
    assert raised.value.code == "columns-missing"


def phone_file(folder: Path, cut: int = 0) -> Path:
    """A file as the package ``phone`` has it, with three segments."""
    places = ["江南|安和|999000|0999", "湖南|湘潭|411100|0731"]
    texts, offsets, at = b"", [], 8
    for place in places:
        offsets.append(at)
        texts += place.encode() + b"\0"
        at = 8 + len(texts)
    entries = [(1380001, offsets[0], 1), (1700001, offsets[0], 5), (1330001, offsets[1], 3)]
    index = b"".join(struct.pack("<iiB", *entry) for entry in entries)
    data = struct.pack("<4si", b"2312", 8 + len(texts)) + texts + index
    (folder / "phone.dat").write_bytes(data[: len(data) - cut])
    return folder / "phone.dat"


def test_the_file_of_the_package_phone_is_read(tmp_path: Path) -> None:
    version, lines = reading.read_phone_data(phone_file(tmp_path))
    checked = rules.check(lines)
    assert version == "2312"
    assert [tuple(segment) for segment in checked.segments] == [
        ("1380001", "江南", "安和", "移动", "mobile"),
        ("1700001", "江南", "安和", "联通", "virtual"),
        ("1330001", "湖南", "湘潭", "电信", "mobile"),
    ]


def test_a_damaged_file_of_the_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        reading.read_phone_data(phone_file(tmp_path, cut=1))
    assert raised.value.code == "phone-package-damaged"


def test_the_installed_package_has_its_segments_of_the_four_cities() -> None:
    try:
        file = reading.phone_package()
    except Problem:
        pytest.skip("the Python package “phone” is not installed")
    _version, lines = reading.read_phone_data(file)
    cities: dict[str, int] = {}
    for each in lines:
        cities[each.city] = cities.get(each.city, 0) + 1
    assert sum(cities.values()) == 499_527
    found = [cities[name] for name in ("湘潭", "大理", "曲靖", "邵阳")]
    assert found == [847, 748, 1_087, 1_455]


# in the database


@pytest.mark.django_db
def test_a_table_is_taken_whole_and_leaves_one_event() -> None:
    made = cast.table()
    assert Segment.objects.filter(table=made).count() == made.segments == 60
    event = Event.objects.get(act="survey.import_segments")
    assert event.after["taken"] == 60


@pytest.mark.django_db
def test_a_table_with_findings_is_taken_only_if_they_are_left_out() -> None:
    handed = SegmentImport.objects.create(file="a", name="a", origin="a", as_of=cast.TODAY)
    checked = rules.check([line(2, "1380001"), line(3, "138")])
    with pytest.raises(Problem) as raised:
        actions.take_segments(SYSTEM, handed, checked, leave_out=False)
    assert raised.value.code == "segments-rejected"
    assert not Segment.objects.exists()
    actions.take_segments(SYSTEM, handed, checked, leave_out=True)
    assert Segment.objects.count() == 1
    with pytest.raises(Problem) as again:
        actions.take_segments(SYSTEM, handed, checked, leave_out=True)
    assert again.value.code == "segments-done"


@pytest.mark.django_db
def test_the_newest_table_that_has_a_city_is_its_frame() -> None:
    city = cast.city()
    cast.table(as_of=date(2025, 6, 30))
    newest = cast.table(as_of=date(2026, 6, 30))
    cast.table([line(2, "1380001", city="湘潭")], as_of=date(2026, 9, 30))
    assert queries.latest_table(city) == newest
    groups = queries.groups_of(newest, city)
    assert [(g.carrier, g.kind, g.numbers) for g in groups] == [
        ("移动", "mobile", 300_000), ("联通", "mobile", 200_000), ("电信", "mobile", 100_000),
    ]  # fmt: skip


@pytest.mark.django_db
def test_65_8_wan_users_are_the_sum_of_three_carriers() -> None:
    """003-29: 电信 5.8 + 移动 36 + 联通 24 = 65.8 万."""
    city = cast.city()
    told = {"移动": 360_000, "联通": 240_000, "电信": 58_000, "广电": None}
    actions.record_users(SYSTEM, city, told, date(2012, 6, 30), "运营商上报")
    users = queries.users_of(city)
    assert users.total == 658_000
    assert [(name, round(share, 1)) for name, _count, share in users.rows] == [
        ("移动", 54.7), ("联通", 36.5), ("电信", 8.8),
    ]  # fmt: skip


def planned(folder: Path, *rows: tuple[object, ...]) -> list[Any]:
    path = written(folder)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("区号", "局号", "号码位数", "运营商", "区划代码"), *rows):
        book.active.append(row)
    book.save(path)
    sheet = ExchangeImport()
    found = read(sheet, path, "xlsx")
    changes = [*found.rejected, *sheet.plan(found.rows, SYSTEM)]
    sheet.apply([c for c in changes if c.outcome in (Outcome.ADDED, Outcome.CHANGED)], SYSTEM)
    return [(c.outcome.value, [p.code for p in c.problems]) for c in changes]


@pytest.mark.django_db
def test_exchanges_are_imported_and_those_that_share_numbers_refused(tmp_path: Path) -> None:
    city = cast.city()
    first = planned(tmp_path, ("0731", "845", 7, "电信", "991101"), ("0731", "84", 7, None, None),
                    ("0731", "845", 7, None, None), ("0731", "82001", 7, None, "990000"),
                    ("731", "822", 7, None, None), ("0731", "823", 7, None, "998877"))  # fmt: skip
    assert first[1:] == [
        ("added", []), ("rejected", ["exchange-overlap"]), ("rejected", ["exchange-twice"]),
        ("added", []), ("rejected", ["division-unknown"]),
    ]  # fmt: skip
    assert first[0] == ("rejected", ["cell-bad-code"])
    assert planned(tmp_path, ("0731", "845", 7, "电信", "991101"))[0][0] == "unchanged"
    assert planned(tmp_path, ("0731", "845", 7, "联通", "991101"))[0][0] == "changed"
    assert queries.numbers_of(queries.exchanges_of(city)) == 10_000


# numbers


def upload(text: str, name: str = "名单.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode("utf-8"))


@pytest.mark.django_db
def test_a_list_is_kept_encrypted_and_every_wrong_row_is_named() -> None:
    cast.city()
    entries = read_numbers(
        upload("号码,区划代码\n13812345678,991101\n138 1234 5678,\n1381234,\n13812345679,998877\n"
               "82345678,\n13912345678,\n"), "0731",
    )  # fmt: skip
    _good, bad = actions.sorted_out(entries)
    assert [(row, problem.code) for row, problem in bad] == [
        (3, "number-twice"), (4, "number-length"), (5, "division-unknown"),
    ]  # fmt: skip
    with pytest.raises(Problem) as raised:
        actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=False)
    assert raised.value.code == "numbers-rejected"
    made = actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=True)
    assert made.numbers == 3
    row = ListedNumber.objects.get(digest=cast.number().digest())
    assert b"1381234" not in bytes(row.number or b"")
    assert unseal(bytes(row.number or b""), bytes(row.digest)) == cast.number()
    assert row.region is not None
    assert row.region.code == "991101000000"


@pytest.mark.django_db
def test_no_event_and_no_file_holds_a_number_that_was_handed_in(settings: Any) -> None:
    cast.city()
    entries = read_numbers(upload("号码\n13812345678\n1381234567\n"))
    actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=True)
    actions.never_call(SYSTEM, cast.number("13912345678"), "本人要求")
    told = [f"{e.label} {e.before} {e.after}" for e in Event.objects.all()]
    assert not any("1381234" in each or "1391234" in each for each in told)
    kept = Path(settings.MEDIA_ROOT).rglob("*") if Path(settings.MEDIA_ROOT).exists() else ()
    assert not any(b"13812345678" in file.read_bytes() for file in kept if file.is_file())


@pytest.mark.django_db
def test_a_number_is_put_on_the_do_not_call_list_once_and_lifted() -> None:
    entry = actions.never_call(SYSTEM, cast.number(), "本人要求")
    with pytest.raises(Problem) as raised:
        actions.never_call(SYSTEM, cast.number("+86 138 1234 5678"), "又一次")
    assert raised.value.code == "called-never-already"
    actions.lift(SYSTEM, entry, cast.NOW)
    actions.never_call(SYSTEM, cast.number(), "再次要求")
    assert DoNotCall.objects.count() == 2


@pytest.mark.django_db
def test_a_file_for_the_do_not_call_list_adds_what_is_new() -> None:
    actions.never_call(SYSTEM, cast.number(), "本人要求")
    entries = read_numbers(upload("号码,原因\n13812345678,\n13912345678,投诉\n"))
    assert actions.never_call_all(SYSTEM, entries, "来信要求", leave_out=False) == (1, 1)
    assert DoNotCall.objects.order_by("-pk")[0].reason == "投诉"


@pytest.mark.django_db
def test_after_a_new_key_all_numbers_are_encrypted_anew(settings: Any) -> None:
    settings.NUMBERS_KEY = "old"
    entries = read_numbers(upload("号码\n13812345678\n13912345678\n"))
    actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=False)
    settings.NUMBERS_KEY = "new,old"
    assert actions.reseal(SYSTEM) == 2
    assert actions.reseal(SYSTEM) == 0
    settings.NUMBERS_KEY = "new"
    for row in ListedNumber.objects.all():
        assert unseal(bytes(row.number or b""), bytes(row.digest)).digest() == bytes(row.digest)


# by command


def command(*words: str) -> int:
    """Run ``huiyin survey …`` on the database of the test."""
    import argparse

    from huiyin.survey import frame_commands

    parser = argparse.ArgumentParser()
    frame_commands.add(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["survey", *words])
    status: int = parsed.run(parsed)
    return status


@pytest.mark.django_db
def test_a_command_previews_a_table_and_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("号段,省份,城市,运营商\n1380001,江南,安和,移动\n138,江南,安和,移动\n", "utf-8")
    told = ("segments", str(csv), "--name", "a", "--origin", "b", "--as-of", "2026-06-30")
    assert command(*told, "--preview") == 0
    out, err = capsys.readouterr()
    assert "taken: 1\nrejected: 1" in out
    assert "3 位" in err
    assert not Segment.objects.exists()
    with pytest.raises(Problem):
        command(*told)
    assert command(*told, "--leave-out") == 0
    assert Segment.objects.count() == 1


def test_a_command_says_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("segments", str(tmp_path / "none.csv")) == 2
    assert "no such file" in capsys.readouterr().err
    csv = tmp_path / "a.csv"
    csv.write_text("号段\n", "utf-8")
    assert command("segments", str(csv)) == 2
    assert "--origin" in capsys.readouterr().err
