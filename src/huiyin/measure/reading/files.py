"""Survey files of every usual kind as Ibis tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.labelling import Labels, attach
from huiyin.measure.reading.paths import (
    DELIMITED,
    PARQUET,
    STATISTICAL,
    WORKBOOKS,
    find_files,
)
from huiyin.measure.reading.strings import Wanted
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.reading.tables import register
from huiyin.measure.reading.text import as_number, as_text

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend


def read(
    path: str | Path,
    backend: BaseBackend | None = None,
    sheet: str | int | None = None,
    columns: Sequence[str] | None = None,
    text: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> ibis.Table:
    """A survey file as an Ibis table.

    * CSV (``.csv``, ``.tsv``, ``.txt``): UTF-8 with or without byte order mark, UTF-16, GB18030
      (GBK); separated by ``,`` ``;`` tab or ``|``; decimal point or comma. Above 64 MB it stays
      on disk on DuckDB; Spark gets it through this process.
    * Parquet (``.parquet``, ``.pq``): a file, a folder or a glob is one table and stays on disk.
    * Excel (``.xlsx``, ``.xlsm``): cached values of one sheet.
    * SPSS (``.sav``, ``.zsav``) and Stata (``.dta``): with their labels, see :func:`labels`;
      codes that the file declares missing are null.

    In CSV and Excel a column of codes stays text (``010``, or all digits of one length of six
    or more), see :mod:`huiyin.measure.reading.kinds`. NaN is null; infinite values are kept, for
    the checks that follow to name them.

    Args:
        path: a file; for Parquet also a folder or a glob.
        backend: where to compute; None = a new DuckDB in this process.
        sheet: of a workbook, by name or by position from 0; None = the first visible one that
            holds anything.
        columns: the columns to read, in this order; None = all.
        text: columns to read as text, whatever they hold.
        numbers: columns that must be numbers, though they look like codes.

    Raises:
        MeasureError: with the file and, where there is one, the line, row, cell or column:
            ``missing-file``, ``unsupported-suffix``, ``several-files``, ``empty-file``,
            ``no-header``, ``duplicate-columns``, ``ragged-row``, ``broken-csv``, ``not-text``,
            ``mixed-encodings``, ``unknown-encoding``, ``unreadable-file``,
            ``password-protected``, ``differing-schemas``, ``unknown-sheet``, ``merged-cells``,
            ``error-cell``, ``uncalculated-formula``, ``unknown-column``, ``not-a-number``.
    """
    files = find_files(path)
    chosen = None if columns is None else tuple(dict.fromkeys(columns))
    wanted = Wanted(chosen, tuple(text), tuple(numbers), sheet)
    backend = connect() if backend is None else backend
    try:
        return _read(files, backend, wanted)
    except MeasureError as wrong:
        named = wrong.place.startswith(Path(path).name)
        raise (wrong if named else wrong.at(Path(path).name)) from wrong.__cause__
    except OSError as wrong:
        raise _no_access(wrong).at(Path(path).name) from wrong


def read_labels(path: str | Path) -> Labels:
    """The labels of an SPSS or Stata file; none for other files."""
    from huiyin.measure.reading import statistical

    file = find_files(path)[0]
    if file.suffix.lower() not in STATISTICAL:
        return Labels()
    try:
        return statistical.read_statistical(file)[1]
    except MeasureError as wrong:
        raise wrong.at(file.name) from wrong.__cause__


def _read(files: list[Path], backend: BaseBackend, wanted: Wanted) -> ibis.Table:
    file = files[0]
    suffix = file.suffix.lower()
    if suffix in DELIMITED:
        from huiyin.measure.reading.delimited import read_delimited

        return read_delimited(file, backend, wanted)
    if suffix in WORKBOOKS:
        from huiyin.measure.reading.excel import read_excel

        return register(read_excel(file, wanted), backend)
    if suffix in PARQUET:
        from huiyin.measure.reading.parquet import read_parquet

        return _as_wanted(read_parquet(files, backend), wanted)
    return _read_statistical(file, backend, wanted)


def _read_statistical(file: Path, backend: BaseBackend, wanted: Wanted) -> ibis.Table:
    from huiyin.measure.reading.arrow import to_arrow
    from huiyin.measure.reading.statistical import read_statistical

    values, labels = read_statistical(file)
    table = register(to_arrow(values), backend)
    attach(table, labels)
    return _as_wanted(table, wanted)


def _as_wanted(table: ibis.Table, wanted: Wanted) -> ibis.Table:
    """Columns chosen and cast, for files that know their types."""
    for name in (*(wanted.columns or ()), *wanted.text, *wanted.numbers):
        if name not in table.columns:
            raise unknown_column(name, table.columns)
    if wanted.columns is not None:
        table = table.select(*wanted.columns)
    kept = set(table.columns)
    cast = {name: as_text(table[name]) for name in wanted.text if name in kept}
    for name in wanted.numbers:
        if name in kept and table[name].type().is_string():
            cast[name] = _number(table, name)
    return table.mutate(**cast) if cast else table


def _number(table: ibis.Table, name: str) -> ibis.Value:
    value = as_number(table[name])
    wrong = table.filter(table[name].notnull() & value.isnull()).select(name).limit(1)
    found = wrong.to_pyarrow().column(0).to_pylist()
    if found:
        raise MeasureError(
            "not-a-number",
            f"{found[0]!r} is not a number; correct it, or leave the field empty",
            f"{found[0]!r} 不是数值，请更正或留空",
            place=f"column {name}",
        )
    return value


def _no_access(wrong: OSError) -> MeasureError:
    return MeasureError(
        "unreadable-file",
        f"the file cannot be opened ({wrong.strerror or wrong}); is it open elsewhere, and may you"
        " read it?",
        f"无法打开文件（{wrong.strerror or wrong}），请检查是否被其他程序占用、是否有读取权限",
    )
