"""CSV files: encoding, separator, header and column types found out and checked, then read.

Small files are read at once; a large UTF-8 file stays on disk and is read by DuckDB each time it is
used, so that memory does not grow with it.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.encoding import detect_encoding, transcode
from huiyin.measure.reading.kinds import NULL_TOKENS
from huiyin.measure.reading.strings import Strings, Wanted, check_header, literal, typed_select
from huiyin.measure.reading.tables import register

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend

SEPARATORS = (",", ";", "\t", "|")
HEAD = 1 << 16
#: Above this size (bytes) a file stays on disk.
LARGE = 1 << 26


@dataclass(frozen=True)
class Delimited:
    """A CSV file as it lies on disk in UTF-8, and how to read it."""

    path: Path
    separator: str
    names: tuple[str, ...]

    def strings(self) -> Strings:
        columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(self.names)))
        nulls = ", ".join(literal(token) for token in NULL_TOKENS)
        source = (
            f"read_csv({literal(str(self.path))}, columns = {{{columns}}},"
            f" delim = {literal(self.separator)}, quote = '\"', escape = '\"', header = true,"
            f" auto_detect = false, compression = 'none', nullstr = [{nulls}])"
        )
        return Strings(source, self.names, decimal_comma=self.separator == ";")


def read_delimited(path: Path, backend: BaseBackend, wanted: Wanted) -> ibis.Table:
    """A CSV file as a table; see :func:`huiyin.measure.reading.read`."""
    _refuse_empty(path)
    encoding = detect_encoding(path)
    lazy = backend.name == "duckdb" and path.stat().st_size > LARGE
    with _copies() as copies:
        source = path
        if not encoding.startswith("utf-8"):
            source = _new(copies)
            transcode(path, encoding, source)
        table = _read_or_mend(_look_at(source), copies, backend, wanted, lazy)
        if lazy and copies:
            weakref.finalize(table.op(), _remove, tuple(copies))
            copies.clear()
    return table


@contextlib.contextmanager
def _copies() -> Iterator[list[Path]]:
    """The UTF-8 copies made of a file; those still listed at the end are removed."""
    made: list[Path] = []
    try:
        yield made
    finally:
        _remove(tuple(made))


def _new(copies: list[Path]) -> Path:
    handle, name = tempfile.mkstemp(suffix=".csv", prefix="huiyin-")
    os.close(handle)
    copies.append(Path(name))
    return copies[-1]


def _remove(paths: tuple[Path, ...]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _refuse_empty(path: Path) -> None:
    with path.open("rb") as file:
        if not file.read(HEAD).strip(b"\xef\xbb\xbf \t\r\n,;"):
            raise MeasureError("empty-file", "the file is empty", "文件为空")


def _look_at(path: Path) -> Delimited:
    text, whole = _beginning(path)
    best = max(SEPARATORS, key=lambda separator: _fit(text, separator, whole))
    names = next(_records(text, best), [])
    cleaned = tuple(name.strip() for name in names)
    check_header(cleaned)
    return Delimited(path, best, cleaned)


def _beginning(path: Path) -> tuple[str, bool]:
    """The first 64 thousand characters, or as many as the header needs; whether that is all."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = more = file.read(HEAD)
        while len(more) == HEAD and text.count("\n") + text.count("\r") < 2:
            more = file.read(HEAD)
            text += more
    return text, len(more) < HEAD


def _fit(text: str, separator: str, whole: bool) -> tuple[float, int]:
    """How well a separator explains the first rows: share as long as the header, its length."""
    rows = list(_records(text, separator))
    width = len(rows[0]) if rows else 0
    body = rows[1:] if whole else rows[1:-1]
    if width < 2:
        return (0.0, 0)
    agree = sum(len(row) == width for row in body) / len(body) if body else 1.0
    return (agree + 1e-6, width)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    with contextlib.suppress(csv.Error):
        for row in reader:
            if row:
                yield row


def _read_or_mend(
    file: Delimited, copies: list[Path], backend: BaseBackend, wanted: Wanted, lazy: bool
) -> ibis.Table:
    """Read the file, or a copy that Python's reader has put right.

    Python's reader names the line where a file is broken, mends mixed line ends, and drops the
    blank lines that DuckDB takes for rows of a file with one column.
    """
    import duckdb

    if len(file.names) > 1:
        with contextlib.suppress(duckdb.Error):
            return _read(file, backend, wanted, lazy)
    copy = _new(copies)
    _rewrite(file, copy)
    try:
        return _read(replace(file, path=copy), backend, wanted, lazy)
    except duckdb.Error as wrong:
        raise _broken(1, wrong) from wrong


def _read(file: Delimited, backend: BaseBackend, wanted: Wanted, lazy: bool) -> ibis.Table:
    import duckdb

    with duckdb.connect() as connection:
        select = typed_select(connection, file.strings(), wanted)
        if not lazy:
            return register(connection.sql(select).to_arrow_table(), backend)
    return _view(select, backend)


def _view(select: str, backend: Any) -> ibis.Table:
    from ibis.util import gen_name

    name = gen_name("huiyin")
    backend.con.execute(f"CREATE TEMP VIEW {name} AS {select}")
    return backend.table(name)


def _rewrite(file: Delimited, to: Path) -> None:
    with (
        file.path.open(encoding="utf-8-sig", newline="") as source,
        to.open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.reader(source, delimiter=file.separator, strict=True)
        writer = csv.writer(target, delimiter=file.separator, lineterminator="\n")
        try:
            for row in reader:
                if row:
                    writer.writerow(_checked(row, len(file.names), reader.line_num))
        except csv.Error as wrong:
            raise _broken(reader.line_num, wrong) from wrong


def _checked(row: list[str], width: int, line: int) -> list[str]:
    # DuckDB, too, lets a separator at the end of a row pass.
    if len(row) == width or (len(row) == width + 1 > 2 and not row[-1]):
        return row[:width]
    raise MeasureError(
        "ragged-row",
        f"{len(row)} fields where the header has {width}; a field that holds the separator must"
        ' be in "quotes"',
        f"该行有 {len(row)} 个字段，而表头有 {width} 个；含分隔符的内容须加英文双引号",
        place=f"line {line}",
    )


def _broken(line: int, wrong: Exception) -> MeasureError:
    return MeasureError(
        "broken-csv",
        f"the file cannot be read beyond this line ({wrong}); look for a quotation mark that is"
        " opened and not closed",
        f"从该行起无法读取（{wrong}），请检查是否有未闭合的引号",
        place=f"line {line}",
    )
