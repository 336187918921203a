"""Codes of areas against the file of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from huiyin.measure.run.results import Results

#: Codes named in a message at most.
LISTED = 5


def check_names(results: Results) -> None:
    """Warn of areas that the file of names does not know; they are printed by their code.

    Raises:
        MeasureError: ``leading-zeros``: codes meet names only if zeros at their beginning do not
            count, so one of the two files was read as numbers somewhere and has lost them.
    """
    assert results.full is not None  # the estimates are there
    table = results.full.arrow
    for level in results.survey.areas:
        names = results.names.get(level.name)
        if not names or level.names is None:
            continue
        here = pc.unique(table.filter(pc.equal(table["level"], level.name))["area"]).to_pylist()
        unknown = [area for area in here if area not in names]
        if not unknown:
            continue
        listed = ", ".join(unknown[:LISTED]) + (", …" if len(unknown) > LISTED else "")
        bare = {name.lstrip("0") for name in names}
        if any(area.lstrip("0") in bare for area in unknown):
            raise MeasureError(
                "leading-zeros",
                f"areas of the data that {level.names.name} has only with other leading zeros:"
                f" {listed}; write the codes as text, alike in both files",
                f"数据中的地区编码与 {level.names.name} 只差开头的零：{listed}；"
                "请把两个文件中的编码都存为文本并保持一致",
                place=f"area_names.{level.name}",
            )
        results.warn(
            f"{len(unknown)} areas of level {level.name} have no name in {level.names.name}"
            f" and are printed by their code: {listed}",
            f"{level.names.name} 中没有 {len(unknown)} 个地区的名称，按编码印出：{listed}",
        )
