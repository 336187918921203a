"""From a path, a folder or a glob to the files it names."""

from __future__ import annotations

import difflib
import glob
from pathlib import Path

from huiyin.measure.errors import MeasureError

PARQUET = frozenset({".parquet", ".pq"})
DELIMITED = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
STATISTICAL = frozenset({".sav", ".zsav", ".dta"})
SUFFIXES = PARQUET | DELIMITED | WORKBOOKS | STATISTICAL


def find_files(path: str | Path) -> list[Path]:
    """The files that ``path`` names: one file, or the Parquet files of a folder or a glob.

    Raises:
        MeasureError: ``missing-file`` with the nearest names beside it; ``unsupported-suffix``;
            ``several-files`` when a glob matches more than one file that is not Parquet.
    """
    given = Path(path)
    if given.is_dir():
        files = _parquet_in(given)
        if not files:
            raise _nothing_in(given)
        return files
    if given.is_file():
        return [_supported(given)]
    matched = sorted(Path(name) for name in glob.glob(str(given), recursive=True))
    files = [file for name in matched for file in ([name] if name.is_file() else _parquet_in(name))]
    if not files:
        raise missing_file(given)
    if len(files) > 1 and not all(file.suffix.lower() in PARQUET for file in files):
        raise _several(files)
    return [_supported(file) for file in files]


def missing_file(path: Path) -> MeasureError:
    """The error for a file that is not there, with the nearest names that are."""
    folder = path.parent
    names = [other.name for other in folder.iterdir()] if folder.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    listed = ", ".join(repr(name) for name in near)
    where = "" if folder.is_dir() else f"; the folder {folder} does not exist"
    where_zh = "" if folder.is_dir() else f"；文件夹 {folder} 不存在"
    return MeasureError(
        "missing-file",
        f"there is no file {str(path)!r}" + (f"; beside it are {listed}" if near else where),
        f"找不到文件 {str(path)!r}" + (f"；相近的文件有 {listed}" if near else where_zh),
    )


def _parquet_in(folder: Path) -> list[Path]:
    """Parquet files below a folder; names that begin with _ or . are not data."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in PARQUET
        and file.is_file()
        and not any(part[0] in "_." for part in file.relative_to(folder).parts)
    )


def _supported(path: Path) -> Path:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return path
    out, out_zh = "", ""
    if suffix in (".xls", ".et", ".ods"):
        out, out_zh = "; save the workbook as .xlsx", "；请另存为 .xlsx"
    listed = " ".join(sorted(SUFFIXES))
    raise MeasureError(
        "unsupported-suffix",
        f"files ending in {suffix or 'nothing'!r} are not read{out}; known are {listed}",
        f"不支持扩展名 {suffix or '（无）'!r}{out_zh}；支持的有 {listed}",
        place=path.name,
    )


def _several(files: list[Path]) -> MeasureError:
    listed = ", ".join(file.name for file in files[:5])
    return MeasureError(
        "several-files",
        f"only Parquet files are taken many as one table; here are {listed}",
        f"只有 Parquet 文件可以多个合为一张表；此处匹配到 {listed}",
    )


def _nothing_in(folder: Path) -> MeasureError:
    return MeasureError(
        "missing-file",
        f"the folder {str(folder)!r} holds no Parquet file",
        f"文件夹 {str(folder)!r} 中没有 Parquet 文件",
    )
