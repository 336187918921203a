"""SPSS (.sav, .zsav) and Stata (.dta) files with their labels and declared missing values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.labelling import Labels

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds after which a file that keeps its reader busy is given up as damaged.
PATIENCE = 1800
SPSS = (b"$FL2", b"$FL3")
STATA = (b"<sta", *(bytes([version]) for version in (104, 105, 108, 110, 111, 113, 114, 115)))


def read_statistical(path: Path) -> tuple[pa.Table, Labels]:
    """The values as an Arrow table, and the labels.

    Codes that the file declares missing are null. Both formats keep codes as floats, so a column
    of whole numbers becomes int64. An empty text is null.

    Raises:
        MeasureError: ``unreadable-file``, ``empty-file``.
    """
    import pyarrow as pa

    from huiyin.measure.reading.readstat import LABELS

    _check_signature(path)
    with tempfile.TemporaryDirectory(prefix="huiyin-") as folder:
        converted = Path(folder) / "values.arrow"
        _convert(path, converted)
        with pa.OSFile(str(converted)) as source:
            table = pa.ipc.open_file(source).read_all()
    labels = _labels(json.loads(table.schema.metadata[LABELS]))
    return table.replace_schema_metadata(None), labels


def _check_signature(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise MeasureError("empty-file", "the file is empty", "文件为空")
    if not head.startswith(STATA if path.suffix.lower() == ".dta" else SPSS):
        raise _unreadable("its first bytes are not those of the format")


def _convert(path: Path, to: Path) -> None:
    worker = "huiyin.measure.reading.readstat"
    command = [sys.executable, "-m", worker, str(path.resolve()), str(to)]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONIOENCODING": "utf-8",
    }
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as wrong:
        raise _unreadable(f"its reader did not end within {PATIENCE} seconds") from wrong
    if done.returncode < 0:
        raise _unreadable("its reader crashed")
    if done.returncode:
        reason = done.stdout or (done.stderr.splitlines() or [b""])[-1]
        raise _unreadable(reason.decode("utf-8", "replace"))


def _unreadable(reason: str) -> MeasureError:
    return MeasureError(
        "unreadable-file",
        f"not a readable SPSS or Stata file ({reason}); it may be damaged or of another kind",
        f"无法作为 SPSS 或 Stata 文件读取（{reason}），文件可能已损坏或格式不符",
    )


def _labels(described: dict[str, Any]) -> Labels:
    return Labels(
        described["variables"],
        {name: dict(pairs) for name, pairs in described["values"].items()},
        {
            name: tuple(tuple(span) if isinstance(span, list) else span for span in spans)
            for name, spans in described["missing"].items()
        },
    )
