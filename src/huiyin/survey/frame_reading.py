"""Segment tables from files: CSV, Excel, and the data file of the Python package ``phone``."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.furniture.exchange import Field, Where, text
from huiyin.furniture.exchange.delimited import read_delimited
from huiyin.furniture.exchange.header import find_head
from huiyin.furniture.exchange.parsing import narrow
from huiyin.furniture.exchange.places import letters
from huiyin.furniture.exchange.workbook import read_workbook
from huiyin.problems import NO_ROWS, PHONE_PACKAGE, PHONE_PACKAGE_DAMAGED
from huiyin.survey.frame_rules import Line

#: More rows than the country has segments.
MOST_ROWS = 600_000
CITY = pgettext_lazy("of a frame", "City")
COLUMNS = (
    Field("prefix", (_("Segment"), "号段", "号码段", "手机号段", "prefix"), required=True),
    Field("province", (_("Province"), "省份", "省", "province"), parse=text(40)),
    Field(
        "city",
        (pgettext_lazy("of a frame", "City"), "城市", "地市", "归属地", "市", "city"),
        required=True,
    ),
    Field("carrier", (_("Carrier"), "运营商", "卡类型", "isp", "carrier"), required=True),
    Field("kind", (_("Kind"), "类型", "类别", "号段类型", "type", "kind")),
)


def read_segments(path: Path, kind: str) -> tuple[list[Line], dict[str, str]]:
    """Read a table of segments.

    Args:
        kind: ``xlsx`` or ``csv``, as the content says.

    Returns:
        The rows, and the letter and title of each column, to name it in a finding.

    Raises:
        Problem: the file as a whole cannot be read; names sheet, row and column.
    """
    grids = read_workbook(path, MOST_ROWS) if kind == "xlsx" else read_delimited(path, MOST_ROWS)
    grid, head = find_head(grids, COLUMNS)
    titles = next(cells for number, cells in grid.rows if number == head.row)
    at = [head.columns.get(each.name, -1) for each in COLUMNS]
    lines = [
        Line(number, *(_cell(cells, each) for each in at))
        for number, cells in grid.filled()
        if number > head.row
    ]
    if not lines:
        raise NO_ROWS(place=str(Where(grid.sheet)))
    return lines, {name: f"{letters(i)} “{titles[i]}”" for name, i in head.columns.items()}


def _cell(cells: tuple[Any, ...], at: int) -> str:
    if at < 0 or at >= len(cells) or cells[at] is None:
        return ""
    cell = cells[at]
    return cell if isinstance(cell, str) and cell.isascii() else narrow(cell)


# the package phone (BSD licence), if it is installed

_HEAD, _ENTRY = struct.Struct("<4si"), struct.Struct("<iiB")
#: How the file numbers carriers; from 4 on, but for 7, virtual operators on their networks.
_CARRIERS = {1: "移动", 2: "联通", 3: "电信", 4: "电信虚拟运营商", 5: "联通虚拟运营商",
             6: "移动虚拟运营商", 7: "广电", 8: "广电虚拟运营商"}  # fmt: skip


def phone_package() -> Path:
    """The data file of the installed package.

    Raises:
        Problem: ``phone-package``: it is not installed.
    """
    found = find_spec("phone")
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (file := Path(folder, "phone.dat")).is_file():
            return file
    raise PHONE_PACKAGE()


def read_phone_data(path: Path) -> tuple[str, Iterator[Line]]:
    """Read the data file: its version (such as ``2312``), and its rows, numbered from 1.

    The file is a head (version, where the index begins), texts "province|city|post|area" that end
    with a zero byte, and the index: segment, where its text stands, carrier.

    Raises:
        Problem: ``phone-package-damaged``.
    """
    data = path.read_bytes()
    if len(data) < _HEAD.size:
        raise PHONE_PACKAGE_DAMAGED(byte=len(data))
    version, index = _HEAD.unpack_from(data)
    if not _HEAD.size <= index <= len(data) or (len(data) - index) % _ENTRY.size:
        raise PHONE_PACKAGE_DAMAGED(byte=index)
    return version.decode("ascii", "replace"), _phone_lines(data, index)


def _phone_lines(data: bytes, index: int) -> Iterator[Line]:
    known: dict[int, tuple[str, str]] = {}
    entries = _ENTRY.iter_unpack(data[index:])
    for row, (segment, where, carrier) in enumerate(entries, start=1):
        place = known.get(where) or known.setdefault(where, _place(data, where, index))
        yield Line(row, str(segment), *place, _CARRIERS.get(carrier, str(carrier)), "")


def _place(data: bytes, where: int, index: int) -> tuple[str, str]:
    end = data.find(b"\0", where, index)
    parts = data[where:end].decode("utf-8", "replace").split("|") if end > where > 0 else []
    if len(parts) < 2:
        raise PHONE_PACKAGE_DAMAGED(byte=where)
    return parts[0], parts[1]
