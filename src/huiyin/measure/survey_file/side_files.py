"""The small files a survey file names: totals, names of areas, covariates, codes, counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_text, read
from huiyin.measure.survey_file.findings import Log
from huiyin.measure.survey_file.model import (
    CalibrationPlan,
    Level,
    Margin,
    Response,
    SmallArea,
    StatedImportance,
    Survey,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends import BaseBackend

#: Columns of a file of covariates that are not covariates.
NOT_COVARIATES = ("area", "name")


def read_totals(
    margin: Margin, plan: CalibrationPlan, backend: BaseBackend | None = None
) -> pa.Table:
    """The totals of a margin: the ``within`` columns, the margin's columns, ``total``.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; a column is missing; a total is no number.
    """
    columns = [*plan.within, *margin.columns, "total"]
    return read(margin.totals, backend, columns=columns, numbers=["total"]).to_pyarrow()


def read_area_names(level: Level, backend: BaseBackend | None = None) -> dict[str, str]:
    """Code → name of the areas of a level, in the order of the file; empty without a file.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; ``area`` or ``name`` is missing or empty
            somewhere; ``duplicate-area``.
    """
    if level.names is None:
        return {}
    table = read(level.names, backend, columns=["area", "name"])
    rows = table.select(area=as_text(table.area), name=as_text(table.name)).to_pyarrow().to_pylist()
    names: dict[str, str] = {}
    for at, row in enumerate(rows, start=1):
        if row["area"] is None or row["name"] is None:
            raise _empty(level.names, at)
        if row["area"] in names:
            raise _repeated(level.names, row["area"], at)
        names[row["area"]] = row["name"]
    return names


def read_covariates(plan: SmallArea, backend: BaseBackend | None = None) -> pa.Table:
    """The covariates: ``area`` as text, and a number column each; ``name`` is left out.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; there is no ``area`` or nothing beside it;
            a covariate is no number; ``duplicate-area``.
    """
    path = plan.covariates
    found = read(path, backend)
    covariates = [name for name in found.columns if name not in NOT_COVARIATES]
    table = read(path, backend, columns=["area", *covariates], numbers=covariates)
    if not covariates:
        raise MeasureError(
            "no-covariates",
            "beside area there is no covariate",
            "除 area 外没有任何协变量",
            place=path.name,
        )
    values = table.mutate(area=as_text(table.area)).to_pyarrow()
    seen: set[str | None] = set()
    for at, area in enumerate(values["area"].to_pylist(), start=1):
        if area is None:
            raise _empty(path, at)
        if area in seen:
            raise _repeated(path, area, at)
        seen.add(area)
    return values


def read_stated_codes(stated: StatedImportance, backend: BaseBackend | None = None) -> pa.Table:
    """Which code names which indicator: ``code`` and ``item``.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; a column is missing.
    """
    return read(stated.codes, backend, columns=["code", "item"]).to_pyarrow()


def read_counts(response: Response, backend: BaseBackend | None = None) -> pa.Table:
    """Final dispositions: ``disposition`` as text (2.10 is not 2.1), ``count``, maybe ``round``.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; a column is missing; a count is no number.
    """
    found = read(response.counts, backend)
    columns = ["disposition", "count", *(["round"] if "round" in found.columns else [])]
    text = [name for name in columns if name != "count"]
    return read(
        response.counts, backend, columns=columns, text=text, numbers=["count"]
    ).to_pyarrow()


def check_side_files(survey: Survey, log: Log) -> None:
    """Read every one of them once and note what is wrong."""
    backend = connect()
    for key, attempt in _readers(survey, backend).items():
        try:
            attempt()
        except MeasureError as wrong:
            log.caught(wrong, key)


def _readers(survey: Survey, backend: BaseBackend) -> dict[str, Callable[[], object]]:
    """Key of each file that is named → what reads it."""
    readers: dict[str, Callable[[], object]] = {}
    for each in survey.rounds:
        plan = each.calibration
        if plan is None:
            continue
        for at, margin in enumerate(plan.margins, start=1):
            key = f"{each.calibration_key}.margins[{at}].totals"
            readers[key] = partial(read_totals, margin, plan, backend)
    for level in survey.areas:
        readers[f"area_names.{level.name}"] = partial(read_area_names, level, backend)
    if survey.small_area is not None:
        readers["small_area.covariates"] = partial(read_covariates, survey.small_area, backend)
    if survey.drivers is not None and survey.drivers.stated is not None:
        stated = survey.drivers.stated
        readers["drivers.stated.codes"] = partial(read_stated_codes, stated, backend)
    if survey.response is not None:
        readers["response.counts"] = partial(read_counts, survey.response, backend)
    return readers


def _empty(path: Path, row: int) -> MeasureError:
    return MeasureError(
        "empty-field",
        "the area or its name is empty; fill it in or delete the row",
        "地区编码或名称为空，请补全或删除该行",
        place=f"{path.name}, row {row}",
    )


def _repeated(path: Path, area: str | None, row: int) -> MeasureError:
    return MeasureError(
        "duplicate-area",
        f"the area {area!r} is there twice; keep one row",
        f"地区 {area!r} 重复出现，请只保留一行",
        place=f"{path.name}, row {row}",
    )
